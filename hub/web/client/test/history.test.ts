import { expect, test } from "vitest";

import { History, KEPT } from "../src/tabs/history.js";

const A = "00000000000000aa";
const at = (seq: number, epoch = A): { epoch: string; seq: number } => ({ epoch, seq });

function historyOf(since: number, ...seqs: number[]): History {
  const history = new History();
  history.begin(at(since), ["devices"]);
  for (const seq of seqs) history.take({ name: "device:status", payload: { seq } });
  return history;
}

const seqs = (events: { payload: unknown }[] | null): number[] | undefined =>
  events?.map(({ payload }) => (payload as { seq: number }).seq);

test("what follows a position comes in order, however it arrived", () => {
  expect(seqs(historyOf(10, 11, 13, 12).after(at(11), ["devices"]))).toEqual([12, 13]);
  expect(seqs(historyOf(10, 11).after(at(11), ["devices"]))).toEqual([]);
});

test("a position before the connection's own is the hub's to serve", () => {
  expect(historyOf(10, 11).after(at(9), ["devices"])).toBeNull();
  expect(historyOf(10, 11).after(at(11, "00000000000000bb"), ["devices"])).toBeNull();
});

test("a room that was joined later is whole only from then on", () => {
  const history = historyOf(10, 11);
  expect(history.after(at(11), ["device:7"])).toBeNull();
  history.joined("device:7", 12);
  expect(history.after(at(11), ["device:7"])).toBeNull();
  history.take({ name: "device:status", payload: { seq: 13 } });
  expect(seqs(history.after(at(12), ["device:7"]))).toEqual([13]);
  history.left("device:7");
  expect(history.after(at(12), ["device:7"])).toBeNull();
});

test("a connection that began with what is new has a beginning once the hub names it", () => {
  const history = new History();
  history.begin(null, ["devices"]);
  expect(history.after(at(5), ["devices"])).toBeNull();
  history.reach(at(5));
  expect(seqs(history.after(at(5), ["devices"]))).toEqual([]);
});

test("another epoch forgets everything", () => {
  const history = historyOf(10, 11);
  history.reach(at(1, "00000000000000bb"));
  expect(history.after(at(10), ["devices"])).toBeNull();
  expect(history.position).toEqual(at(1, "00000000000000bb"));
});

test("what is kept has an end, and nobody is served from beyond it", () => {
  const history = historyOf(0, ...Array.from({ length: KEPT + 1 }, (_, n) => n + 1));
  expect(history.after(at(0), ["devices"])).toBeNull();
  expect(seqs(history.after(at(1), ["devices"]))).toHaveLength(KEPT);
});
