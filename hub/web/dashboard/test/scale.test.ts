import { expect, test } from "vitest";

import { rate } from "../src/model/format";
import { lonely } from "../src/parts/chart/lonely";
import { rangeOf, tickText, timeTexts } from "../src/parts/chart/scale";
import { tellsOf } from "../src/parts/chart/legendWords";
import type { Plot } from "../src/parts/chart/model";

const capacity = (value: number, mirrored = false) => ({ value, label: "capacity", tone: "text-low" as const, mirrored });

test.each([
  ["nothing known is a plain axis", {}, null, null, [0, 1]],
  ["nothing known of traffic reaches to what it names", { idle: 1_000_000 }, null, null, [0, 1_000_000]],
  ["nothing but zeros too", { zero: true, idle: 1_000_000 }, 0, 0, [0, 1_000_000]],
  ["traffic begins at zero and mirrors", { zero: true }, -50, 100, [-53, 106]],
  ["a capacity in reach is shown", { zero: true, levels: [capacity(200)] }, 0, 100, [0, 212]],
  ["one out of reach flattens nothing", { zero: true, levels: [capacity(1000)] }, 0, 100, [0, 106]],
  ["each way has its own levels", { zero: true, levels: [capacity(200, true)] }, -100, 100, [-212, 106]],
  ["what never was zero is not drawn from zero", {}, 10, 20, [9, 21]],
  ["what is above the cap leaves the picture", { cap: 20 }, 10, 900, [9, 21]],
  ["a flat line has room", {}, 10, 10, [9.8, 10.2]],
])("%s", (_name, plot, low, high, range) => {
  const found = rangeOf(plot as Plot, low, high);
  expect(found[0]).toBeCloseTo(range[0] as number);
  expect(found[1]).toBeCloseTo(range[1] as number);
});

test("ticks carry no zeros that say nothing, and mirrored ones no sign", () => {
  expect(tickText(1_500_000, rate)).toBe("1.5 Mb/s");
  expect(tickText(-2_000_000, rate)).toBe("2 Mb/s");
  expect(tickText(100_000_000, rate)).toBe("100 Mb/s");
  expect(tickText(0, rate)).toBe("0");
});

test("times are of 24 hours, and a new day is named once", () => {
  const s = (text: string): number => new Date(text).getTime() / 1000;
  expect(timeTexts([s("2026-03-01T21:00"), s("2026-03-02T00:00"), s("2026-03-02T03:00")], 10_800, "en-GB")).toEqual(["21:00\n1 Mar", "00:00\n2 Mar", "03:00"]);
  expect(timeTexts([s("2026-03-01T21:00:15")], 15, "en-GB")).toEqual(["21:00:15"]);
  expect(timeTexts([s("2026-03-01T00:00")], 86_400, "en-GB")).toEqual(["1 Mar"]);
});

test("a value between two holes is drawn as a point", () => {
  expect(lonely([1, null, 2, null, 3, 4])).toEqual([0, 2]);
  expect(lonely([1, 2])).toEqual([]);
});

test("the pointer tells what happened near it and what is missing around it", () => {
  const plot = {
    times: [],
    lines: [],
    format: rate,
    marks: [{ ms: 1_000, text: "Alert", status: "offline" }],
    gaps: [{ fromMs: 5_000, toMs: 9_000, text: "missing" }],
  } satisfies Plot;
  expect(tellsOf(plot, 1_010, 10_000)).toEqual(["Alert"]);
  expect(tellsOf(plot, 6_000, 10_000)).toEqual(["missing"]);
  expect(tellsOf(plot, 3_000, 10_000)).toEqual([]);
});
