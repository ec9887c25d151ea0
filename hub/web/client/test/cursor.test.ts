import { expect, test } from "vitest";

import { Cursor } from "../src/cursor.js";

const A = "00000000000000aa";
const B = "00000000000000bb";

test("an event's seq means nothing before the epoch is known", () => {
  const cursor = new Cursor();
  cursor.pass(7);
  expect(cursor.position).toBeNull();
});

test("events move a cursor forwards and never back", () => {
  const cursor = new Cursor();
  cursor.seed({ epoch: A, seq: 10 });
  cursor.pass(12);
  cursor.pass(11);
  cursor.pass(undefined);
  expect(cursor.position).toEqual({ epoch: A, seq: 12 });
});

test("a position of the same epoch never takes a cursor back", () => {
  const cursor = new Cursor();
  cursor.seed({ epoch: A, seq: 10 });
  cursor.reach({ epoch: A, seq: 4 });
  expect(cursor.position).toEqual({ epoch: A, seq: 10 });
});

test("a count that agrees takes the hub's position", () => {
  const cursor = new Cursor();
  cursor.seed({ epoch: A, seq: 10 });
  cursor.begin(cursor.position);
  cursor.pass(11);
  expect(cursor.agree({ epoch: A, seq: 15 }, 1)).toBe(true);
  expect(cursor.position).toEqual({ epoch: A, seq: 15 });
});

test("a count that does not agree takes the cursor back to where both last agreed", () => {
  const cursor = new Cursor();
  cursor.seed({ epoch: A, seq: 10 });
  cursor.begin(cursor.position);
  cursor.pass(12);
  expect(cursor.agree({ epoch: A, seq: 15 }, 2)).toBe(false);
  expect(cursor.position).toEqual({ epoch: A, seq: 10 });
});

test("another epoch replaces the cursor even with a lower seq", () => {
  const cursor = new Cursor();
  cursor.seed({ epoch: A, seq: 10 });
  cursor.reach({ epoch: B, seq: 1 });
  expect(cursor.position).toEqual({ epoch: B, seq: 1 });
});
