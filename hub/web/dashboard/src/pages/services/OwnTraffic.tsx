// What a service carried: from a day to a year back.

import { useState, type ReactNode } from "react";

import { useSpan } from "../../data/span";
import { useQuery } from "../../data/useQuery";
import type { OwnPort, OwnService } from "../../model/own";
import { historyQuery, LENGTHS } from "../../model/span";
import { trafficPlot, type TrafficColumns } from "../../model/traffic";
import { Answered } from "../../parts/Answered";
import { TimeChart } from "../../parts/chart/TimeChart";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

const POINTS = 600;
const SHORTEST = "24h";
const LONGEST = "1y";
/** A day's history moves on with its live end. */
const EVERY_MS = 60_000;

export function OwnTraffic({ service }: { service: OwnService }): ReactNode {
  const ports = useQuery<{ items: OwnPort[] }>(service.interfaceId === null ? `/me/services/${service.id}/interfaces?limit=1000` : null);
  const [chosen, setChosen] = useState<number | null>(null);
  const heading = texts.portal.traffic(service.label);
  if (service.interfaceId !== null) return <Chart service={service} portId={null} />;
  if (ports.phase !== "ready") return <Section heading={heading}><Answered answer={ports}>{() => null}</Answered></Section>;
  return (
    <Answered answer={ports} empty={({ items }) => (items.length > 0 ? null : <Section heading={heading}><p className="dim">{texts.portal.noPorts}</p></Section>)}>
      {({ items }) => (
        <Chart service={service} portId={chosen ?? items[0]?.id ?? null}>
          <label className="port-choice">
            {texts.portal.port}
            <select className="find" value={chosen ?? items[0]?.id} onChange={(event) => setChosen(Number(event.target.value))}>
              {items.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </Chart>
      )}
    </Answered>
  );
}

function Chart({ service, portId, children }: { service: OwnService; portId: number | null; children?: ReactNode }): ReactNode {
  const span = useSpan(SHORTEST);
  const words = texts.portal;
  // To the minute, so that the question stays the same while the clock goes on.
  const [fromMs, toMs] = [Math.floor(span.span.fromMs / EVERY_MS) * EVERY_MS, Math.floor(span.span.toMs / EVERY_MS) * EVERY_MS];
  const port = portId === null ? "" : `&interfaceId=${portId}`;
  const answer = useQuery<TrafficColumns>(`/me/services/${service.id}/bandwidth?${historyQuery({ ...span.span, fromMs, toMs }, POINTS)}${port}`);
  const kept = useKept(answer.phase === "ready" ? answer.data : null);
  const lengths = LENGTHS.slice(LENGTHS.findIndex(([word]) => word === SHORTEST), LENGTHS.findIndex(([word]) => word === LONGEST) + 1);
  return (
    <Section
      heading={words.traffic(service.label)}
      tools={
        <span className="span-picker" role="group" aria-label={texts.chart.span}>
          {children}
          {lengths.map(([word]) => (
            <button key={word} type="button" className="span-choice" aria-pressed={span.word === word} onClick={() => span.choose(word)}>
              {word}
            </button>
          ))}
          {span.span.live ? null : (
            <button type="button" className="notice" onClick={span.reset}>
              {texts.chart.unzoom}
            </button>
          )}
        </span>
      }
    >
      {answer.phase === "failed" ? (
        <Answered answer={answer}>{() => null}</Answered>
      ) : (
        <TimeChart heading={words.ways} plot={trafficPlot(kept, service.committedBps, words.facts)} chosen={span} fileName={service.label} note={words.trafficNote} />
      )}
    </Section>
  );
}

/** Returns the newest answer, also while the next one is being read: the chart must not go blank each minute. */
function useKept(columns: TrafficColumns | null): TrafficColumns | null {
  const [kept, setKept] = useState(columns);
  if (columns !== null && columns !== kept) setKept(columns);
  return columns ?? kept;
}
