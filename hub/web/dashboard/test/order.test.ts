import { expect, test } from "vitest";

import { DEFAULT_SORT, isOrdered, nextSort, orderIds, parseSort, sortText } from "../src/model/order";
import { row } from "./samples";

const latency = (rttS: number | null) =>
  ({ deviceId: 1, rttS, lossRatio: 0, mdevS: null, source: "icmp", timestamp: "2026-01-01T00:00:00Z" }) as const;

test("faults come first, then names as people count them", () => {
  const rows = [
    row({ id: 1, name: "sw10" }),
    row({ id: 2, name: "sw9" }),
    row({ id: 3, name: "sw1", status: "degraded" }),
    row({ id: 4, name: "sw2", status: "offline" }),
  ];
  expect(orderIds(rows, DEFAULT_SORT, false)).toEqual([4, 3, 2, 1]);
});

test("what is unknown comes last in either direction", () => {
  const rows = [
    row({ id: 1, latency: latency(null) }),
    row({ id: 2, latency: latency(0.2) }),
    row({ id: 3, latency: latency(0.1) }),
  ];
  expect(orderIds(rows, { by: "latency", descending: false }, false)).toEqual([3, 2, 1]);
  expect(orderIds(rows, { by: "latency", descending: true }, false)).toEqual([2, 3, 1]);
});

test("addresses are ordered by number", () => {
  const rows = [row({ id: 1, address: "10.0.0.10" }), row({ id: 2, address: "10.0.0.9" })];
  expect(orderIds(rows, { by: "address", descending: false }, false)).toEqual([2, 1]);
});

test("grouped by site, the sort holds within each site", () => {
  const rows = [
    row({ id: 1, siteName: "b", status: "offline" }),
    row({ id: 2, siteName: "a" }),
    row({ id: 3, siteName: "a", status: "offline" }),
  ];
  expect(orderIds(rows, DEFAULT_SORT, true)).toEqual([3, 2, 1]);
});

test("a sort survives its address, and nonsense is the default", () => {
  expect(parseSort(sortText({ by: "loss", descending: true }))).toEqual({ by: "loss", descending: true });
  expect(parseSort("-constructor")).toEqual(DEFAULT_SORT);
  expect(parseSort(null)).toEqual(DEFAULT_SORT);
});

test("figures begin with the greatest, a second click turns the order round", () => {
  const first = nextSort(DEFAULT_SORT, "latency");
  expect(first).toEqual({ by: "latency", descending: true });
  expect(nextSort(first, "latency").descending).toBe(false);
});

test("rows in order are known without sorting them", () => {
  const rows = [row({ id: 1, name: "sw9" }), row({ id: 2, name: "sw10" }), row({ id: 3, name: "sw1", siteName: "north" })];
  expect(isOrdered(rows, DEFAULT_SORT, true)).toBe(true);
  expect(isOrdered([...rows].reverse(), DEFAULT_SORT, false)).toBe(false);
});

test("many devices stand in an order that is known again", () => {
  const rows = Array.from({ length: 2_000 }, (_, n) => row({ id: n, name: `sw-${(n * 7919) % 2_000}`, siteName: `site ${n % 40}` }));
  const ids = orderIds(rows, DEFAULT_SORT, false);
  expect(new Set(ids).size).toBe(2_000);
  expect(isOrdered(ids.map((id) => rows[id] ?? row()), DEFAULT_SORT, false)).toBe(true);
});
