import { expect, test } from "vitest";

import { hollowOf, livePolls, trafficPlot } from "../src/model/trafficPlot";
import { latencyPlot, liveRounds } from "../src/model/latencyPlot";
import { joined, since, usualGapMs, withHoles, type LatencyColumns } from "../src/model/series";

const at = (s: number): string => new Date(s * 1000).toISOString();

function rounds(seconds: readonly number[], rtt: number | null = 0.001): LatencyColumns {
  return liveRounds(seconds.map((s) => ({ deviceId: 7, rttS: rtt, lossRatio: rtt === null ? 1 : 0, mdevS: null, source: "icmp", timestamp: at(s) })));
}

function polls(seconds: readonly number[], quality: string[] = ["ok"]) {
  return livePolls(seconds.map((s) => ({ deviceId: 7, interfaceId: 9, inBps: 1e6, outBps: 2e6, inUtilRatio: null, outUtilRatio: null, quality, timestamp: at(s) })));
}

test("what was read anew replaces what came live of the same time, and nothing is there twice", () => {
  const whole = joined(rounds([10, 20, 30]), { ...rounds([20, 30, 40], 0.002), rttMinS: [0.001, 0.001, 0.001] });
  expect(whole.tsMs).toEqual([10_000, 20_000, 30_000, 40_000]);
  expect(whole.rttS).toEqual([0.001, 0.002, 0.002, 0.002]);
  expect(whole.rttMinS).toEqual([null, 0.001, 0.001, 0.001]);
  expect(joined(whole, rounds([]))).toBe(whole);
});

test("only the rows of the span are kept", () => {
  expect(since(rounds([10, 20, 30]), 20_000).tsMs).toEqual([20_000, 30_000]);
  expect(since(rounds([10]), 20_000).tsMs).toEqual([]);
});

test("three rounds that are missing are a hole in each column, two are none", () => {
  const holed = withHoles(rounds([0, 10, 20, 51, 61]), 10_000);
  expect(holed.tsMs).toEqual([0, 10_000, 20_000, 20_001, 51_000, 61_000]);
  expect(holed.rttS).toEqual([0.001, 0.001, 0.001, null, 0.001, 0.001]);
  expect(holed.lossRatio[3]).toBeNull();
  expect(withHoles(rounds([0, 10, 40]), 10_000).tsMs).toHaveLength(3);
  expect(withHoles(polls([0, 10, 50]), 10_000).quality[2]).toEqual([]);
});

test("an interval that was longer an hour ago is no hole", () => {
  expect(usualGapMs([0, 60_000, 120_000])).toBe(60_000);
  expect(withHoles(rounds([0, 60, 120]), 10_000).tsMs).toHaveLength(3);
});

test("steps are left as they are: the hub has put their holes", () => {
  const steps = { ...rounds([0, 600]), stepS: 60 };
  expect(withHoles(steps, 10_000)).toBe(steps);
});

test("a lost round is a hole in the line and a loss as wide as a round", () => {
  const columns = joined(rounds([0, 10]), rounds([20], null));
  const plot = latencyPlot(columns, 10_000, []);
  expect(plot.lines[0]?.values).toEqual([0.001, 0.001, null]);
  expect(plot.losses).toEqual([{ fromMs: 20_000, toMs: 30_000, ratio: 1 }]);
});

test("one late answer does not flatten the picture, but a slow median is in it", () => {
  const quick = rounds(Array.from({ length: 100 }, (_, s) => s));
  const outlier = { ...quick, rttMaxS: quick.tsMs.map((_, n) => (n === 50 ? 1 : 0.002)) };
  expect(latencyPlot(outlier, 1_000, []).cap).toBe(0.002);
  const slow = { ...outlier, rttS: quick.rttS.map((value, n) => (n > 80 ? 0.5 : value)) };
  expect(latencyPlot(slow, 1_000, []).cap).toBe(0.5);
});

test("doubtful samples are hollow, of steps none", () => {
  const doubtful = joined(polls([0]), polls([10], ["gap"]));
  expect([...hollowOf(doubtful)]).toEqual([1]);
  expect(hollowOf({ ...doubtful, stepS: 60 }).size).toBe(0);
});

test("out is drawn downwards, and steps have an envelope that single polls have not", () => {
  const raw = trafficPlot(polls([0, 10]), 10_000, null, []);
  expect(raw.lines.map(({ key, mirrored }) => [key, mirrored === true])).toEqual([
    ["in", false],
    ["out", true],
  ]);
  expect(raw.bands).toEqual([]);
  expect(trafficPlot({ ...polls([0]), stepS: 60 }, 10_000, null, []).bands).toHaveLength(2);
});
