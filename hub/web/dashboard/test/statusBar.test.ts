import { expect, test } from "vitest";

import { downS, monthName, monthsBack, type Availability, type StatusSpan } from "../src/model/month";
import { pieceAt, piecesOf, sharesOf } from "../src/model/statusBar";

const span = (from: number, to: number, status: StatusSpan["status"]): StatusSpan => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  status,
  reason: "",
  underlying: null,
  late: false,
});

test("pieces are cut to the time shown, and the newest state goes on", () => {
  const pieces = piecesOf([span(0, 50, "online"), span(50, 60, "offline"), span(60, 90, "online")], 20, 120);
  expect(pieces.map(({ fromMs, toMs, status }) => [fromMs, toMs, status])).toEqual([
    [20, 50, "online"],
    [50, 60, "offline"],
    [60, 120, "online"],
  ]);
  expect(pieces.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1);
  expect(piecesOf([span(0, 10, "online"), span(10, 15, "offline")], 20, 30)).toEqual([expect.objectContaining({ status: "offline", fromMs: 20 })]);
});

test("a short outage is found by a pointer that is only near it", () => {
  const pieces = piecesOf([span(0, 500, "online"), span(500, 501, "offline"), span(501, 1000, "online")], 0, 1000);
  expect(pieceAt(pieces, 0.504, 0.006)?.status).toBe("offline");
  expect(pieceAt(pieces, 0.6, 0.006)?.status).toBe("online");
  expect(pieceAt([], 0.5, 0.006)).toBeNull();
});

test("states are told from most to least", () => {
  const pieces = piecesOf([span(0, 900, "online"), span(900, 1000, "offline")], 0, 1000);
  expect(sharesOf(pieces).map(([status]) => status)).toEqual(["online", "offline"]);
});

test("the month before January is last year's December", () => {
  expect(monthsBack(Date.UTC(2026, 0, 31, 12), 3)).toEqual(["2026-01", "2025-12", "2025-11"]);
  expect(monthName("2026-11", "en-GB")).toBe("November 2026");
});

test("down is offline and unreachable", () => {
  const seconds = { online: 1, degraded: 2, offline: 4, unreachable: 8, unknown: 16, maintenance: 32 };
  expect(downS({ seconds } as Availability)).toBe(12);
});
