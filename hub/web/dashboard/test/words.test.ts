import { expect, test } from "vitest";

import { countByStatus, isStale } from "../src/model/device";
import { clock } from "../src/model/format";
import { answerFor, answerForAll, entryWords, faultTitle, latestFault } from "../src/model/words";
import { device, row } from "./samples";

const since = Date.parse("2026-05-05T01:12:00.000Z");
const now = since + 14 * 60_000;

test("a device's answer tells the state, since when, how long, and why", () => {
  const answer = answerFor(device({ status: "offline", statusReason: "3 fast retries lost" }), now);
  expect(answer).toBe(`Offline since ${clock(since, now)}, 14 min. 3 fast retries lost.`);
});

test("a device that is well needs no reason", () => {
  expect(answerFor(device(), now)).toBe(`Online since ${clock(since, now)}, 14 min.`);
});

test("maintenance tells what it hides", () => {
  const answer = answerFor(device({ status: "maintenance", underlying: "offline", statusReason: "window 3" }), now);
  expect(answer).toContain("Without the maintenance it would be offline.");
});

test("a state without a time claims none", () => {
  expect(answerFor(device({ status: "unknown", statusSince: null, statusReason: "no agent polls it" }), now)).toBe(
    "Unknown. No agent polls it.",
  );
});

test("all devices' answer names the faults and the latest one", () => {
  const rows = [row({ id: 1 }), row({ id: 2, name: "sw2", status: "offline" })];
  expect(answerForAll(2, countByStatus(rows), latestFault(rows), now)).toBe("1 offline of 2 devices. Latest: sw2, offline for 14 min.");
  expect(answerForAll(1, countByStatus([rows[0]!]), latestFault([rows[0]!]), now)).toBe("The one device answers.");
});

test("the latest fault is a cause, not what is behind it", () => {
  const behind = row({ id: 1, name: "acc1", status: "unreachable", statusSince: new Date(now).toISOString() });
  const cause = row({ id: 2, name: "core1", status: "offline" });
  expect(latestFault([behind, cause])?.name).toBe("core1");
  expect(latestFault([cause, behind])?.name).toBe("core1");
  expect(latestFault([behind])?.name).toBe("acc1");
});

test("the window's title names the worst and is quiet when all is well", () => {
  expect(faultTitle(countByStatus([row({ status: "offline" }), row({ status: "degraded" })]))).toBe("1 offline");
  expect(faultTitle(countByStatus([row()]))).toBeNull();
});

test("a figure is old one and a half rounds after it was measured, and not before", () => {
  const at = new Date(since).toISOString();
  expect(isStale(at, 10, since + 17_999)).toBe(false);
  expect(isStale(at, 10, since + 18_001)).toBe(true);
  expect(isStale(undefined, 10, now)).toBe(false);
});

test("a change of state tells why and what the agent found, and that nothing but the reason is new", () => {
  const event = { deviceId: 1, deviceName: "core1", siteId: 1, status: "offline", previous: "online", reason: "3 fast retries lost", detail: "traceroute to 192.0.2.1: no hop answers", timestamp: "", seq: 1 } as const;
  const words = entryWords({ kind: "device", event, key: "1", atMs: 0 });
  expect([words.text, words.why]).toEqual(["offline, was online", "3 fast retries lost · traceroute to 192.0.2.1: no hop answers"]);
  const again = entryWords({ kind: "device", event: { ...event, previous: "offline", detail: null }, key: "2", atMs: 0 });
  expect([again.text, again.why]).toEqual(["still offline", "3 fast retries lost"]);
});
