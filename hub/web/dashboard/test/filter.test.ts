import { expect, test } from "vitest";

import { matches, parseFilter, toggleToken } from "../src/model/filter";
import { device } from "./samples";

const passes = (text: string, part = {}): boolean => matches(parseFilter(text), device(part));

test("an empty filter passes everything", () => {
  expect(passes("")).toBe(true);
  expect(passes("   ")).toBe(true);
});

test("every word must be found, wherever it is", () => {
  expect(passes("core 10.0")).toBe(true);
  expect(passes("core harbour")).toBe(false);
});

test("tokens of different kinds must all hold, of the same kind one", () => {
  expect(passes("site:hq state:online")).toBe(true);
  expect(passes("site:hq state:offline")).toBe(false);
  expect(passes("state:offline state:online")).toBe(true);
});

test("status means state, a tag must be exact, a quoted value may hold spaces", () => {
  expect(passes("status:on")).toBe(true);
  expect(passes("tag:cor")).toBe(false);
  expect(passes("role:Border", { role: "border" })).toBe(true);
  expect(passes("role:bord", { role: "border" })).toBe(false);
  expect(passes("bord", { role: "border" })).toBe(true);
  expect(passes('site:"north side"', { siteName: "North Side" })).toBe(true);
});

test("a token without a value yet filters nothing", () => {
  expect(passes("state:")).toBe(true);
});

test("a token is put in, replaced by another of its kind, and taken out", () => {
  expect(toggleToken("core", "state", "offline")).toBe("core state:offline");
  expect(toggleToken("core state:offline", "state", "degraded")).toBe("core state:degraded");
  expect(toggleToken("core state:offline", "state", "offline")).toBe("core");
});
