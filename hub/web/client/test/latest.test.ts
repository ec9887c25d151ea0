import { expect, test } from "vitest";

import { createClient, latestOf, type AlertEvent, type NoctuleClient } from "../src/index.js";
import { Dispatch } from "../src/dispatch.js";
import { Keyed, Latest, MAX_KEYS, MAX_RECENT, rateKey } from "../src/latest.js";

const timestamp = "2026-01-01T00:00:00.000Z";

function fed(): { latest: Latest; emit: (name: string, payload: object) => void } {
  const dispatch = new Dispatch();
  const latest = new Latest({ on: dispatch.on.bind(dispatch) } as unknown as NoctuleClient);
  return { latest, emit: (name, payload) => dispatch.emit(name, { timestamp, ...payload }) };
}

const round = (deviceId: number, rttS: number): object => ({ deviceId, rttS, lossRatio: 0, mdevS: null, source: "icmp", timestamp });

test("a tick tells only who looks at what is in it", () => {
  const { latest, emit } = fed();
  const told: number[] = [];
  latest.latency.listen(1, () => told.push(1));
  const stop = latest.latency.listen(2, () => told.push(2));
  emit("latency:update", { items: [round(2, 0.1), round(3, 0.2)], more: false });
  expect(told).toEqual([2]);
  expect(latest.latency.get(3)).toMatchObject({ rttS: 0.2 });
  stop();
  stop();
  emit("latency:update", { items: [round(2, 0.3)], more: false });
  expect(told).toEqual([2]);
  expect(latest.latency.watched).toBe(1);
});

test("rates of a device and of its interfaces are apart", () => {
  const { latest, emit } = fed();
  const rates = { inUtilRatio: null, outUtilRatio: null, quality: ["ok"], outBps: null, timestamp };
  const items = [null, 4].map((interfaceId) => ({ ...rates, deviceId: 1, interfaceId, inBps: interfaceId ?? 9 }));
  emit("bandwidth:update", { items, more: false });
  expect([latest.bandwidth.get(rateKey(1, null))?.inBps, latest.bandwidth.get(rateKey(1, 4))?.inBps]).toEqual([9, 4]);
});

test("what is late or a test changes nothing that is shown as now", () => {
  const { latest, emit } = fed();
  const status = { deviceId: 7, status: "offline", previous: "online" };
  emit("device:status", { ...status, late: true });
  emit("device:status", { ...status, test: true });
  expect(latest.devices.get(7)).toBeUndefined();
  emit("device:status", status);
  expect(latest.devices.get(7)).toMatchObject(status);
});

test("what the status page tells is heard, and is no device's status", () => {
  const { latest, emit } = fed();
  emit("device:status", { components: [{ id: 1, label: "Fibre", state: "outage" }] });
  expect(latest.devices.size).toBe(0);
});

test("alerts are those that are active, once each, newest first", () => {
  const { latest, emit } = fed();
  const alert = (id: number, state: AlertEvent["state"]): object => ({
    ...{ id, state, title: "x", severity: "warning", deviceId: null, startedAt: timestamp },
  });
  emit("alert:new", alert(1, "firing"));
  emit("alert:new", alert(2, "firing"));
  emit("alert:update", alert(1, "firing"));
  expect(latest.alerts.get().map(({ id }) => id)).toEqual([1, 2]);
  emit("alert:update", alert(1, "resolved"));
  expect(latest.alerts.get().map(({ id }) => id)).toEqual([2]);
});

test("lists and tables have an end", () => {
  const { latest, emit } = fed();
  for (let n = 0; n < MAX_RECENT + 5; n += 1) emit("network:log", { severity: 6, source: "syslog", message: `${n}` });
  expect(latest.logs.get()).toHaveLength(MAX_RECENT);
  expect(latest.logs.get()[0]?.message).toBe(`${MAX_RECENT + 4}`);
  const keyed = new Keyed<number>();
  for (let n = 0; n <= MAX_KEYS; n += 1) keyed.set(n, n);
  expect([keyed.get(0), keyed.get(MAX_KEYS)]).toEqual([undefined, MAX_KEYS]);
});

test("a client has one Latest", () => {
  const client = createClient({ url: "http://127.0.0.1:9" });
  expect(latestOf(client)).toBe(latestOf(client));
});
