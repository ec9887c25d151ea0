// A device as the page holds it, and the order of the states. Pure.

import type { BandwidthItem, DeviceStatus, IfStatus, LatencyItem } from "@noctule/client";

import type { Trail } from "./trail";

/** As `GET /api/v1/devices` answers. */
export interface Device {
  id: number;
  name: string;
  address: string;
  siteId: number;
  siteName: string;
  agentId: number | null;
  agentName: string | null;
  reachability: "icmp" | "snmp" | "both";
  status: DeviceStatus;
  underlying: DeviceStatus | null;
  statusReason: string;
  statusSince: string | null;
  icmp: { intervalS: number; count: number } | null;
  snmp: { version: string; port: number; intervalS: number } | null;
  /** What it does in the network, in the NOC's own word; empty: not said. */
  role: string;
  tags: string[];
  parents: number[];
  note: string;
  latency: LatencyItem | null;
  bandwidth: BandwidthItem | null;
}

/** As `GET /api/v1/devices/{id}/interfaces` answers. */
export interface Interface {
  id: number;
  deviceId: number;
  ifIndex: number;
  name: string;
  ifName: string;
  ifDescr: string;
  ifAlias: string;
  ifType: number;
  speedBps: number | null;
  ifAdminStatus: IfStatus;
  ifOperStatus: IfStatus;
  polled: boolean;
  bandwidth: BandwidthItem | null;
  duplex: "full" | "half" | null;
}

/** A device with what has been seen of it since the page was opened. A change makes a new row. */
export interface Row {
  readonly device: Device;
  readonly rtt: Trail;
  readonly inBps: Trail;
  readonly outBps: Trail;
}

/** From what needs a person most to what needs nobody. */
export const STATUS_ORDER: readonly DeviceStatus[] = [
  "offline",
  "unreachable",
  "degraded",
  "unknown",
  "maintenance",
  "online",
];

export type Counts = Readonly<Record<DeviceStatus, number>>;

/** Returns how many devices there are in each state. */
export function countByStatus(rows: Iterable<Row>): Counts {
  const counts = { online: 0, degraded: 0, offline: 0, unreachable: 0, unknown: 0, maintenance: 0 };
  for (const { device } of rows) counts[device.status] += 1;
  return counts;
}

/** Seconds between two rounds of what a device's latency comes from. */
export function latencyIntervalS(device: Device): number {
  const source = device.latency?.source ?? (device.icmp === null ? "snmp" : "icmp");
  return (source === "icmp" ? device.icmp?.intervalS : device.snmp?.intervalS) ?? 30;
}

/** Returns whether a figure is older than its next round should have allowed: one and a half rounds and 3 s more. */
export function isStale(timestamp: string | undefined, intervalS: number, nowMs: number): boolean {
  if (timestamp === undefined) return false;
  return nowMs - Date.parse(timestamp) > intervalS * 1500 + 3000;
}
