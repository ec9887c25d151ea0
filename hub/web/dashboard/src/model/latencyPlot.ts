// A device's latency as a chart: the median on the smoke of its rounds, losses under the axis. Pure.

import type { LatencyItem } from "@noctule/client";

import type { Loss, Mark, Plot } from "../parts/chart/model";
import { texts } from "../texts";
import { delay, percent } from "./format";
import { gapsOf } from "./gaps";
import { usualGapMs, withHoles, type LatencyColumns } from "./series";

/** Returns rounds that came live as rows: their quartiles are not told and are read a little later. */
export function liveRounds(items: readonly LatencyItem[]): LatencyColumns {
  const none = items.map(() => null);
  return {
    resolution: "raw",
    stepS: null,
    gaps: [],
    tsMs: items.map(({ timestamp }) => Date.parse(timestamp)),
    rttS: items.map(({ rttS }) => rttS),
    lossRatio: items.map(({ lossRatio }) => lossRatio),
    rttMinS: none,
    rttP25S: none,
    rttP75S: none,
    rttMaxS: none,
    source: items.map(({ source }) => source),
  };
}

export function latencyPlot(given: LatencyColumns, intervalMs: number, marks: readonly Mark[], log = false): Plot {
  const columns = withHoles(given, intervalMs);
  const words = texts.deviceChart;
  // Steps have no quartiles: their smoke is of one shade.
  const quartiles = columns.stepS === null;
  return {
    times: columns.tsMs,
    lines: [{ key: "rtt", label: columns.stepS === null ? words.median : words.mean, values: columns.rttS, tone: "trace" }],
    bands: [
      { key: "span", label: words.replies, low: columns.rttMinS, high: columns.rttMaxS, tone: "smoke-far", strength: 1 },
      ...(quartiles ? [{ key: "middle", label: words.middle, low: columns.rttP25S, high: columns.rttP75S, tone: "smoke-near", strength: 1 } as const] : []),
    ],
    readings: [{ key: "most", label: words.most, values: columns.rttMaxS, format: delay, unit: "s" }, { key: "loss", label: words.loss, values: columns.lossRatio, format: percent }],
    losses: lossesOf(columns),
    gaps: gapsOf(given.gaps),
    marks,
    format: delay,
    unit: "s",
    ...(log ? { log: true } : capOf(columns)),
  };
}

/** All medians but the highest hundredth, and all but the highest twentieth of the slowest replies, are in the picture. */
function capOf({ rttS, rttMaxS }: LatencyColumns): { cap?: number } {
  const cap = Math.max(quantile(rttS, 0.99), quantile(rttMaxS, 0.95));
  return cap > 0 ? { cap } : {};
}

function quantile(values: readonly (number | null)[], share: number): number {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.min(known.length - 1, Math.floor(known.length * share))] ?? 0;
}

/** Returns what was lost, each as wide as its round or step; rows without a loss are left out. */
export function lossesOf(columns: LatencyColumns): Loss[] {
  const widthMs = columns.stepS === null ? usualGapMs(columns.tsMs) : columns.stepS * 1000;
  const losses: Loss[] = [];
  columns.tsMs.forEach((ms, at) => {
    const ratio = columns.lossRatio[at] ?? null;
    if (ratio === null || ratio === 0) return;
    losses.push({ fromMs: ms, toMs: ms + widthMs, ratio });
  });
  return losses;
}
