// A rule tried over what is stored, before anybody is woken by it: part by part, beside the rules that there are.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { span } from "../../model/format";
import { bodyOf, type Draft } from "../../model/ruleDraft";
import { together, totalOf, type TrialItem, type TrialPart } from "../../model/trial";
import { Trouble } from "../../parts/Form";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

const DAYS = [1, 7, 30, 90, 365] as const;
const SHOWN = 50;
/** A rule that has no name yet is tried all the same. */
const NAMELESS = "tried";

export function Trial({ draft }: { draft: Draft }): ReactNode {
  const { live } = usePage();
  const words = texts.rules.trial;
  const [days, setDays] = useState(7);
  const [result, setResult] = useState<TrialPart | null>(null);
  const stopped = useRef(false);
  useEffect(() => () => void (stopped.current = true), []);
  const run = useAction(async () => {
    stopped.current = false;
    setResult(null);
    const rule = { name: draft.name.trim() || NAMELESS, ...bodyOf(draft) };
    let all: TrialPart | null = null;
    do {
      const cursor: string | null = all?.nextCursor ?? null;
      all = together(all, await live.work<TrialPart>("/rules/test", { rule, days, ...(cursor === null ? {} : { cursor }) }));
      setResult(all);
    } while (all.nextCursor !== null && !stopped.current);
  });
  return (
    <Section heading={words.heading}>
      <p className="dim">{words.lead}</p>
      <div className="trial-run">
        <label>
          {words.days}{" "}
          <select className="find" value={days} disabled={run.busy} onChange={(event) => setDays(Number(event.target.value))}>
            {DAYS.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        {run.busy ? (
          <button type="button" className="button" onClick={() => (stopped.current = true)}>
            {words.stop}
          </button>
        ) : (
          <button type="button" className="button" onClick={() => void run.run()} data-testid="trial-run">
            {words.run}
          </button>
        )}
        {run.busy ? <progress aria-label={words.heading} {...(result === null ? {} : { value: result.done, max: Math.max(1, result.objects) })} /> : null}
        {run.busy && result !== null ? <span className="dim">{words.progress(result.done, result.objects)}</span> : null}
      </div>
      <Trouble refusal={run.refusal} />
      {result === null ? null : <Result result={result} over={!run.busy} />}
    </Section>
  );
}

function Result({ result, over }: { result: TrialPart; over: boolean }): ReactNode {
  const words = texts.rules.trial;
  const total = totalOf(result);
  const most = [...result.items].sort((a, b) => b.times - a.times || b.seconds - a.seconds);
  const rows = [{ rule: words.thisRule, ...total }, ...result.present];
  return (
    <div data-testid="trial-result">
      <p>
        {total.times === 0 ? words.none : words.result(total.times, total.objects)} <span className="dim">{words.resolution(result.resolution)}</span>
      </p>
      {over && result.nextCursor !== null ? <p className="dim">{words.stopped}</p> : null}
      <h3>{words.beside}</h3>
      {result.present.length === 0 ? <p className="dim">{words.noRivals}</p> : null}
      <Figures heads={[words.rival.rule, words.rival.times, words.rival.total, words.rival.objects]} rows={rows.map((row) => [row.rule, String(row.times), span(row.seconds * 1000), String(row.objects)])} />
      {most.length === 0 ? null : <Found items={most} />}
    </div>
  );
}

function Found({ items }: { items: readonly TrialItem[] }): ReactNode {
  const { columns } = texts.rules.trial;
  const nowMs = useNow();
  return (
    <>
      <Figures
        heads={[columns.about, columns.times, columns.total, columns.longest, columns.last]}
        rows={items.slice(0, SHOWN).map((item) => [
          item.deviceId === null ? item.title : <Link key="to" to={at("devices", item.deviceId)} className="link">{item.title}</Link>,
          item.times.toLocaleString(texts.locale),
          span(item.seconds * 1000),
          span(item.longestS * 1000),
          <Time key="last" ms={Date.parse(item.lastAt)} nowMs={nowMs} />,
        ])}
      />
      {items.length > SHOWN ? <p className="dim">{texts.table.shown(SHOWN, items.length)}</p> : null}
    </>
  );
}

function Figures({ heads, rows }: { heads: readonly string[]; rows: readonly (readonly ReactNode[])[] }): ReactNode {
  return (
    <div className="trial-scroll">
      <table className="trial-table">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, column) => (
                <td key={heads[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
