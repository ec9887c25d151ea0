// Channels on which alerts reach people, and what was sent on them.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { healthTone, targetOf, type Channel } from "../../model/channels";
import { clock, closed, instant, span } from "../../model/format";
import { SEVERITY_ORDER } from "../../model/firing";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Trouble } from "../../parts/Form";
import { Glyph } from "../../parts/Glyph";
import { Opened } from "../../parts/Opened";
import { Page, Tabs } from "../../parts/Page";
import { useSelectorWords } from "../../parts/selectorWords";
import { texts } from "../../texts";
import type { PageProps } from "../registry";
import { ChannelPanel, NewChannel } from "./ChannelPanel";
import { Deliveries } from "./Deliveries";
import "./channels.css";

const EVERY_MS = 10_000;

export default function ChannelsPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const answer = useQuery<{ items: Channel[] }>("/channels?limit=1000", { everyMs: EVERY_MS });
  const channels = answer.phase === "ready" ? answer.data.items : [];
  const flip = useAction((channel: Channel) => live.send("PATCH", `/channels/${channel.id}`, { revision: channel.revision, enabled: !channel.enabled }));
  const columns = useColumns(flip.busy ? null : (channel) => void flip.run(channel));
  const failing = channels.filter(({ state }) => state.health === "failing").map(({ name }) => name);
  const add = (): void => go(at("channels", null, "new"));
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.channels}
          answer={answer.phase === "ready" ? texts.channels.answer(failing, channels.length) : ""}
          testId="channels"
          flush
          tools={
            <button type="button" className="button small" onClick={add} data-testid="channel-add">
              {texts.channels.add}
            </button>
          }
        >
          <Tabs
            page="channels"
            id={null}
            part={part === "deliveries" ? part : null}
            tabs={[
              { part: null, word: texts.channels.tabs.channels },
              { part: "deliveries", word: texts.channels.tabs.deliveries },
            ]}
          />
          <Trouble refusal={flip.refusal} />
          {part === "deliveries" ? (
            <Deliveries channels={channels} />
          ) : (
            <Answered
              answer={answer}
              empty={({ items }) =>
                items.length > 0 ? null : (
                  <Blank heading={texts.channels.empty} lead={texts.channels.emptyLead}>
                    <button type="button" className="button primary" onClick={add}>
                      {texts.channels.add}
                    </button>
                  </Blank>
                )
              }
            >
              {({ items }) => <DataTable label={texts.rail.pages.channels} columns={columns} rows={items} keyOf={(channel) => channel.id} placeOf={(channel) => at("channels", channel.id)} openKey={id} testId="channel-table" />}
            </Answered>
          )}
        </Page>
      </div>
      <Opened page="channels" id={part === "deliveries" ? null : id} answer={answer}>
        {(channel) => <ChannelPanel key={channel.id} channel={channel} />}
      </Opened>
      {part === "new" ? <NewChannel /> : null}
    </div>
  );
}

/** `flip` null: channels cannot be switched now. */
function useColumns(flip: ((channel: Channel) => void) | null): readonly Column<Channel>[] {
  const nowMs = useNow();
  const wordsOf = useSelectorWords();
  const words = texts.channels;
  const heads = words.columns;
  return useMemo(
    () => [
      {
        key: "on",
        head: heads.enabled,
        narrow: "44px",
        width: "48px",
        cell: (channel) => <input type="checkbox" role="switch" className="switch" checked={channel.enabled} disabled={flip === null} aria-label={words.switch(channel.name)} onChange={() => flip?.(channel)} />,
        sort: (channel) => (channel.enabled ? 0 : 1),
      },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(110px, 0.8fr)", cell: (channel) => channel.name, sort: (channel) => channel.name },
      {
        key: "health",
        head: heads.health,
        narrow: "minmax(0, 1.2fr)",
        width: "minmax(170px, 1fr)",
        cell: ({ state }) => {
          const [failingMs, lastMs] = [instant(state.failingSince), instant(state.lastAt)];
          return (
            <span className="with-glyph" title={lastMs === null ? "" : words.lastTry(clock(lastMs, nowMs), closed(texts.hubSays(state.lastOutcome ?? "")))}>
              <Glyph status={healthTone(state.health)} />
              {[failingMs === null ? (words.health[state.health] ?? state.health) : words.failingSince(span(nowMs - failingMs)), state.queued > 0 ? words.queued(state.queued) : "", state.dead > 0 ? words.dead(state.dead) : ""]
                .filter((one) => one !== "")
                .join(", ")}
            </span>
          );
        },
        sort: ({ state }) => state.health,
      },
      { key: "kind", head: heads.kind, width: "80px", cell: (channel) => words.kinds[channel.kind], sort: (channel) => channel.kind },
      { key: "to", head: heads.to, width: "minmax(150px, 1.2fr)", cell: targetOf, sort: targetOf },
      { key: "severity", head: heads.severity, width: "140px", cell: (channel) => texts.alerts.filters.atLeast[channel.severity], sort: (channel) => SEVERITY_ORDER[channel.severity] },
      { key: "about", head: heads.about, width: "minmax(110px, 1fr)", cell: (channel) => wordsOf(channel) || <span className="dim">{words.everything}</span> },
    ],
    [nowMs, words, heads, wordsOf, flip === null],
  );
}
