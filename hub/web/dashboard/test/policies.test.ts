import { expect, test } from "vitest";

import { bodyOf, draftOf, EMPTY_DRAFT, withStep, type Policy } from "../src/model/policies";

test("a policy that is written and not changed is sent as it was", () => {
  const policy: Policy = {
    id: 2,
    name: "core",
    default: false,
    steps: [
      { afterS: 0, channelIds: null, channelNames: null },
      { afterS: 930, channelIds: [3], channelNames: ["boss"] },
    ],
    repeatS: 3600,
    recovery: false,
    groupBy: "site",
    groupWaitS: 7,
    title: null,
    text: "{list}",
    createdAt: "",
    revision: 1,
  };
  expect(bodyOf(draftOf(policy))).toEqual({ name: "core", steps: [{ afterS: 0, channelIds: null }, { afterS: 930, channelIds: [3] }], repeatS: 3600, recovery: false, groupBy: "site", groupWaitS: 7, title: null, text: "{list}" });
});

test("a step more comes a quarter of an hour after the last, with a key of its own", () => {
  const draft = withStep(withStep(EMPTY_DRAFT));
  expect(draft.steps.map(({ key, minutes }) => [key, minutes])).toEqual([[0, "0"], [1, "15"], [2, "30"]]);
});
