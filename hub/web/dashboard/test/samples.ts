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
    tags: ["core"],
    latency: null,
    bandwidth: null,
    ...part,
  };
}

export function row(part: Partial<Device> = {}): Row {
  return { device: device(part), rtt: [], inBps: [], outBps: [] };
}
