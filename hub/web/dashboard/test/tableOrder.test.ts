import { describe, expect, it } from "vitest";

import { compareBy, orderOf } from "../src/model/tableOrder";

describe("the order of a table", () => {
  it("is what the address says", () => {
    expect(orderOf("name")).toEqual({ key: "name", direction: "ascending" });
    expect(orderOf("-name")).toEqual({ key: "name", direction: "descending" });
    expect(orderOf(null)).toBeNull();
    expect(orderOf("-")).toBeNull();
  });

  it("puts what has no value last, whichever way round", () => {
    const rows = [3, null, 1, 2];
    const value = (row: number | null): number | null => row;
    expect([...rows].sort(compareBy(value, "ascending"))).toEqual([1, 2, 3, null]);
    expect([...rows].sort(compareBy(value, "descending"))).toEqual([3, 2, 1, null]);
  });

  it("counts in names as people do", () => {
    const rows = ["ge-10", "ge-9", "GE-1"];
    expect([...rows].sort(compareBy((row) => row, "ascending"))).toEqual(["GE-1", "ge-9", "ge-10"]);
  });
});
