import { expect, test } from "vitest";

import { Fleet } from "../src/data/fleet";
import { Journal } from "../src/data/journal";
import { device } from "./samples";

const at = (s: number): string => new Date(Date.UTC(2026, 4, 5, 1, 12, s)).toISOString();
const offline = {
  deviceId: 1,
  deviceName: "core1",
  siteId: 1,
  status: "offline",
  previous: "online",
  reason: "3 fast retries lost",
  timestamp: at(10),
  seq: 9,
} as const;

test("a change of one device tells only who watches that one", () => {
  const fleet = new Fleet();
  fleet.replace([device(), device({ id: 2 })]);
  const told: number[] = [];
  fleet.watch(1, () => told.push(1));
  fleet.watch(2, () => told.push(2));
  fleet.takeStatus(offline);
  expect(told).toEqual([1]);
  expect(fleet.counts.get()).toMatchObject({ online: 1, offline: 1 });
});

test("what came since the last frame is told once, and all of it", () => {
  const frames: (() => void)[] = [];
  const fleet = new Fleet((act) => void frames.push(act));
  fleet.replace([device(), device({ id: 2 })]);
  frames.shift()?.();
  const told: number[] = [];
  fleet.watch(1, () => told.push(1));
  fleet.watch(2, () => told.push(2));
  const latency = { deviceId: 2, rttS: 0.1, lossRatio: 0, mdevS: null, source: "icmp", timestamp: at(11) } as const;
  fleet.takeStatus(offline);
  fleet.takeStatus({ ...offline, status: "degraded", previous: "offline", seq: 10 });
  fleet.takeLatency([latency, { ...latency, timestamp: at(12) }]);
  expect([frames.length, told, fleet.counts.get().online]).toEqual([1, [], 2]);
  frames.shift()?.();
  expect(told.sort()).toEqual([1, 2]);
  expect(fleet.counts.get()).toMatchObject({ online: 1, degraded: 1, offline: 0 });
  expect(frames).toHaveLength(0);
});

test("who is not well is known without looking through all", () => {
  const fleet = new Fleet();
  const unwell = (): number[] => [...fleet.unwell()].map((row) => row.device.id);
  fleet.replace([device(), device({ id: 2, status: "degraded" }), device({ id: 3, status: "offline" })]);
  expect(unwell()).toEqual([2, 3]);
  fleet.takeStatus(offline);
  fleet.takeStatus({ ...offline, deviceId: 2, status: "online", previous: "degraded", seq: 10 });
  expect(unwell().sort()).toEqual([1, 3]);
  fleet.replace([device()]);
  expect(unwell()).toEqual([1]);
});

test("a device that is renamed or moved changes who is there", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  const { members } = fleet.revision.get();
  fleet.replace([device({ status: "offline" })]);
  expect(fleet.revision.get().members).toBe(members);
  fleet.replace([device({ name: "core2" })]);
  fleet.replace([device({ name: "core2", siteName: "branch" })]);
  expect(fleet.revision.get().members).toBe(members + 2);
});

test("a late event and a test event change nothing that is shown as now", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  fleet.takeStatus({ ...offline, late: true });
  fleet.takeStatus({ ...offline, test: true });
  expect(fleet.get(1)?.device.status).toBe("online");
});

test("a list that was read before a live event does not undo it", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  fleet.takeStatus(offline);
  fleet.replace([device()]);
  expect(fleet.get(1)?.device.status).toBe("offline");
});

test("a lost round is kept as lost, not as zero", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  fleet.takeLatency([{ deviceId: 1, rttS: null, lossRatio: 1, mdevS: null, source: "icmp", timestamp: at(1) }]);
  expect(fleet.get(1)?.device.latency?.rttS).toBeNull();
  expect(fleet.get(1)?.rtt.at(-1)?.value).toBeNull();
});

test("an interface's rates are not taken for the device's", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  const rates = { deviceId: 1, inBps: 5, outBps: 5, inUtilRatio: null, outUtilRatio: null, quality: ["ok"], timestamp: at(1) };
  fleet.takeBandwidth([{ ...rates, interfaceId: 4 }]);
  expect(fleet.get(1)?.device.bandwidth).toBeNull();
});

test("a device that is not known is reported", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  expect(fleet.takeStatus({ ...offline, deviceId: 77 })).toBe(false);
});

test("an event that is replayed is in the strip once", () => {
  const journal = new Journal();
  journal.take({ kind: "device", event: offline });
  journal.take({ kind: "device", event: offline });
  journal.takePast([{ kind: "device", event: offline }]);
  expect(journal.entries.get()).toHaveLength(1);
});

test("an alert is active until it is resolved", () => {
  const journal = new Journal();
  const alert = {
    id: 3,
    rule: "device-offline",
    title: "core1 is offline",
    severity: "critical",
    state: "firing",
    deviceId: 1,
    deviceName: "core1",
    startedAt: at(0),
    reason: "",
    timestamp: at(0),
  } as const;
  journal.take({ kind: "alert", event: { ...alert, seq: 1 } });
  expect(journal.alerts.get().size).toBe(1);
  journal.take({ kind: "alert", event: { ...alert, state: "resolved", seq: 2 } });
  expect(journal.alerts.get().size).toBe(0);
});

test("a device that is down for another reason has been down as long as before", () => {
  const fleet = new Fleet();
  fleet.replace([device()]);
  fleet.takeStatus(offline);
  fleet.takeStatus({ ...offline, previous: "offline", reason: "no reply: No route to host", timestamp: at(50), seq: 10 });
  expect(fleet.get(1)?.device).toMatchObject({ statusReason: "no reply: No route to host", statusSince: at(10) });
});
