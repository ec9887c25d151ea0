import type { AlertEvent } from "@noctule/client";

import type { Device, Row } from "../src/model/device";

export function device(part: Partial<Device> = {}): Device {
  return {
    id: 1,
    name: "core1",
    address: "10.0.0.1",
    siteId: 1,
    siteName: "hq",
    agentId: 1,
    agentName: "hq-agent",
    reachability: "icmp",
    status: "online",
    underlying: null,
    statusReason: "answers",
    statusSince: "2026-05-05T01:12:00.000Z",
    icmp: { intervalS: 10, count: 5 },
    snmp: { version: "2c", port: 161, intervalS: 30 },
    role: "",
    tags: ["core"],
    parents: [],
    note: "",
    latency: null,
    bandwidth: null,
    ...part,
  };
}

export function row(part: Partial<Device> = {}): Row {
  return { device: device(part), rtt: [], inBps: [], outBps: [] };
}

export function alert(part: Partial<AlertEvent> = {}): AlertEvent {
  return {
    id: 1,
    rule: "device-offline",
    title: "sw1 is offline",
    severity: "critical",
    state: "firing",
    deviceId: 1,
    siteId: 1,
    startedAt: "2026-05-05T01:12:00.000Z",
    timestamp: "2026-05-05T01:12:00.000Z",
    ...part,
  };
}
