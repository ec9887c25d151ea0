import { expect, test } from "vitest";

import { Feed, REMEMBERED } from "../src/feed.js";

const A = "00000000000000aa";
const B = "00000000000000bb";

test("an event is let through once", () => {
  const feed = new Feed();
  feed.begin({ epoch: A, seq: 10 });
  expect([feed.admit(11), feed.admit(11), feed.admit(12)]).toEqual([true, false, true]);
  expect(feed.position).toEqual({ epoch: A, seq: 12 });
});

test("nothing up to the snapshot is new", () => {
  const feed = new Feed();
  feed.begin({ epoch: A, seq: 10 });
  expect([feed.admit(9), feed.admit(10)]).toEqual([false, false]);
});

test("an event that was missed is let through although later ones came before it", () => {
  const feed = new Feed();
  feed.begin({ epoch: A, seq: 10 });
  feed.admit(13);
  expect([feed.admit(12), feed.admit(13)]).toEqual([true, false]);
  expect(feed.position).toEqual({ epoch: A, seq: 13 });
});

test("what is not logged is always new", () => {
  const feed = new Feed();
  expect([feed.admit(undefined), feed.admit(undefined)]).toEqual([true, true]);
});

test("another epoch begins anew: its numbers mean other events", () => {
  const feed = new Feed();
  feed.begin({ epoch: A, seq: 10 });
  feed.admit(11);
  feed.reach({ epoch: B, seq: 3 });
  expect([feed.admit(3), feed.admit(4), feed.admit(11)]).toEqual([false, true, true]);
});

test("a position of the same epoch hides no event that is still to come", () => {
  const feed = new Feed();
  feed.begin({ epoch: A, seq: 10 });
  feed.reach({ epoch: A, seq: 20 });
  expect(feed.admit(15)).toBe(true);
});

test("what is remembered has an end", () => {
  const feed = new Feed();
  for (let seq = 1; seq <= REMEMBERED + 1; seq += 1) feed.admit(seq);
  expect([feed.admit(1), feed.admit(REMEMBERED)]).toEqual([true, false]);
});
