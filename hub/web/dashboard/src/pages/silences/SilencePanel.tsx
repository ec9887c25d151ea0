// One silence beside the list, or a new one: which alerts, from when until when, why, and what it would silence now.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go, useRoute } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { matchersOf, phaseOf, type Matchers, type Silence } from "../../model/silences";
import { localMs, localText, untilMs } from "../../model/until";
import { Based } from "../../parts/Based";
import { Confirm } from "../../parts/Dialog";
import { Form, TextArea, Trouble } from "../../parts/Form";
import { MomentField } from "../../parts/Moment";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { MatcherFields } from "./MatcherFields";
import { Preview } from "./Preview";

const SAID = ["matchers", "comment", "startsAt", "endsAt"];

export function NewSilence(): ReactNode {
  const { query } = useRoute();
  return (
    <SidePanel page="silences" title={texts.silences.newHeading} testId="silence-panel">
      <Written silence={null} matchers={matchersOf(query)} mayWrite onSaved={({ id }) => go(at("silences", id), { replace: true, query: {} })} />
    </SidePanel>
  );
}

export function SilencePanel({ silence }: { silence: Silence }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const [removing, setRemoving] = useState(false);
  const expire = useAction(() => live.send("POST", `/silences/${silence.id}/expire`));
  const remove = useAction(async () => {
    await live.send("DELETE", `/silences/${silence.id}`);
    go(at("silences"), { replace: true });
  });
  const mayWrite = MAY_OPERATE.has(live.role);
  return (
    <SidePanel page="silences" title={silence.comment} testId="silence-panel">
      {mayWrite ? (
        <div className="deeds">
          {phaseOf(silence, nowMs) === "active" ? (
            <button type="button" className="button small" disabled={expire.busy} onClick={() => void expire.run()} data-testid="silence-expire">
              {texts.silences.expire}
            </button>
          ) : null}
          <button type="button" className="button small danger" onClick={() => setRemoving(true)}>
            {texts.form.remove}
          </button>
          <Trouble refusal={expire.refusal} />
        </div>
      ) : null}
      <Based now={silence}>{(base, onSaved) => <Written silence={base} matchers={base.matchers} mayWrite={mayWrite} onSaved={onSaved} />}</Based>
      {removing ? (
        <Confirm heading={texts.silences.removeHeading} word={texts.form.remove} action={remove} onClose={() => setRemoving(false)}>
          <p>{texts.silences.removeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

/** `silence` null: it is a new one. */
function Written(props: { silence: Silence | null; matchers: Matchers; mayWrite: boolean; onSaved: (silence: Silence) => void }): ReactNode {
  const { silence, matchers: first, mayWrite, onSaved } = props;
  const { live } = usePage();
  const [matchers, setMatchers] = useState(first);
  const [comment, setComment] = useState(silence?.comment ?? "");
  const [starts, setStarts] = useState(silence === null ? "" : localText(Date.parse(silence.startsAt)));
  const [ends, setEnds] = useState(localText(silence === null ? untilMs("4h", Date.now()) : Date.parse(silence.endsAt)));
  const save = useAction(async () => {
    const iso = (text: string): string | undefined => {
      const ms = localMs(text);
      return ms === null ? undefined : new Date(ms).toISOString();
    };
    const times = { ...(iso(starts) === undefined ? {} : { startsAt: iso(starts) }), endsAt: iso(ends) };
    if (silence === null) onSaved(await live.send<Silence>("POST", "/silences", { matchers, comment, ...times }));
    else {
      // Fields know minutes only: what was not touched stays to the second.
      const kept = {
        ...(starts === localText(Date.parse(silence.startsAt)) ? {} : { startsAt: iso(starts) }),
        ...(ends === localText(Date.parse(silence.endsAt)) ? {} : { endsAt: iso(ends) }),
      };
      onSaved(await live.send<Silence>("PATCH", `/silences/${silence.id}`, { revision: silence.revision, matchers, comment, ...kept }));
    }
  });
  const words = texts.silences.fields;
  const fields = (
    <fieldset className="fields" disabled={!mayWrite}>
      <TextArea label={words.comment} note={words.commentNote} value={comment} rows={2} required field="comment" refusal={save.refusal} onChange={(event) => setComment(event.target.value)} data-testid="silence-comment" />
      <MomentField label={words.ends} value={ends} required field="endsAt" refusal={save.refusal} onChange={setEnds} testId="silence-ends" />
      <MomentField label={words.starts} note={silence === null ? words.startsNote : undefined} value={starts} words={[]} field="startsAt" refusal={save.refusal} onChange={setStarts} />
      <MatcherFields matchers={matchers} refusal={save.refusal} disabled={!mayWrite} onChange={setMatchers} />
      <Preview matchers={matchers} />
    </fieldset>
  );
  if (!mayWrite) return <div className="form">{fields}</div>;
  return (
    <Form onSubmit={() => void save.run()} busy={save.busy} refusal={save.refusal} said={SAID} word={silence === null ? texts.silences.add : texts.form.save}>
      {fields}
    </Form>
  );
}
