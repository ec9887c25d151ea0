import { expect, test } from "vitest";

import { extend, extent, linePath, roundUp, runs, TRAIL_MAX, TRAIL_MS, trailEdgeMs, trailSpanMs, type Trail } from "../src/model/trail";

const window = { fromMs: 0, toMs: 100, low: 0, high: 10 };
const box = { width: 100, height: 10 };

test("a trail drops what is too old and what is too much", () => {
  let trail: Trail = [];
  for (let ms = 0; ms <= TRAIL_MS * 2; ms += 1_000) trail = extend(trail, { ms, value: 1 });
  expect(trail.length).toBe(TRAIL_MAX);
  expect(extend([{ ms: 0, value: 1 }], { ms: TRAIL_MS + 1, value: 2 })).toEqual([{ ms: TRAIL_MS + 1, value: 2 }]);
});

test("a point that is not newer is dropped", () => {
  const trail: Trail = [{ ms: 5, value: 1 }];
  expect(extend(trail, { ms: 5, value: 2 })).toBe(trail);
});

test("a lost value is a hole in the line", () => {
  const trail: Trail = [
    { ms: 0, value: 0 },
    { ms: 10, value: 10 },
    { ms: 20, value: null },
    { ms: 30, value: 5 },
  ];
  expect(runs(trail, window, box, 50)).toEqual([
    [
      [0, 10],
      [10, 0],
    ],
    [[30, 5]],
  ]);
});

test("time without values is a hole too", () => {
  const trail: Trail = [
    { ms: 0, value: 1 },
    { ms: 60, value: 1 },
  ];
  expect(runs(trail, window, box, 50)).toHaveLength(2);
});

test("a single value is drawn as a dash, not as nothing", () => {
  expect(linePath([[[30, 5]]])).toBe("M29.0 5.0h2");
});

test("the extent of a trail of losses is none", () => {
  expect(extent([{ ms: 0, value: null }])).toBeNull();
});

test.each([
  [0, 1],
  [3, 5],
  [5, 5],
  [51, 100],
  [1_200_000, 2_000_000],
])("%d rounds up to %d", (value, expected) => {
  expect(roundUp(value)).toBe(expected);
});

test("the span shown grows with what has been collected", () => {
  expect(trailSpanMs(0)).toBe(120_000);
  expect(trailSpanMs(130_000)).toBe(300_000);
  expect(trailSpanMs(1e9)).toBe(TRAIL_MS);
});

test("a small trail ends where its next point is due, and goes on without", () => {
  const lastMs = 1_000_000;
  const edges = [0, 1, 12_999].map((laterMs) => trailEdgeMs(lastMs + laterMs, lastMs, 10));
  expect(edges).toEqual([lastMs + 13_000, lastMs + 13_000, lastMs + 13_000]);
  expect(trailEdgeMs(lastMs + 13_001, lastMs, 10)).toBe(lastMs + 26_000);
  expect(trailEdgeMs(lastMs, undefined, 10)).toBeGreaterThanOrEqual(lastMs);
});
