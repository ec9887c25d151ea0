import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { currentMs, listenToClock, tickAlong } from "../src/data/clock";
import { paced } from "../src/data/frames";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what comes in one breath is shown together, once", () => {
  const shown: string[] = [];
  const { soon } = paced(100);
  soon(() => shown.push("state"));
  vi.advanceTimersByTime(5);
  soon(() => shown.push("alert"));
  expect(shown).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(shown).toEqual(["state", "alert"]);
});

test("what comes soon after waits for its turn", () => {
  const shown: number[] = [];
  const { soon } = paced(100);
  soon(() => shown.push(1));
  vi.advanceTimersByTime(50);
  soon(() => shown.push(2));
  vi.advanceTimersByTime(90);
  expect(shown).toEqual([1]);
  vi.advanceTimersByTime(10);
  expect(shown).toEqual([1, 2]);
});

test("what nobody waits for is shown with what is shown next, or within a second", () => {
  const shown: string[] = [];
  const { soon, along } = paced(100);
  along(() => shown.push("polled"));
  vi.advanceTimersByTime(900);
  expect(shown).toEqual([]);
  soon(() => shown.push("measured"));
  vi.advanceTimersByTime(50);
  expect(shown).toEqual(["polled", "measured"]);
  along(() => shown.push("alone"));
  vi.advanceTimersByTime(1_000);
  expect(shown).toEqual(["polled", "measured", "alone"]);
});

test("the time goes on with what is shown about when it is due, and by itself else", () => {
  const told: number[] = [];
  const beganMs = Date.now();
  const forget = listenToClock(() => told.push(currentMs() - beganMs));
  vi.advanceTimersByTime(1_000);
  vi.advanceTimersByTime(400);
  tickAlong();
  expect(told).toEqual([1_000]);
  vi.advanceTimersByTime(300);
  tickAlong();
  expect(told).toEqual([1_000, 1_700]);
  vi.advanceTimersByTime(1_100);
  expect(told).toEqual([1_000, 1_700, 2_800]);
  forget();
  vi.advanceTimersByTime(5_000);
  tickAlong();
  expect(told).toHaveLength(3);
});
