import { expect, test } from "vitest";

import { bodyOf, draftOf, emptyDraft, stateOf, type Maintenance } from "../src/model/maintenance";

const now = Date.parse("2026-05-05T10:00:00Z");
const span = { startsAt: "2026-05-05T09:00:30.000Z", endsAt: "2026-05-05T11:00:30.000Z" };
const window = (part: Partial<Maintenance> = {}): Maintenance => ({ id: 1, name: "w", note: "", deviceIds: [1], siteIds: [], tags: [], once: span, recurring: null, running: span, next: null, createdAt: "", revision: 1, ...part });

test("a schedule that nobody touched is not sent, so that its seconds stay", () => {
  const before = draftOf(window(), now);
  expect(bodyOf({ ...before, name: "other" }, before)).toEqual({ name: "other", note: "", deviceIds: [1], siteIds: [], tags: [] });
});

test("a new time is sent as an instant", () => {
  const before = draftOf(window(), now);
  expect(bodyOf({ ...before, ends: "2026-05-06T12:00" }, before)).toMatchObject({ once: { endsAt: new Date(2026, 4, 6, 12).toISOString() } });
});

test("a window that recurs is sent by its days in the order of the week, without what was left empty", () => {
  const draft = { ...emptyDraft(now, "Asia/Jakarta"), recurs: true, weekdays: ["sun", "mon"] as const, minutes: "90" };
  expect(bodyOf(draft, null)).toMatchObject({ recurring: { weekdays: ["mon", "sun"], durationS: 5400, timezone: "Asia/Jakarta", firstDate: null, lastDate: null } });
});

test.each([
  [{}, "running"],
  [{ running: null, next: { startsAt: "2026-05-06T00:00:00Z", endsAt: "2026-05-06T01:00:00Z" } }, "coming"],
  // It has begun since the hub was asked.
  [{ running: null, next: { startsAt: "2026-05-05T09:59:00Z", endsAt: "2026-05-05T11:00:00Z" } }, "running"],
  [{ running: { ...span, endsAt: "2026-05-05T09:59:59Z" } }, "over"],
  [{ running: null }, "over"],
] as const)("%o is %s", (part, expected) => {
  expect(stateOf(window(part), now)).toBe(expected);
});
