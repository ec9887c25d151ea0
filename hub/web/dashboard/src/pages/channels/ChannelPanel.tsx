// One channel beside the list, or a new one: written, tried, removed, and what was sent on it.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { bodyOf, draftOf, EMPTY_DRAFT, healthTone, type Channel } from "../../model/channels";
import { clock, closed, instant, sentence, utc } from "../../model/format";
import { Based } from "../../parts/Based";
import { Confirm } from "../../parts/Dialog";
import { Form, Trouble } from "../../parts/Form";
import { Glyph } from "../../parts/Glyph";
import { Section } from "../../parts/Page";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { ChannelFields, SAID } from "./ChannelFields";
import { NewestDeliveries } from "./Deliveries";

interface Outcome {
  readonly delivered: boolean;
  readonly outcome: string;
}

export function NewChannel(): ReactNode {
  return (
    <SidePanel page="channels" title={texts.channels.newHeading} testId="channel-panel">
      <Written channel={null} onSaved={({ id }) => go(at("channels", id), { replace: true })} />
    </SidePanel>
  );
}

export function ChannelPanel({ channel }: { channel: Channel }): ReactNode {
  const { live } = usePage();
  const [removing, setRemoving] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const test = useAction(async () => {
    setOutcome(await live.work<Outcome>(`/channels/${channel.id}/test`));
    live.queries.again("/channels");
  });
  const remove = useAction(async () => {
    await live.send("DELETE", `/channels/${channel.id}`);
    go(at("channels"), { replace: true });
  });
  return (
    <SidePanel page="channels" title={channel.name} testId="channel-panel">
      <div className="deeds">
        <button type="button" className="button small" disabled={test.busy} onClick={() => void test.run()} data-testid="channel-test">
          {test.busy ? texts.channels.testing : texts.channels.test}
        </button>
        <button type="button" className="button small danger" onClick={() => setRemoving(true)}>
          {texts.form.remove}
        </button>
        <Trouble refusal={test.refusal} />
      </div>
      {outcome === null ? (
        <LastTry state={channel.state} />
      ) : (
        <p className="with-glyph channel-outcome" role="status" data-testid="channel-outcome">
          <Glyph status={outcome.delivered ? "online" : "offline"} />
          {sentence(texts.hubSays(outcome.outcome))}
        </p>
      )}
      <Based now={channel}>{(base, onSaved) => <Written channel={base} onSaved={onSaved} />}</Based>
      <Section heading={texts.channels.newest}>
        <NewestDeliveries channelId={channel.id} />
      </Section>
      {removing ? (
        <Confirm heading={texts.channels.removeHeading(channel.name)} word={texts.form.remove} action={remove} onClose={() => setRemoving(false)}>
          <p>{texts.channels.removeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

/** What became of the newest message, be it a test, while none is tried here. */
function LastTry({ state }: { state: Channel["state"] }): ReactNode {
  const lastMs = instant(state.lastAt);
  const nowMs = useNow();
  if (lastMs === null) return null;
  return (
    <p className="with-glyph channel-outcome" title={utc(lastMs)} data-testid="channel-last">
      <Glyph status={healthTone(state.health)} />
      {texts.channels.lastTry(clock(lastMs, nowMs), closed(texts.hubSays(state.lastOutcome ?? "")))}
    </p>
  );
}

/** `channel` null: it is a new one. */
function Written({ channel, onSaved }: { channel: Channel | null; onSaved: (channel: Channel) => void }): ReactNode {
  const { live } = usePage();
  const [draft, setDraft] = useState(channel === null ? EMPTY_DRAFT : draftOf(channel));
  const save = useAction(async () => {
    const body = bodyOf(draft, channel === null);
    onSaved(channel === null ? await live.send<Channel>("POST", "/channels", body) : await live.send<Channel>("PATCH", `/channels/${channel.id}`, { revision: channel.revision, ...body }));
  });
  return (
    <Form onSubmit={() => void save.run()} busy={save.busy} refusal={save.refusal} said={SAID} word={channel === null ? texts.channels.add : texts.form.save}>
      <ChannelFields draft={draft} channel={channel} refusal={save.refusal} onChange={setDraft} />
    </Form>
  );
}
