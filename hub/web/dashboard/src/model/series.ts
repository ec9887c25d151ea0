// Measurement history as the hub answers it, as columns, and as it goes on live. Pure.

import type { LatencySource } from "@noctule/client";

export interface GapView {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly samples: number | null;
}

type Numbers = readonly (number | null)[];

/** `stepS` null: rows as they were measured; else each is of the step that begins at its time. */
export interface Columns {
  readonly resolution: "raw" | "5m" | "1h" | "1d";
  readonly stepS: number | null;
  readonly gaps: readonly GapView[];
  readonly tsMs: readonly number[];
}

export interface LatencyColumns extends Columns {
  readonly rttS: Numbers;
  readonly lossRatio: Numbers;
  readonly rttMinS: Numbers;
  readonly rttP25S: Numbers;
  readonly rttP75S: Numbers;
  readonly rttMaxS: Numbers;
  readonly source: readonly (LatencySource | null)[];
}

export interface BandwidthColumns extends Columns {
  readonly inBps: Numbers;
  readonly outBps: Numbers;
  readonly inMinBps: Numbers;
  readonly inMaxBps: Numbers;
  readonly outMinBps: Numbers;
  readonly outMaxBps: Numbers;
  readonly inErrors: Numbers;
  readonly outErrors: Numbers;
  readonly inDiscards: Numbers;
  readonly outDiscards: Numbers;
  readonly quality: readonly (readonly string[])[];
}

/** Holes are made of one more row without values; a table of them is never longer than this. */
const MOST_ROWS = 10_000;

/** Returns the usual time between rows, 0 when there are too few. */
export function usualGapMs(tsMs: readonly number[]): number {
  const gaps = tsMs.slice(1).map((ms, at) => ms - (tsMs[at] ?? ms));
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor((gaps.length - 1) / 2)] ?? 0;
}

/** Returns the rows of `newer` after those of `older` that are before it; of rows with one time the newer's is right. */
export function joined<C extends Columns>(older: C, newer: C): C {
  const firstMs = newer.tsMs[0];
  if (firstMs === undefined) return older;
  const kept = older.tsMs.findIndex((ms) => ms >= firstMs);
  const until = kept < 0 ? older.tsMs.length : kept;
  const rows = new Map<string, readonly unknown[]>(Object.entries(newer));
  return mapped(older, (column, name) => [...column.slice(0, until), ...(rows.get(name) ?? [])]);
}

/** Returns the rows from `fromMs` on. */
export function since<C extends Columns>(columns: C, fromMs: number): C {
  const first = columns.tsMs.findIndex((ms) => ms >= fromMs);
  if (first === 0) return columns;
  return mapped(columns, (column) => (first < 0 ? [] : column.slice(first)));
}

/**
 * Returns single rows with a row of nulls wherever three rounds are missing: lines are not drawn over what nobody
 * measured. Steps have such rows already.
 */
export function withHoles<C extends Columns>(columns: C, intervalMs: number): C {
  if (columns.stepS !== null) return columns;
  const longest = Math.max(intervalMs, usualGapMs(columns.tsMs)) * 3;
  const holes: number[] = [];
  columns.tsMs.forEach((ms, at) => {
    if (at > 0 && ms - (columns.tsMs[at - 1] ?? ms) > longest) holes.push(at);
  });
  if (holes.length === 0 || columns.tsMs.length + holes.length > MOST_ROWS) return columns;
  return mapped(columns, (column, name) => {
    const filled: unknown[] = [];
    let from = 0;
    for (const at of holes) {
      filled.push(...column.slice(from, at), name === "tsMs" ? (columns.tsMs[at - 1] ?? 0) + 1 : emptyOf(name));
      from = at;
    }
    return [...filled, ...column.slice(from)];
  });
}

const emptyOf = (name: string): unknown => (name === "quality" ? [] : null);

function mapped<C extends Columns>(columns: C, change: (column: readonly unknown[], name: string) => readonly unknown[]): C {
  const changed = Object.entries(columns).map(([name, value]) => [name, Array.isArray(value) && name !== "gaps" ? change(value, name) : value]);
  return Object.fromEntries(changed) as C;
}
