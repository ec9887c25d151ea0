import { expect, test } from "vitest";

import { chosenColumns, COLUMN_KEYS, fittingColumns, tracksOf, withColumn } from "../src/model/columns";

test("columns are shown and hidden against the usual choice, so that new ones appear by themselves", () => {
  expect(chosenColumns([])).not.toContain("tags");
  const changed = withColumn(withColumn([], "tags", true), "loss", false);
  expect(changed).toEqual(["+tags", "-loss"]);
  expect(chosenColumns(changed)).toContain("tags");
  expect(chosenColumns(changed)).not.toContain("loss");
  expect(withColumn(withColumn(changed, "tags", false), "loss", true)).toEqual([]);
});

test("state and name cannot be hidden, and unknown names change nothing", () => {
  expect(chosenColumns(["-state", "-name", "+nothing"])).toEqual(chosenColumns([]));
});

test("with less width fewer columns are shown, with enough all, and never less than state and name", () => {
  const all = [...COLUMN_KEYS];
  expect(fittingColumns(all, 4_000, true)).toEqual(all);
  let before = all.length;
  for (let widthPx = 2_000; widthPx > 0; widthPx -= 50) {
    const fitting = fittingColumns(all, widthPx, true);
    expect(fitting.length).toBeLessThanOrEqual(before);
    before = fitting.length;
  }
  expect(fittingColumns(all, 0, true)).toEqual(["state", "name"]);
});

test("there is a track for each column, and one for the boxes", () => {
  expect(tracksOf(["state", "name"], true)).toBe("20px 124px minmax(112px, 1fr)");
  expect(tracksOf(["state"], false)).toBe("124px");
});
