// Written by tools/client_types.py from noctule_shared; change it there.
// What must be true of a payload before a handler sees it; `shape.ts` applies it.

import { absent, flag, listOf, number, numbers, object, oneOf, optional, orNull, text, time, type Fields } from "../check.js";
import type { HubPayloads } from "./payloads.js";

const COMPONENT_REF: Fields = {
  id: number,
  label: text,
  state: oneOf("operational", "degraded", "outage", "maintenance", "unknown"),
};

const SERVICE_REF: Fields = {
  customerId: number,
  serviceId: number,
  label: text,
};

const SILENCE_REF: Fields = {
  id: number,
  comment: text,
};

const ASSIGNEE: Fields = {
  userId: number,
  name: text,
};

const INCIDENT_REF: Fields = {
  id: number,
  title: text,
  rootAlertId: optional(number),
  alerts: optional(number),
  unreachable: optional(number),
};

const LATENCY_ITEM: Fields = {
  deviceId: number,
  rttS: orNull(number),
  lossRatio: number,
  mdevS: orNull(number),
  source: oneOf("icmp", "snmp"),
  timestamp: time,
};

const BANDWIDTH_ITEM: Fields = {
  deviceId: number,
  interfaceId: orNull(number),
  inBps: orNull(number),
  outBps: orNull(number),
  inUtilRatio: orNull(number),
  outUtilRatio: orNull(number),
  quality: listOf(text),
  timestamp: time,
};

export const CHECKS: Readonly<Record<keyof HubPayloads, Fields>> = {
  "device:status": {
    timestamp: time,
    test: optional(flag),
    deviceId: number,
    deviceName: optional(text),
    siteId: optional(number),
    status: oneOf("online", "degraded", "offline", "unreachable", "unknown", "maintenance"),
    previous: oneOf("online", "degraded", "offline", "unreachable", "unknown", "maintenance"),
    reason: optional(text),
    underlying: optional(orNull(oneOf("online", "degraded", "offline", "unreachable", "unknown", "maintenance"))),
    detail: optional(orNull(text)),
    components: optional(orNull(listOf(object(COMPONENT_REF)))),
    services: optional(orNull(listOf(object(SERVICE_REF)))),
  },
  "interface:status": {
    timestamp: time,
    test: optional(flag),
    deviceId: number,
    deviceName: optional(text),
    interfaceId: number,
    interfaceName: optional(text),
    ifAdminStatus: oneOf("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"),
    ifOperStatus: oneOf("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"),
    previous: oneOf("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"),
    previousAdminStatus: oneOf("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"),
    reason: optional(text),
    services: optional(orNull(listOf(object(SERVICE_REF)))),
  },
  "alert:new": {
    timestamp: time,
    test: optional(flag),
    id: number,
    rule: optional(text),
    title: text,
    severity: oneOf("info", "warning", "critical"),
    state: oneOf("inactive", "pending", "firing", "resolved"),
    deviceId: orNull(number),
    deviceName: optional(orNull(text)),
    interfaceId: optional(orNull(number)),
    siteId: optional(orNull(number)),
    agentId: optional(orNull(number)),
    startedAt: time,
    resolvedAt: optional(orNull(time)),
    acknowledgedBy: optional(orNull(text)),
    acknowledgedAt: optional(orNull(time)),
    acknowledgedUntil: optional(orNull(time)),
    note: optional(orNull(text)),
    reason: optional(text),
    inhibitedBy: optional(orNull(text)),
    silencedBy: optional(orNull(object(SILENCE_REF))),
    assignee: optional(orNull(object(ASSIGNEE))),
    incident: optional(orNull(object(INCIDENT_REF))),
    trouble: optional(orNull(text)),
    services: optional(orNull(listOf(object(SERVICE_REF)))),
  },
  "alert:update": {
    timestamp: time,
    test: optional(flag),
    id: number,
    rule: optional(text),
    title: text,
    severity: oneOf("info", "warning", "critical"),
    state: oneOf("inactive", "pending", "firing", "resolved"),
    deviceId: orNull(number),
    deviceName: optional(orNull(text)),
    interfaceId: optional(orNull(number)),
    siteId: optional(orNull(number)),
    agentId: optional(orNull(number)),
    startedAt: time,
    resolvedAt: optional(orNull(time)),
    acknowledgedBy: optional(orNull(text)),
    acknowledgedAt: optional(orNull(time)),
    acknowledgedUntil: optional(orNull(time)),
    note: optional(orNull(text)),
    reason: optional(text),
    inhibitedBy: optional(orNull(text)),
    silencedBy: optional(orNull(object(SILENCE_REF))),
    assignee: optional(orNull(object(ASSIGNEE))),
    incident: optional(orNull(object(INCIDENT_REF))),
    trouble: optional(orNull(text)),
    services: optional(orNull(listOf(object(SERVICE_REF)))),
  },
  "network:log": {
    timestamp: time,
    test: optional(flag),
    deviceId: optional(orNull(number)),
    deviceName: optional(orNull(text)),
    interfaceId: optional(orNull(number)),
    address: optional(orNull(text)),
    severity: number,
    severityName: optional(orNull(text)),
    facility: optional(orNull(text)),
    source: text,
    message: text,
    change: optional(orNull(text)),
  },
  "payment:update": {
    timestamp: time,
    test: optional(flag),
    paymentId: text,
    customerId: number,
    status: text,
    amount: optional(orNull(text)),
    currency: optional(orNull(text)),
  },
  "customer:update": {
    timestamp: time,
    test: optional(flag),
    customerId: number,
    state: text,
    change: text,
    suspensionReason: optional(orNull(oneOf("non-payment", "abuse", "requested", "other"))),
    serviceId: optional(orNull(number)),
  },
  "agent:status": {
    timestamp: time,
    test: optional(flag),
    agentId: number,
    agentName: text,
    status: oneOf("connected", "silent", "revoked", "fenced"),
    backlog: optional(orNull(number)),
    reason: text,
  },
  "latency:update": {
    timestamp: time,
    items: listOf(object(LATENCY_ITEM)),
    more: flag,
    test: optional(flag),
  },
  "bandwidth:update": {
    timestamp: time,
    items: listOf(object(BANDWIDTH_ITEM)),
    more: flag,
    test: optional(flag),
  },
  "stats:update": {
    timestamp: time,
    devices: numbers,
    alerts: numbers,
    agents: optional(numbers),
    clients: optional(number),
    inBps: orNull(number),
    outBps: orNull(number),
    payments: optional(numbers),
    test: optional(flag),
  },
};

/** The same of what an event is to who sees too little of it for a whole one. */
export const FRAGMENT_CHECKS: Readonly<Partial<Record<keyof HubPayloads, Fields>>> = {
  "device:status": {
    timestamp: time,
    test: optional(flag),
    deviceId: absent,
    deviceName: absent,
    siteId: absent,
    status: absent,
    previous: absent,
    reason: absent,
    underlying: absent,
    detail: absent,
    components: listOf(object(COMPONENT_REF)),
    services: absent,
  },
};
