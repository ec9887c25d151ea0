import { expect, test } from "vitest";

import { EVENT_NAMES } from "../src/index.js";
import { misfit } from "../src/shape.js";

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

test("the first field that does not fit is named", () => {
  expect(misfit("device:status", { ...status, status: "asleep" })).toBe("status");
  expect(misfit("device:status", { ...status, timestamp: "soon" })).toBe("timestamp");
  expect(misfit("bandwidth:update", { timestamp: status.timestamp })).toBe("items");
});

test("one bad item spoils a list", () => {
  const item = { deviceId: 1, rttS: null, lossRatio: 1, mdevS: null, source: "icmp", timestamp: status.timestamp };
  expect(misfit("latency:update", { timestamp: status.timestamp, items: [item] })).toBeNull();
  expect(misfit("latency:update", { timestamp: status.timestamp, items: [item, { ...item, rttS: "1" }] })).toBe("items");
});

test.each(EVENT_NAMES.map((name) => [name]))("nothing at all does not fit %s", (name) => {
  expect(misfit(name, {})).not.toBeNull();
  expect(misfit(name, null)).toBe("payload");
});
