import { describe, expect, it } from "vitest";

import { figuresNow, ownAnswer, ownEventWords, withLatencies, withRates, worstOf, type OwnService, type ServiceState } from "../src/model/own";

const NOW_MS = Date.parse("2026-11-26T12:00:00Z");
const service = (id: number, state: ServiceState, more: Partial<OwnService> = {}): OwnService => ({ id, label: `line ${id}`, state, since: null, deviceId: id, interfaceId: 10 + id, committedBps: null, latency: null, bandwidth: null, ...more });

describe("what a customer reads first", () => {
  it("is that its connection works", () => {
    expect(ownAnswer([service(1, "up")], NOW_MS)).toBe("Your connection works.");
    expect(ownAnswer([service(1, "up"), service(2, "up")], NOW_MS)).toBe("All 2 of your connections work.");
  });

  it("is the worst that there is, by the label that it knows", () => {
    expect(ownAnswer([service(1, "up"), service(2, "degraded")], NOW_MS)).toBe("line 2 works, but not as well as it should.");
    const both = [service(1, "degraded"), service(2, "down", { since: "2026-11-26T11:46:00Z" })];
    expect(ownAnswer(both, NOW_MS)).toMatch(/^2 of your 2 connections do not work as they should\. line 2 is down, since .*, 14 min\.$/u);
    expect(worstOf(both)).toBe("down");
  });

  it("never calls what is not known well", () => {
    expect(ownAnswer([service(1, "unknown")], NOW_MS)).toContain("cannot be judged");
    expect(worstOf([])).toBe("unknown");
  });
});

describe("what comes live", () => {
  const rates = { deviceId: 1, interfaceId: 11, inBps: 5, outBps: 6, inUtilRatio: null, outUtilRatio: null, quality: [], timestamp: "" };
  const latency = { deviceId: 1, rttS: 0.001, lossRatio: 0, mdevS: null, source: "icmp" as const, timestamp: "" };

  it("reaches the service that it is about, and no other", () => {
    const [first, second] = withRates([service(1, "up"), service(2, "up")], { timestamp: "", items: [rates], more: false });
    expect([first?.bandwidth?.inBps, second?.bandwidth]).toEqual([5, null]);
    expect(withLatencies([service(1, "up")], { timestamp: "", items: [latency], more: false })[0]?.latency?.rttS).toBe(0.001);
  });

  it.each([
    ["up", 60_000, true],
    ["up", 601_000, false],
    ["down", 1_000, false],
  ] as const)("is not shown as of now where the service is %s and it is %i ms old: %s", (state, ageMs, shown) => {
    const bandwidth = { ...rates, timestamp: new Date(NOW_MS - ageMs).toISOString() };
    expect(figuresNow(service(1, state, { bandwidth }), NOW_MS).bandwidth !== null).toBe(shown);
  });

  it("of a test changes nothing", () => {
    const before = [service(1, "up")];
    expect(withRates(before, { timestamp: "", items: [rates], more: false, test: true })).toBe(before);
    expect(withLatencies(before, { timestamp: "", items: [latency], more: false, test: true })).toBe(before);
  });
});

describe("what has changed", () => {
  const services = [{ customerId: 1, serviceId: 1, label: "fibre" }];

  it.each([
    [{ name: "device:status", status: "unreachable", services }, "fibre is down", "offline"],
    [{ name: "device:status", status: "online", services }, "fibre works", "online"],
    [{ name: "interface:status", ifOperStatus: "lowerLayerDown", services }, "fibre is down", "offline"],
    [{ name: "customer:update", change: "suspended" }, "Your contract was suspended", "degraded"],
  ])("is told in plain words", (event, text, tone) => {
    expect(ownEventWords({ seq: 1, timestamp: "", ...event })).toEqual({ text, tone });
  });

  it("says nothing of what is no service's", () => {
    expect(ownEventWords({ seq: 1, timestamp: "", name: "device:status", status: "offline" })).toBeNull();
    expect(ownEventWords({ seq: 1, timestamp: "", name: "customer:update", change: "unheard-of" })).toBeNull();
  });
});
