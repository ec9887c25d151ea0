// Whether a payload has what its event's type promises. Checked once, where it enters; handlers then rely on it.
// Names and reasons are for staff: a customer's events come without them.

import type { EventName } from "./events.js";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number";
const numberOrNull: Check = (value) => value === null || typeof value === "number";
const textOrNull: Check = (value) => value === null || value === undefined || typeof value === "string";
const idOrNone: Check = (value) => value === null || value === undefined || typeof value === "number";
const time: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const object: Check = (value) => typeof value === "object" && value !== null;
const words: Check = (value) => Array.isArray(value) && value.every(text);
const oneOf =
  (...names: string[]): Check =>
  (value) =>
    typeof value === "string" && names.includes(value);
const listOf =
  (fields: Fields): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => firstMisfit(fields, item) === null);

type Fields = Readonly<Record<string, Check>>;

const status = oneOf("online", "degraded", "offline", "unreachable", "unknown", "maintenance");
const ifStatus = oneOf("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown");

const alert: Fields = {
  timestamp: time,
  id: number,
  title: text,
  severity: oneOf("info", "warning", "critical"),
  state: oneOf("inactive", "pending", "firing", "resolved"),
  deviceId: idOrNone,
  startedAt: time,
  reason: textOrNull,
};

const latencyItem: Fields = { deviceId: number, rttS: numberOrNull, lossRatio: number, source: text, timestamp: time };
const bandwidthItem: Fields = {
  deviceId: number,
  interfaceId: numberOrNull,
  inBps: numberOrNull,
  outBps: numberOrNull,
  quality: words,
  timestamp: time,
};

const FIELDS: Readonly<Record<EventName, Fields>> = {
  "device:status": {
    timestamp: time,
    deviceId: number,
    deviceName: textOrNull,
    status,
    previous: status,
    reason: textOrNull,
  },
  "interface:status": {
    timestamp: time,
    deviceId: number,
    deviceName: textOrNull,
    interfaceId: number,
    interfaceName: textOrNull,
    ifAdminStatus: ifStatus,
    ifOperStatus: ifStatus,
    reason: textOrNull,
  },
  "alert:new": alert,
  "alert:update": alert,
  "network:log": { timestamp: time, severity: number, source: text, message: text },
  "payment:update": { timestamp: time, paymentId: text, customerId: number, status: text, amount: textOrNull },
  "customer:update": { timestamp: time, customerId: number, state: text },
  "agent:status": {
    timestamp: time,
    agentId: number,
    agentName: text,
    status: oneOf("connected", "silent", "revoked", "fenced"),
    reason: text,
  },
  "latency:update": { timestamp: time, items: listOf(latencyItem) },
  "bandwidth:update": { timestamp: time, items: listOf(bandwidthItem) },
  "stats:update": { timestamp: time, devices: object, alerts: object, agents: object, clients: number },
  position: { epoch: text, seq: number, delivered: number },
  "replay:done": { epoch: text, seq: number },
  "logs:skipped": { timestamp: time, room: text, count: number },
};

/** Returns the name of the first field of `payload` that is not as the event promises, null when all are. */
export function misfit(name: EventName, payload: unknown): string | null {
  return firstMisfit(FIELDS[name], payload);
}

function firstMisfit(fields: Fields, payload: unknown): string | null {
  if (typeof payload !== "object" || payload === null) return "payload";
  const values = payload as Readonly<Record<string, unknown>>;
  return Object.keys(fields).find((field) => fields[field]?.(values[field]) === false) ?? null;
}
