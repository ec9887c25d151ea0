import type { AlertEvent } from "@noctule/client";
import { expect, test } from "vitest";

import { alertQuery, countsOf, filterOf, hold, inPlace, ordered, passes } from "../src/model/alertList";
import { firingGroups } from "../src/model/firing";
import { alert } from "./samples";

const filter = (text: string) => filterOf(new URLSearchParams(text));
const keys = (groups: readonly { alerts: readonly AlertEvent[] }[]): number[][] => groups.map(({ alerts }) => alerts.map(({ id }) => id));
const incident = { id: 7, title: "core1 is offline", rootAlertId: 2, alerts: 2, unreachable: 5 };

test("an incident is one group with its root cause first, however bad the others are", () => {
  const alerts = [
    alert({ id: 1, severity: "critical", incident }),
    alert({ id: 2, severity: "warning", title: "core1 is offline", incident }),
    alert({ id: 3, severity: "info" }),
  ];
  const groups = ordered(alerts, false);
  expect(keys(groups)).toEqual([[2, 1], [3]]);
  expect(groups[0]).toMatchObject({ title: "core1 is offline", unreachable: 5 });
});

test("an incident is called as it was told last", () => {
  const grown = { ...incident, title: "Several devices at hq are offline", rootAlertId: 1, alerts: 3, unreachable: 9 };
  const [group] = ordered([alert({ id: 1, severity: "info", incident }), alert({ id: 2, incident: grown })], false);
  expect(group).toMatchObject({ title: grown.title, unreachable: 9, lead: { id: 1 } });
});

test("what rings nobody stands after what rings, however bad it is", () => {
  const alerts = [alert({ id: 1, severity: "critical", acknowledgedBy: "ada" }), alert({ id: 2, severity: "info" })];
  expect(keys(ordered(alerts, false))).toEqual([[2], [1]]);
  expect(firingGroups(alerts)).toMatchObject({ quiet: 1, groups: [{ lead: { id: 2 } }] });
});

test("what may ring soon stands after what rings, however bad and new it is", () => {
  const alerts = [alert({ id: 1, severity: "warning" }), alert({ id: 2, severity: "critical", state: "pending" }), alert({ id: 3, acknowledgedBy: "ada" })];
  expect(keys(ordered(alerts, false))).toEqual([[1], [2], [3]]);
});

test("while somebody reads, what is new waits, what changed stays, and older ones stand at the end", () => {
  const held = hold(ordered([alert({ id: 5, severity: "warning" }), alert({ id: 6, severity: "info" })], false));
  const now = [
    alert({ id: 6, severity: "critical" }),
    alert({ id: 5, severity: "warning", state: "resolved" }),
    alert({ id: 9, severity: "critical" }),
    alert({ id: 2, severity: "critical" }),
  ];
  const { groups, waiting } = inPlace(ordered(now, false), held);
  expect(keys(groups)).toEqual([[5], [6], [2]]);
  expect(waiting).toBe(1);
});

test("an alert that became part of an incident keeps its place", () => {
  const held = hold(ordered([alert({ id: 1, severity: "critical" }), alert({ id: 2, severity: "warning" })], false));
  const { groups, waiting } = inPlace(ordered([alert({ id: 1, severity: "critical" }), alert({ id: 2, incident }), alert({ id: 3, incident, title: incident.title })], false), held);
  expect(keys(groups)).toEqual([[1], [2, 3]]);
  expect(waiting).toBe(0);
});

test("with history the newest stand first", () => {
  expect(keys(ordered([alert({ id: 1 }), alert({ id: 3, severity: "info" }), alert({ id: 2 })], true))).toEqual([[3], [2], [1]]);
});

test.each([
  ["severity=warning", { severity: "critical" }, true],
  ["severity=critical", { severity: "warning" }, false],
  ["site=2", { siteId: 2 }, true],
  ["site=2", { siteId: null }, false],
  ["device=3", { deviceId: 4 }, false],
  ["rule=core-down", { rule: "core-down" }, true],
  ["mine=1", { assignee: { userId: 1, name: "ada" } }, true],
  ["mine=1", { assignee: { userId: 2, name: "bob" } }, false],
  ["unacknowledged=1", { acknowledgedBy: "ada" }, false],
  ["severity=loud&site=x", {}, true],
] as const)("%s of %o: %s", (text, part, expected) => {
  expect(passes(filter(text), alert(part), 1)).toBe(expected);
});

test("the hub is asked for what the address says", () => {
  expect(alertQuery(filter("state=all&severity=warning&mine=1&unacknowledged=1&rule=a"), 4, 50)).toBe("state=all&limit=50&severity=warning&rule=a&assignee=4&acknowledged=false");
});

test("what rings, what may soon, and what is known are counted apart, what is over is not", () => {
  const alerts = [
    alert({ id: 1, incident }),
    alert({ id: 2, incident, acknowledgedBy: "ada" }),
    alert({ id: 3, state: "pending" }),
    alert({ id: 4, silencedBy: { id: 1, comment: "" } }),
    alert({ id: 5, state: "resolved" }),
  ];
  expect(countsOf(ordered(alerts, false))).toEqual({ ringing: 1, pending: 1, quiet: 1, over: 1 });
});
