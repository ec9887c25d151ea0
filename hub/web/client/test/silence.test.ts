import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { QUIET_MS, Silence } from "../src/silence.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a hub that says something is not asked", async () => {
  let asked = 0;
  const silence = new Silence(
    () => Promise.resolve(void (asked += 1)),
    () => undefined,
  );
  silence.begin();
  for (let n = 0; n < 20; n += 1) {
    await vi.advanceTimersByTimeAsync(QUIET_MS / 2);
    silence.heard();
  }
  expect(asked).toBe(0);
  silence.end();
  expect(vi.getTimerCount()).toBe(0);
});

test("one that does not answer is given up", async () => {
  let dead = 0;
  const silence: Silence = new Silence(
    () => Promise.reject(new Error("no answer")),
    () => {
      dead += 1;
      silence.end();
    },
  );
  silence.begin();
  await vi.advanceTimersByTimeAsync(10 * QUIET_MS);
  expect(dead).toBe(1);
});

test("an answer that fails after something else was heard gives nobody up", async () => {
  let dead = 0;
  let fail: (error: Error) => void = () => undefined;
  const silence = new Silence(
    () => new Promise((_resolve, reject) => (fail = reject)),
    () => (dead += 1),
  );
  silence.begin();
  await vi.advanceTimersByTimeAsync(QUIET_MS + 2_000);
  await vi.advanceTimersByTimeAsync(10);
  silence.heard();
  fail(new Error("too late"));
  await vi.advanceTimersByTimeAsync(0);
  expect(dead).toBe(0);
  silence.end();
});
