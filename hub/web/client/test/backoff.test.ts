import { expect, test } from "vitest";

import { backoffMs, FIRST_DELAY_MS, LONGEST_DELAY_MS } from "../src/backoff.js";

test("the bound doubles from the first delay and stops at the longest", () => {
  expect(backoffMs(0, 0.999999)).toBe(FIRST_DELAY_MS);
  expect(backoffMs(3, 0.999999)).toBe(FIRST_DELAY_MS * 8);
  expect(backoffMs(60, 0.999999)).toBe(LONGEST_DELAY_MS);
});

test("a delay is never shorter than half of its bound, also at the cap", () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    expect(backoffMs(attempt, 0)).toBe(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16)) / 2);
  }
});
