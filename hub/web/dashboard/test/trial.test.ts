import { expect, test } from "vitest";

import { bodyOf, draftOf, EMPTY_DRAFT, withKind } from "../src/model/ruleDraft";
import { EVERYTHING, type Rule } from "../src/model/rules";
import { together, totalOf, type TrialPart } from "../src/model/trial";

const part = (more: Partial<TrialPart>): TrialPart => ({ from: "a", to: "b", resolution: "1m", objects: 4, done: 2, items: [], present: [], nextCursor: null, ...more });
const item = (title: string, times: number, seconds: number) => ({ title, deviceId: 1, interfaceId: null, agentId: null, times, seconds, longestS: seconds, lastAt: "" });

test("the parts of a trial are summed up by rule, and what was found is kept", () => {
  const first = part({ items: [item("a", 2, 60)], present: [{ rule: "old", times: 1, seconds: 10, objects: 1 }], nextCursor: "2" });
  const second = part({ done: 4, items: [item("b", 1, 30)], present: [{ rule: "old", times: 3, seconds: 5, objects: 1 }] });
  const all = together(together(null, first), second);
  expect(all).toMatchObject({ done: 4, nextCursor: null, present: [{ rule: "old", times: 4, seconds: 15, objects: 2 }] });
  expect(totalOf(all)).toEqual({ times: 3, seconds: 90, objects: 2 });
});

test("a rule that is written and not changed is sent as it was", () => {
  const rule: Rule = {
    id: 1,
    name: "core-slow",
    condition: { kind: "high-loss", lossRatio: 0.2, clearRatio: 0.05, windowS: 60 },
    severity: "warning",
    forS: 30,
    trouble: null,
    selector: { ...EVERYTHING, tags: ["core"] },
    enabled: false,
    policyId: 3,
    createdAt: "",
    revision: 2,
  };
  const { condition, severity, forS, trouble, selector, enabled, policyId } = rule;
  expect(bodyOf(draftOf(rule))).toEqual({ condition, severity, forS, trouble, selector, enabled, policyId });
});

test("another kind takes its own figures and loses what it cannot be about", () => {
  const draft = { ...EMPTY_DRAFT, selector: { ...EVERYTHING, siteIds: [1], tags: ["core"], ifTypes: [6] }, trouble: "is slow" };
  expect(withKind(draft, "high-loss")).toMatchObject({ figures: { lossRatio: "20" }, selector: { tags: ["core"], ifTypes: [] }, trouble: "is slow" });
  expect(withKind(draft, "clock-skew")).toMatchObject({ figures: { skewS: "5" }, selector: { siteIds: [1], tags: [], ifTypes: [] }, trouble: "" });
});
