// The time that charts show: a length up to now, or a stretch of the past that somebody zoomed into. Pure.

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** It moves with the clock. */
  readonly live: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Lengths to choose from, by the word in the address. */
export const LENGTHS: readonly (readonly [string, number])[] = [
  ["1h", HOUR_MS],
  ["6h", 6 * HOUR_MS],
  ["24h", DAY_MS],
  ["7d", 7 * DAY_MS],
  ["30d", 30 * DAY_MS],
  ["1y", 365 * DAY_MS],
  ["2y", 730 * DAY_MS],
];
const LONGEST_MS = 3_700 * DAY_MS;
/** A zoom shorter than this shows nothing more. */
export const SHORTEST_MS = 10_000;

/** Returns what an address asks for: `span=6h`, or `from=…&to=…` in epoch milliseconds; `fallback` otherwise. */
export function spanOf(query: URLSearchParams, nowMs: number, fallback = "1h"): Span {
  const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
  if (from > 0 && to > from && to - from >= SHORTEST_MS && to - from <= LONGEST_MS) return { fromMs: from, toMs: to, live: false };
  const word = query.get("span") ?? fallback;
  const lengthMs = LENGTHS.find(([name]) => name === word)?.[1] ?? LENGTHS.find(([name]) => name === fallback)?.[1] ?? HOUR_MS;
  return { fromMs: nowMs - lengthMs, toMs: nowMs, live: true };
}

/** Returns the word of the length that an address asks for, null while it is zoomed. */
export function lengthWord(query: URLSearchParams, fallback = "1h"): string | null {
  if (query.has("from") && query.has("to")) return null;
  const word = query.get("span") ?? fallback;
  return LENGTHS.some(([name]) => name === word) ? word : fallback;
}

/** Returns a query for a history: ISO times to the second, and the width in points. */
export function historyQuery(span: Span, points: number): string {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return `from=${iso(Math.floor(span.fromMs / 1000) * 1000)}&to=${iso(Math.ceil(span.toMs / 1000) * 1000)}&points=${Math.min(5_000, Math.max(50, Math.round(points)))}`;
}
