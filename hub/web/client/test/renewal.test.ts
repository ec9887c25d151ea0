import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { AGAIN_MS, AHEAD_MS, Renewal, renewalDelayMs } from "../src/renewal.js";
import { tokenOf } from "./support/waiting.js";

test.each([
  [600_000, 600_000 - AHEAD_MS],
  [40_000, AHEAD_MS],
  [10_000, 8_000],
  [0, 1_000],
  [-50_000, 1_000],
])("with %i ms left a token is replaced after %i ms", (leftMs, delayMs) => {
  expect(renewalDelayMs(1_000_000 + leftMs, 1_000_000)).toBe(delayMs);
});

test("what never ends is never replaced, and a year fits a timer", () => {
  expect(renewalDelayMs(null, 0)).toBeNull();
  expect(renewalDelayMs(365 * 86_400_000, 0)).toBe(2 ** 31 - 1);
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ending = (inS: number): string => tokenOf({ sub: "olga", exp: Math.floor(Date.now() / 1000) + inS });

test("the next token is handed over before the old one ends, again and again", async () => {
  const handed: string[] = [];
  const renewal: Renewal = new Renewal(
    () => Promise.resolve(ending(600)),
    (token) => {
      handed.push(token);
      renewal.take(token);
      return Promise.resolve({ ok: true });
    },
  );
  renewal.take(ending(600));
  await vi.advanceTimersByTimeAsync(600_000 - AHEAD_MS - 1_000);
  expect(handed).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(handed).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(handed).toHaveLength(2);
  renewal.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("a token that is not to be had, or is refused, is asked for again in peace", async () => {
  let asked = 0;
  const renewal = new Renewal(
    () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error("away")) : Promise.resolve(ending(600));
    },
    () => Promise.resolve({ ok: false }),
  );
  renewal.take(ending(10));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(AGAIN_MS);
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(AGAIN_MS);
  expect(asked).toBe(3);
  renewal.stop();
});
