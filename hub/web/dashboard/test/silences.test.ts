import { expect, test } from "vitest";

import { covers, isLike, matchersOf, NO_MATCHERS, phaseOf, silenceQuery } from "../src/model/silences";
import { localMs, localText, untilMs } from "../src/model/until";
import { alert } from "./samples";

const target = { name: "Core1", role: "border", tags: ["core"] };

test.each([
  ["core*", "CORE1", true],
  ["core?", "core12", false],
  ["core[12]", "core2", true],
  ["core[!12]", "core2", false],
  ["a.c", "abc", false],
  ["a[]b]c", "a]c", true],
  ["[z-a]", "b", false],
  ["sw[", "sw[", true],
])("pattern %s and name %s: %s", (pattern, name, expected) => {
  expect(isLike(pattern, name)).toBe(expected);
});

test.each([
  [{ rules: ["device-offline"] }, true],
  [{ rules: ["other"] }, false],
  [{ severity: "warning" }, true],
  [{ siteIds: [2] }, false],
  [{ deviceIds: [1], tags: ["core", "edge"] }, true],
  [{ deviceIds: [1], tags: ["edge"] }, false],
  [{ roles: ["edge", "border"] }, true],
  [{ roles: ["core"] }, false],
  [{ names: ["x*", "core*"] }, true],
] as const)("matchers %o are about the alert: %s", (part, expected) => {
  expect(covers({ ...NO_MATCHERS, ...part }, alert(), target)).toBe(expected);
});

test("a silence made of alerts matches each of them", () => {
  const alerts = [alert({ deviceId: 3 }), alert({ deviceId: 4, rule: "interface-down" })];
  const matchers = matchersOf(new URLSearchParams(silenceQuery(alerts)));
  expect(matchers).toEqual({ ...NO_MATCHERS, rules: ["device-offline", "interface-down"], deviceIds: [3, 4] });
  for (const one of alerts) expect(covers(matchers, one, target)).toBe(true);
});

test("an alert about an agent is silenced by its site", () => {
  const about = alert({ rule: "agent-silent", deviceId: null, siteId: 5 });
  expect(silenceQuery([about])).toEqual({ rules: "agent-silent", sites: "5" });
});

test("a silence is coming, holds, and is over", () => {
  const silence = { id: 1, matchers: NO_MATCHERS, comment: "", startsAt: "2026-05-05T10:00:00Z", endsAt: "2026-05-05T11:00:00Z", active: false, createdBy: "", createdAt: "", revision: 1 };
  const at = (time: string): string => phaseOf(silence, Date.parse(`2026-05-05T${time}Z`));
  expect([at("09:59:59"), at("10:00:00"), at("11:00:00")]).toEqual(["coming", "active", "past"]);
});

test("the morning is the next eight o'clock", () => {
  const before = new Date(2026, 4, 5, 7, 59).getTime();
  expect(untilMs("morning", before) - before).toBe(60_000);
  expect(new Date(untilMs("morning", before + 60_000)).getDate()).toBe(6);
  expect(localMs(localText(before))).toBe(before);
  expect(localMs("")).toBeNull();
});
