import { expect, test } from "vitest";

import { clock, closed, delay, percent, rate, sentence, span, threeDigits, utcClock } from "../src/model/format";

const text = ({ value, unit }: { value: string; unit: string }): string => `${value} ${unit}`.trim();

test.each([
  [0, "0"],
  [0.04236, "0.042"],
  [1.2449, "1.24"],
  [9.996, "10.0"],
  [12.35, "12.3"],
  [99.96, "100"],
  [943.2, "943"],
])("%d reads with three significant digits", (value, expected) => {
  expect(threeDigits(value)).toBe(expected);
});

test.each([
  [0, "0 b/s"],
  [999, "999 b/s"],
  [943.2e6, "943 Mb/s"],
  [999.9e6, "1.00 Gb/s"],
  [1.5e3, "1.50 kb/s"],
  [10e9, "10.0 Gb/s"],
])("a rate of %d b/s reads %s", (bps, expected) => {
  expect(text(rate(bps))).toBe(expected);
});

test.each([
  [0.00124, "1.24 ms"],
  [0.000479, "479 µs"],
  [0.0999, "99.9 ms"],
  [1.5, "1.50 s"],
])("a delay of %d s reads %s", (seconds, expected) => {
  expect(text(delay(seconds))).toBe(expected);
});

test("lost and unknown are a dash and never zero", () => {
  for (const figure of [rate(null), delay(null), percent(null), rate(Number.NaN)]) expect(text(figure)).toBe("–");
});

test.each([
  [0, "0 %"],
  [0.004, "0.4 %"],
  [0.0001, "<0.1 %"],
  [0.4, "40 %"],
  [0.9996, ">99.9 %"],
  [0.998, "99.8 %"],
  [1, "100 %"],
])("a share of %d reads %s", (ratio, expected) => {
  expect(text(percent(ratio))).toBe(expected);
});

test.each([
  [-5, "0 s"],
  [12_400, "12 s"],
  [14 * 60_000, "14 min"],
  [3 * 3_600_000 + 20 * 60_000, "3 h 20 min"],
  [24 * 3_600_000, "1 d"],
  [52 * 3_600_000, "2 d 4 h"],
])("%d ms last %s", (ms, expected) => {
  expect(span(ms)).toBe(expected);
});

test("a time of another day carries its date", () => {
  const now = new Date(2026, 4, 5, 9, 0).getTime();
  expect(clock(new Date(2026, 4, 5, 3, 12).getTime(), now)).toBe("03:12");
  expect(clock(new Date(2026, 4, 4, 3, 12).getTime(), now)).toBe("4 May 03:12");
  expect(clock(new Date(2027, 4, 4, 3, 12).getTime(), now)).toBe("4 May 2027 03:12");
});

test("a reason becomes a sentence once", () => {
  expect(sentence("does not answer ICMP")).toBe("Does not answer ICMP.");
  expect(sentence("Already one.")).toBe("Already one.");
  expect(closed("radio1.north is offline")).toBe("radio1.north is offline.");
  expect(closed("")).toBe("");
  expect(sentence("ifAdminStatus up, ifOperStatus down")).toBe("ifAdminStatus up, ifOperStatus down.");
  expect(sentence("  ")).toBe("");
});

test.each([
  ["2026-05-04T03:12:09Z", false, "03:12 Z"],
  ["2026-05-04T03:12:09Z", true, "03:12:09 Z"],
  ["2026-05-03T23:59:00Z", false, "3 May 23:59 Z"],
  ["2025-12-31T00:00:00Z", false, "31 Dec 2025 00:00 Z"],
])("%s is told in UTC as such", (iso, seconds, told) => {
  expect(utcClock(Date.parse(iso), Date.parse("2026-05-04T10:00:00Z"), { seconds })).toBe(told);
});
