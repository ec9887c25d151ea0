import { expect, test } from "vitest";

import { failure, type CareRow } from "../src/model/care";

const row = (alertId: number, message: string | null): CareRow => ({ alertId, outcome: message === null ? "changed" : "refused", field: message === null ? null : "id", message });

test("alerts that are all done leave nothing to tell", () => {
  expect(failure([row(1, null), row(2, null)])).toBeNull();
});

test("of alerts that were refused the first says why, the others are counted", () => {
  expect(failure([row(1, null), row(2, "is resolved"), row(3, "is gone")])).toEqual({ count: 2, message: "is resolved", field: "id" });
});
