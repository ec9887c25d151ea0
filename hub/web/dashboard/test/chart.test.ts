import { expect, test } from "vitest";

import { chartSpanMs, niceRange, smokePath, timeTicks, usualGapMs, type Round } from "../src/model/chart";

const round = (ms: number, value: number | null, part: Partial<Round> = {}): Round => ({
  ms,
  value,
  lossRatio: value === null ? 1 : 0,
  low: null,
  high: null,
  ...part,
});

test("the scale has round ends that hold the values", () => {
  const range = niceRange([round(0, 0.0021), round(1, 0.0039)]);
  expect(range?.low).toBeLessThanOrEqual(0.0021);
  expect(range?.high).toBeGreaterThanOrEqual(0.0039);
  expect(range?.ticks.length).toBeLessThanOrEqual(5);
});

test("one late answer in a hundred does not flatten the rest", () => {
  const rounds = Array.from({ length: 200 }, (_, at) => round(at, 0.002));
  expect(niceRange([...rounds, round(200, 3)])?.high).toBeLessThan(0.01);
});

test("an hour of losses has no scale", () => {
  expect(niceRange([round(0, null)])).toBeNull();
});

test("smoke is drawn only where both extremes are known", () => {
  const window = { fromMs: 0, toMs: 100, low: 0, high: 10 };
  const box = { width: 100, height: 10 };
  expect(smokePath([round(0, 5), round(10, 5)], window, box, 50)).toBe("");
  expect(smokePath([round(0, 5, { low: 4, high: 6 }), round(10, 5, { low: 4, high: 6 })], window, box, 50)).toBe(
    "M0.0 4.0L10.0 4.0L10.0 6.0L0.0 6.0Z",
  );
});

test("the usual gap is not moved by a hole", () => {
  expect(usualGapMs([round(0, 1), round(10, 1), round(20, 1), round(900, 1)])).toBe(10);
  expect(usualGapMs([])).toBe(0);
});

test("a short history fills the chart", () => {
  expect(chartSpanMs([round(0, 1)], 60_000)).toBe(300_000);
  expect(chartSpanMs([round(0, 1)], 3_000_000)).toBe(3_600_000);
  expect(chartSpanMs([round(0, 1)], 9_000_000)).toBe(3_600_000);
});

test("ticks are round and few", () => {
  const ticks = timeTicks(0, 3_600_000);
  expect(ticks).toHaveLength(5);
  expect(ticks.map((tick) => tick.share)).toEqual([0, 0.25, 0.5, 0.75, 1]);
});
