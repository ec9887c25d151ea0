import { expect, test } from "vitest";

import { conditionOf, fieldsOf, KINDS, kindOf, read, written } from "../src/model/rules";

test("each figure of each kind lies within its bounds and comes back as it was written", () => {
  for (const { kind, parameters } of KINDS) {
    for (const parameter of parameters) {
      expect(parameter.fallback, `${kind} ${parameter.key}`).toBeGreaterThanOrEqual(parameter.least);
      expect(parameter.fallback, `${kind} ${parameter.key}`).toBeLessThanOrEqual(parameter.most);
      expect(read(parameter, written(parameter, parameter.fallback))).toBe(parameter.fallback);
    }
  }
});

test("shares are written in percent and delays in milliseconds", () => {
  expect(fieldsOf({ kind: "high-loss", lossRatio: 0.07, clearRatio: 0.001, windowS: 30 })).toEqual({ lossRatio: "7", clearRatio: "0.1", windowS: "30" });
  expect(fieldsOf({ kind: "high-latency", limitS: null, clearLimitS: null })).toMatchObject({ limitS: "", aboveUsualS: "20" });
});

test("a limit that is left out is none, another figure that is left out is the hub's own", () => {
  const condition = conditionOf("high-latency", { timesUsual: "", limitS: "", clearLimitS: "", aboveUsualS: "12,5" });
  expect(condition).toEqual({ kind: "high-latency", limitS: null, clearLimitS: null, aboveUsualS: 0.0125 });
});

test("a kind of a newer hub is kept as it is", () => {
  expect(kindOf("solar-flare")).toEqual({ kind: "solar-flare", about: "device", parameters: [] });
});
