import { expect, test } from "vitest";

import { EVENT_NAMES, misfit } from "../src/index.js";

const status = {
  timestamp: "2026-01-01T00:00:00.000Z",
  deviceId: 7,
  deviceName: "core1",
  siteId: 1,
  status: "offline",
  previous: "online",
  reason: "3 fast retries lost",
};

test("a whole payload fits, unknown fields are no fault", () => {
  expect(misfit("device:status", { ...status, later: 1 })).toBeNull();
});

test("what a customer is told fits, without names and reasons", () => {
  const { deviceName, reason, siteId, ...shown } = status;
  const services = [{ customerId: 4, serviceId: 1, label: "fibre" }];
  expect([deviceName, reason, siteId].length).toBe(3);
  expect(misfit("device:status", { ...shown, services })).toBeNull();
  const port = { interfaceId: 3, ifAdminStatus: "up", ifOperStatus: "down", previousAdminStatus: "up" };
  expect(misfit("interface:status", { ...shown, ...port, previous: "up", services })).toBeNull();
  const alert = { id: 1, title: "fibre is down", severity: "warning", state: "firing", startedAt: status.timestamp };
  expect(misfit("alert:new", { timestamp: status.timestamp, deviceId: 7, ...alert, services })).toBeNull();
});

test("what the status page tells of a device's status fits, and nothing between that and a whole event", () => {
  const components = [{ id: 1, label: "Fibre", state: "outage" }];
  const shown = { timestamp: status.timestamp, seq: 4, committedAt: status.timestamp, components };
  expect(misfit("device:status", shown)).toBeNull();
  expect(misfit("device:status", { timestamp: status.timestamp })).toBe("deviceId");
  expect(misfit("device:status", { ...shown, components: [{ id: 1, label: "Fibre" }] })).toBe("deviceId");
  expect(misfit("device:status", { ...shown, status: "offline" })).toBe("deviceId");
  expect(misfit("device:status", { ...shown, deviceId: 7 })).toBe("status");
});

test("the first field that does not fit is named", () => {
  expect(misfit("device:status", { ...status, status: "asleep" })).toBe("status");
  expect(misfit("device:status", { ...status, timestamp: "soon" })).toBe("timestamp");
  expect(misfit("bandwidth:update", { timestamp: status.timestamp })).toBe("items");
});

test("one bad item spoils a list", () => {
  const item = { deviceId: 1, rttS: null, lossRatio: 1, mdevS: null, source: "icmp", timestamp: status.timestamp };
  expect(misfit("latency:update", { timestamp: status.timestamp, items: [item], more: false })).toBeNull();
  expect(misfit("latency:update", { timestamp: status.timestamp, items: [item, { ...item, rttS: "1" }], more: false })).toBe("items");
});

test("totals as anybody may see them fit, without agents, clients and payments", () => {
  const totals = { timestamp: status.timestamp, devices: { total: 1 }, alerts: {}, inBps: null, outBps: 4 };
  expect(misfit("stats:update", totals)).toBeNull();
  expect(misfit("stats:update", { ...totals, devices: { total: "1" } })).toBe("devices");
  expect(misfit("stats:update", { ...totals, clients: "1" })).toBe("clients");
});

test.each(EVENT_NAMES.map((name) => [name]))("nothing at all does not fit %s", (name) => {
  expect(misfit(name, {})).not.toBeNull();
  expect(misfit(name, null)).toBe("payload");
});
