// What the hub refused or threw away, the most of the last hour first, and what to do about it.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { clock } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { texts } from "../../texts";

/** As `GET /api/v1/drops` answers. */
interface Drops {
  since: string;
  items: { kind: string; reason: string; lastHour: number; total: number }[];
}

const EVERY_MS = 15_000;

export function Health(): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<Drops>("/drops", { everyMs: EVERY_MS });
  const words = texts.health;
  return (
    <>
      <p className="dim">{words.lead}</p>
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <p className="part-empty">{words.none}</p>)}>
        {({ since, items }) => (
          <>
            <div className="plain-scroll">
              <table className="plain-table drops" data-testid="drops">
                <thead>
                  <tr>
                    <th>{words.columns.what}</th>
                    <th className="end">{words.columns.hour}</th>
                    <th className="end">{words.columns.total}</th>
                    <th>{words.columns.todo}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ kind, reason, lastHour, total }) => (
                    <tr key={`${kind} ${reason}`} className={lastHour === 0 ? "dim" : ""}>
                      <td>{wordOf(words.what, kind, reason)}</td>
                      <td className="end num">{lastHour.toLocaleString(texts.locale)}</td>
                      <td className="end num dim">{total.toLocaleString(texts.locale)}</td>
                      <td className="dim">{words.todo[`${kind} ${reason}`] ?? words.todo[kind] ?? ""}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <p className="panel-note">{words.since(clock(Date.parse(since), nowMs))}</p>
          </>
        )}
      </Answered>
    </>
  );
}

/** A reason that this page has no words for is told by its own name. */
function wordOf(words: Readonly<Record<string, string>>, kind: string, reason: string): string {
  const own = words[`${kind} ${reason}`];
  if (own !== undefined) return own;
  const general = words[kind] ?? kind;
  return reason === kind ? general : `${general}: ${reason}`;
}
