// The network in a few numbers.

import type { ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { at, type Place } from "../../data/route";
import { rate, type Figure } from "../../model/format";
import { Link } from "../../parts/Link";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";

const SEVERITIES = ["critical", "warning", "info"] as const;

export function Figures(): ReactNode {
  const stats = useObservable(usePage().live.stats);
  const { figures } = texts.overview;
  const whole = (n: number | undefined): Figure => ({ value: n === undefined ? "–" : n.toLocaleString(texts.locale), unit: "" });
  // Before the hub has told, and to whom it does not tell, nothing is known: that is not none.
  const agents = stats?.agents?.["total"];
  const connected = stats?.agents?.["connected"];
  return (
    <dl className="overview-figures worded" aria-busy={stats === null}>
      <Fact word={figures.in}>
        <Num figure={rate(stats?.inBps ?? null)} />
      </Fact>
      <Fact word={figures.out}>
        <Num figure={rate(stats?.outBps ?? null)} />
      </Fact>
      <Fact word={figures.alerts} title={texts.overview.alertsTitle} place={at("alerts")}>
        {SEVERITIES.map((severity) => {
          const n = stats?.alerts[severity] ?? 0;
          return n === 0 ? null : (
            <span key={severity} className={`figure-part severity-word-${severity}`}>
              <span className="num">{n.toLocaleString(texts.locale)}</span> <span className="unit">{texts.severity[severity].toLowerCase()}</span>
            </span>
          );
        })}
        {stats?.alerts["total"] ? null : <Num figure={whole(stats?.alerts["total"])} />}
      </Fact>
      <Fact word={figures.agents} title={texts.overview.agentsTitle}>
        {agents === undefined || connected === undefined ? (
          <Num figure={whole(undefined)} />
        ) : (
          <>
            <span className={`num${connected < agents ? " figure-short" : ""}`}>{connected.toLocaleString(texts.locale)}</span>
            <span className="unit">{texts.overview.of(connected, agents)}</span>
          </>
        )}
      </Fact>
      <Fact word={figures.clients} title={texts.overview.clientsTitle}>
        <Num figure={whole(stats?.clients)} />
      </Fact>
    </dl>
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
