// Scales, ticks and smoke of the latency chart. Pure.

import { roundUp, runs, type Box, type Trail, type TrailPoint, type Window } from "./trail";

/** One round: the median, and the extremes where the hub keeps them. */
export interface Round extends TrailPoint {
  readonly lossRatio: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Range {
  readonly low: number;
  readonly high: number;
  /** Few and round, the ends included. */
  readonly ticks: readonly number[];
}

/** What the chart may show: the shortest that holds all there is, an hour at most. */
export const CHART_SPANS_MS: readonly number[] = [5 * 60_000, 15 * 60_000, 60 * 60_000];

export function chartSpanMs(rounds: readonly Round[], nowMs: number): number {
  const oldestMs = rounds[0]?.ms ?? nowMs;
  return CHART_SPANS_MS.find((span) => nowMs - oldestMs <= span) ?? CHART_SPANS_MS.at(-1) ?? 0;
}

/** Returns a scale of two or three round steps that holds nearly all values; null when there is none. */
export function niceRange(rounds: readonly Round[]): Range | null {
  const values = rounds.flatMap(({ value, low, high }) => [value, low, high]).filter((value): value is number => value !== null);
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  // One late answer must not flatten an hour: the highest hundredth may leave the picture.
  const least = values[0] ?? 0;
  const most = values[Math.min(values.length - 1, Math.floor(values.length * 0.99))] ?? least;
  const step = roundUp(Math.max(most - least, most * 0.2, 1e-6) / 2);
  const low = Math.floor(least / step) * step;
  const ticks = [low];
  while ((ticks.at(-1) ?? low) < most && ticks.length < 5) ticks.push((ticks.at(-1) ?? low) + step);
  if (ticks.length === 1) ticks.push(low + step);
  return { low, high: ticks.at(-1) ?? low + step, ticks };
}

/** Returns the usual time between rounds, which may have been set otherwise an hour ago; 0 when there are too few. */
export function usualGapMs(rounds: readonly Round[]): number {
  const gaps = rounds.slice(1).map((round, at) => round.ms - (rounds[at]?.ms ?? round.ms));
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 0;
}

/** Returns the area between the least and the greatest of each round, holes left open. */
export function smokePath(rounds: readonly Round[], window: Window, box: Box, gapMs: number): string {
  const clamp = (value: number | null): number | null =>
    value === null ? null : Math.min(window.high, Math.max(window.low, value));
  const lows: Trail = rounds.map(({ ms, low, high }) => ({ ms, value: high === null ? null : clamp(low) }));
  const highs: Trail = rounds.map(({ ms, low, high }) => ({ ms, value: low === null ? null : clamp(high) }));
  const bottoms = runs(lows, window, box, gapMs);
  return runs(highs, window, box, gapMs)
    .map((top, at) => {
      const bottom = [...(bottoms[at] ?? [])].reverse();
      if (top.length < 2) return "";
      return `M${[...top, ...bottom].map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`;
    })
    .join("");
}

/** Returns round times of day in the window, in the viewer's zone, with their place from 0 to 1; four or five. */
export function timeTicks(fromMs: number, toMs: number): { share: number; label: string }[] {
  const ticks: { share: number; label: string }[] = [];
  const stepMs = Math.max(60_000, Math.round((toMs - fromMs) / 4 / 60_000) * 60_000);
  for (let ms = Math.ceil(fromMs / stepMs) * stepMs; ms <= toMs; ms += stepMs) {
    const label = new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    ticks.push({ share: (ms - fromMs) / (toMs - fromMs), label });
  }
  return ticks;
}
