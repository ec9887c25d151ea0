import { expect, test } from "vitest";

import { layoutOf } from "../src/model/tracks";

const STATE = { key: "state", width: "120px", narrow: "100px" };
const NAME = { key: "name", width: "minmax(140px, 1fr)", narrow: "minmax(0, 1fr)" };
const SITE = { key: "site", width: "minmax(100px, 0.7fr)" };
const COLUMNS = [STATE, NAME, SITE];
// 120 + 140 + 100, two gaps of 14, 16 at either edge.
const NEEDED_PX = 420;

const keys = (columns: readonly { key: string }[]): string[] => columns.map(({ key }) => key);

test("a table with room has all columns in one line", () => {
  const { line, tracks, under } = layoutOf(COLUMNS, NEEDED_PX, false);
  expect(keys(line)).toEqual(["state", "name", "site"]);
  expect(tracks).toBe("120px minmax(140px, 1fr) minmax(100px, 0.7fr)");
  expect(under).toEqual([]);
});

test("what has no room stands in a second line", () => {
  const { line, tracks, under } = layoutOf(COLUMNS, NEEDED_PX - 1, false);
  expect(keys(line)).toEqual(["state", "name"]);
  expect(tracks).toBe("100px minmax(0, 1fr)");
  expect(keys(under)).toEqual(["site"]);
});

test("beside a panel the last columns are left to it", () => {
  expect(keys(layoutOf(COLUMNS, NEEDED_PX - 1, true).line)).toEqual(["state", "name"]);
  expect(layoutOf(COLUMNS, NEEDED_PX - 1, true).under).toEqual([]);
  expect(keys(layoutOf(COLUMNS, 10, true).line)).toEqual(["state"]);
});
