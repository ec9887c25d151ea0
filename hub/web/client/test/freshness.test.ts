import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ageOf, Freshness, OFFLINE_AFTER_MS, STALE_AFTER_MS, type Age } from "../src/index.js";
import type { LinkPhase } from "../src/index.js";

const NOW = 1_000_000;

test.each<[string, number | null, LinkPhase, Age["state"]]>([
  ["fresh over a live link is live", 800, "live", "live"],
  ["just below the limit is live", STALE_AFTER_MS - 1, "live", "live"],
  ["at the limit is stale", STALE_AFTER_MS, "live", "stale"],
  ["fresh without a link is stale", 800, "reconnecting", "stale"],
  ["too old is offline, whatever the link says", OFFLINE_AFTER_MS, "live", "offline"],
  ["nothing yet is offline", null, "live", "offline"],
])("%s", (_what, ageMs, phase, state) => {
  expect(ageOf(ageMs === null ? null : NOW - ageMs, phase, NOW)).toEqual({ state, ageMs });
});

test("limits are the page's to set, and a clock that was set back makes nothing younger than new", () => {
  expect(ageOf(NOW - 2_000, "live", NOW, { staleAfterMs: 1_000 }).state).toBe("stale");
  expect(ageOf(NOW + 5_000, "live", NOW)).toEqual({ state: "live", ageMs: 0 });
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("who listens is told as data ages, and a timer runs only meanwhile", () => {
  const freshness = new Freshness();
  freshness.heard(Date.now());
  freshness.linked("live");
  const told: Age[] = [];
  const stop = freshness.listen(() => told.push(freshness.get()));
  vi.advanceTimersByTime(STALE_AFTER_MS);
  expect(told[0]).toEqual({ state: "live", ageMs: 500 });
  expect(told.at(-1)).toEqual({ state: "stale", ageMs: STALE_AFTER_MS });
  expect(vi.getTimerCount()).toBe(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("two reads in a row are one object, as useSyncExternalStore wants", () => {
  const freshness = new Freshness();
  freshness.heard(Date.now());
  freshness.linked("live");
  expect(freshness.get()).toBe(freshness.get());
});
