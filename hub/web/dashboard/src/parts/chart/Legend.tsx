// What a chart shows at the pointer, or at its newest sample: each line's value, and what happened there.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { dated } from "../../model/format";
import { texts } from "../../texts";
import { Num, Time } from "../Numbers";
import { tellsOf } from "./legendWords";
import type { Plot } from "./model";

/** Over more than this a time of day is not what one looks for. */
const CLOCK_MS = 2 * 86_400_000;

export function Legend({ plot, point, spanMs }: { plot: Plot; point: { index: number; ms: number } | null; spanMs: number }): ReactNode {
  const nowMs = useNow();
  const last = plot.times.length - 1;
  const place = point !== null && point.index <= last ? point.index : last;
  const ms = plot.times[place];
  const tells = point === null ? [] : tellsOf(plot, point.ms, spanMs);
  return (
    <div className="chart-legend">
      {plot.lines.map((line) => (
        <span key={line.key} className="chart-key">
          <span className={`chart-swatch tone-chart-${line.tone}`} aria-hidden="true" />
          {line.label}
          <span>
            <Num figure={plot.format(line.values[place] ?? null)} />
          </span>
          {line.hollow?.has(place) === true ? <span className="dim">({texts.chart.flagged})</span> : null}
        </span>
      ))}
      {(plot.readings ?? []).map((reading) => (
        <span key={reading.key} className="chart-key">
          {reading.label}
          <span>
            <Num figure={reading.format(reading.values[place] ?? null)} />
          </span>
        </span>
      ))}
      {ms === undefined ? null : (
        <span className="chart-at dim">
          {spanMs > CLOCK_MS ? dated(ms) : <Time ms={ms} nowMs={nowMs} seconds />}
        </span>
      )}
      {tells.map((text) => (
        <span key={text} className="chart-tell">
          {text}
        </span>
      ))}
    </div>
  );
}
