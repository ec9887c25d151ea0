import { expect, test } from "vitest";

import { runsOf, stepsByStatus } from "../src/model/statusStrip";

test("equal steps are one run, and what is not known is unknown", () => {
  expect(runsOf("++xx?z+")).toEqual([
    { status: "online", from: 0, length: 2 },
    { status: "offline", from: 2, length: 2 },
    { status: "unknown", from: 4, length: 2 },
    { status: "online", from: 6, length: 1 },
  ]);
  expect(runsOf("")).toEqual([]);
});

test("steps are counted by status, most first", () => {
  expect(stepsByStatus("d++u+m")).toEqual([["online", 3], ["degraded", 1], ["unreachable", 1], ["maintenance", 1]]);
});
