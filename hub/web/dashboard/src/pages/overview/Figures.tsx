// The network in a few numbers.

import type { ReactNode } from "react";

import { usePage, usePart } from "../../data/context";
import { at, type Place } from "../../data/route";
import { rate, type Figure } from "../../model/format";
import { Link } from "../../parts/Link";
import { LiveNum, Num } from "../../parts/Numbers";
import { texts } from "../../texts";

const SEVERITIES = ["critical", "warning", "info"] as const;

/** Before the hub has told, and to whom it does not tell, nothing is known: that is not none. */
const whole = (n: number | undefined): Figure => ({ value: n === undefined ? "–" : n.toLocaleString(texts.locale), unit: "" });

/** The totals come each second: only what is another one is drawn again. */
export function Figures(): ReactNode {
  const { stats } = usePage().live;
  const waiting = usePart(stats, (told) => told === null);
  const { figures } = texts.overview;
  return (
    <dl className="overview-figures worded" aria-busy={waiting}>
      <Fact word={figures.in}>
        <LiveNum listen={stats.listen} read={() => rate(stats.get()?.inBps ?? null)} />
      </Fact>
      <Fact word={figures.out}>
        <LiveNum listen={stats.listen} read={() => rate(stats.get()?.outBps ?? null)} />
      </Fact>
      <Fact word={figures.alerts} title={texts.overview.alertsTitle} place={at("alerts")}>
        {SEVERITIES.map((severity) => (
          <Alerts key={severity} severity={severity} />
        ))}
        <NoAlerts />
      </Fact>
      <Fact word={figures.agents} title={texts.overview.agentsTitle}>
        <Agents />
      </Fact>
      <Fact word={figures.clients} title={texts.overview.clientsTitle}>
        <LiveNum listen={stats.listen} read={() => whole(stats.get()?.clients)} />
      </Fact>
    </dl>
  );
}

function Alerts({ severity }: { severity: (typeof SEVERITIES)[number] }): ReactNode {
  const n = usePart(usePage().live.stats, (told) => told?.alerts[severity] ?? 0);
  return n === 0 ? null : (
    <span className={`figure-part severity-word-${severity}`}>
      <span className="num">{n.toLocaleString(texts.locale)}</span> <span className="unit">{texts.severity[severity].toLowerCase()}</span>
    </span>
  );
}

function NoAlerts(): ReactNode {
  const total = usePart(usePage().live.stats, (told) => told?.alerts["total"]);
  return total ? null : <Num figure={whole(total)} />;
}

function Agents(): ReactNode {
  const { stats } = usePage().live;
  const agents = usePart(stats, (told) => told?.agents?.["total"]);
  const connected = usePart(stats, (told) => told?.agents?.["connected"]);
  if (agents === undefined || connected === undefined) return <Num figure={whole(undefined)} />;
  return (
    <>
      <span className={`num${connected < agents ? " figure-short" : ""}`}>{connected.toLocaleString(texts.locale)}</span>
      <span className="unit">{texts.overview.of(connected, agents)}</span>
    </>
  );
}

function Fact({ word, title, place, children }: { word: string; title?: string; place?: Place; children: ReactNode }): ReactNode {
  return (
    <div title={title}>
      <dt>{place === undefined ? word : <Link to={place}>{word}</Link>}</dt>
      <dd>{children}</dd>
    </div>
  );
}
