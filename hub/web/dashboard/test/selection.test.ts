import { expect, test } from "vitest";

import { choose, chooseAll, NOTHING, withoutGone } from "../src/model/selection";

const SHOWN = [5, 3, 8, 1, 9];
const ids = (selection: { ids: ReadonlySet<number> }): number[] => [...selection.ids].sort((a, b) => a - b);

test("a row is chosen and taken out again", () => {
  const once = choose(NOTHING, 3, false, SHOWN);
  expect(ids(once)).toEqual([3]);
  expect(ids(choose(once, 3, false, SHOWN))).toEqual([]);
});

test("a range goes from the last row chosen alone, in the order that is shown, either way", () => {
  const from = choose(NOTHING, 8, false, SHOWN);
  expect(ids(choose(from, 9, true, SHOWN))).toEqual([1, 8, 9]);
  expect(ids(choose(from, 5, true, SHOWN))).toEqual([3, 5, 8]);
});

test("a range from a row that was taken out takes out, one from a row that is not shown is one row", () => {
  const all = chooseAll(NOTHING, SHOWN);
  const out = choose(choose(all, 3, false, SHOWN), 1, true, SHOWN);
  expect(ids(out)).toEqual([5, 9]);
  expect(ids(choose({ ids: new Set(), anchor: 77 }, 1, true, SHOWN))).toEqual([1]);
});

test("all that are shown are chosen beside what was, and then none of them", () => {
  const some = choose(NOTHING, 77, false, [77]);
  const all = chooseAll(some, SHOWN);
  expect(ids(all)).toEqual([1, 3, 5, 8, 9, 77]);
  expect(ids(chooseAll(all, SHOWN))).toEqual([77]);
});

test("devices that are gone are chosen no more", () => {
  const all = chooseAll(NOTHING, SHOWN);
  expect(withoutGone(all, () => true)).toBe(all);
  expect(ids(withoutGone(all, (id) => id !== 8))).toEqual([1, 3, 5, 9]);
});
