// An interface's traffic, and its errors and discards, as charts. Pure.

import type { BandwidthItem } from "@noctule/client";

import type { Level, Line, Mark, Plot } from "../parts/chart/model";
import { texts } from "../texts";
import { amount, rate } from "./format";
import { gapsOf } from "./gaps";
import { withHoles, type BandwidthColumns } from "./series";

/** Words of quality that make a sample doubtful; the others say that there is none, or that it is good. */
const DOUBTFUL: ReadonlySet<string> = new Set(["ambiguous", "implausible", "clock", "wrap", "gap"]);

/** Returns polls that came live as rows; what they counted of errors is read a little later. */
export function livePolls(items: readonly BandwidthItem[]): BandwidthColumns {
  const none = items.map(() => null);
  const [inBps, outBps] = [items.map((item) => item.inBps), items.map((item) => item.outBps)];
  return {
    resolution: "raw",
    stepS: null,
    gaps: [],
    tsMs: items.map(({ timestamp }) => Date.parse(timestamp)),
    inBps,
    outBps,
    inMinBps: inBps,
    inMaxBps: inBps,
    outMinBps: outBps,
    outMaxBps: outBps,
    inErrors: none,
    outErrors: none,
    inDiscards: none,
    outDiscards: none,
    quality: items.map(({ quality }) => quality),
  };
}

export interface TrafficLevels {
  readonly speedBps: number | null;
  readonly inP95Bps: number | null;
  readonly outP95Bps: number | null;
  /** Of which month the percentiles are. */
  readonly month: string;
}

export function trafficPlot(given: BandwidthColumns, intervalMs: number, levels: TrafficLevels | null, marks: readonly Mark[]): Plot {
  const columns = withHoles(given, intervalMs);
  const words = texts.deviceChart;
  const hollow = hollowOf(columns);
  const shared = hollow.size === 0 ? {} : { hollow };
  const envelope = columns.stepS !== null;
  return {
    times: columns.tsMs,
    lines: [
      { key: "in", label: words.in, values: columns.inBps, tone: "in", filled: true, ...shared },
      { key: "out", label: words.out, values: columns.outBps, tone: "out", filled: true, mirrored: true, ...shared },
    ],
    bands: envelope
      ? [
          { key: "in-span", label: words.in, low: columns.inMinBps, high: columns.inMaxBps, tone: "in", strength: 0.28 },
          { key: "out-span", label: words.out, low: columns.outMinBps, high: columns.outMaxBps, tone: "out", strength: 0.28, mirrored: true },
        ]
      : [],
    levels: levels === null ? [] : levelsOf(levels),
    gaps: gapsOf(given.gaps),
    marks,
    format: rate,
    unit: "b/s",
    zero: true,
    idle: 1_000_000,
  };
}

function levelsOf({ speedBps, inP95Bps, outP95Bps, month }: TrafficLevels): Level[] {
  const words = texts.deviceChart;
  const levels: Level[] = [];
  const text = (bps: number): string => `${rate(bps).value} ${rate(bps).unit}`;
  if (inP95Bps !== null) levels.push({ value: inP95Bps, label: words.p95(text(inP95Bps), month), tone: "in", dashed: true });
  if (outP95Bps !== null) levels.push({ value: outP95Bps, label: words.p95(text(outP95Bps), month), tone: "out", dashed: true, mirrored: true });
  if (speedBps !== null && speedBps > 0) {
    const label = words.capacity(text(speedBps));
    levels.push({ value: speedBps, label, tone: "text-low" }, { value: speedBps, label, tone: "text-low", mirrored: true });
  }
  return levels;
}

/** Returns the places of samples whose value is told with doubt. */
export function hollowOf(columns: BandwidthColumns): Set<number> {
  const places = new Set<number>();
  // Of steps nearly each would be marked by a single doubtful poll; their envelope shows it.
  if (columns.stepS !== null) return places;
  columns.quality.forEach((words, at) => {
    if (words.some((word) => DOUBTFUL.has(word)) && (columns.inBps[at] ?? columns.outBps[at]) != null) places.add(at);
  });
  return places;
}

export function errorsPlot(given: BandwidthColumns, intervalMs: number): Plot {
  const columns = withHoles(given, intervalMs);
  const words = texts.deviceChart;
  const line = (key: string, label: string, values: Line["values"], tone: Line["tone"], mirrored: boolean): Line => ({ key, label, values, tone, mirrored, filled: true });
  return {
    times: columns.tsMs,
    lines: [
      line("in-errors", words.inErrors, columns.inErrors, "offline", false),
      line("in-discards", words.inDiscards, columns.inDiscards, "degraded", false),
      line("out-errors", words.outErrors, columns.outErrors, "offline", true),
      line("out-discards", words.outDiscards, columns.outDiscards, "degraded", true),
    ],
    gaps: gapsOf(given.gaps),
    format: amount,
    zero: true,
  };
}

/** Returns whether anything was counted as an error or discarded. */
export function hasFaults(columns: BandwidthColumns | null): boolean {
  if (columns === null) return false;
  return [columns.inErrors, columns.outErrors, columns.inDiscards, columns.outDiscards].some((column) => column.some((count) => (count ?? 0) > 0));
}
