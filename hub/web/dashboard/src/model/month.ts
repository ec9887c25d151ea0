// Months as the hub's addresses write them, and what it answers of one. Pure.

import type { DeviceStatus } from "@noctule/client";

/** Returns this month and those before it, newest first, as `2026-11`; in UTC, since the hub's zone is the hub's to know. */
export function monthsBack(nowMs: number, count: number): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: count }, (_, back) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}

/** Returns a month for people, e.g. `November 2026`. */
export function monthName(month: string, locale: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString(locale, { month: "long", year: "numeric", timeZone: "UTC" });
}

export interface StatusSpan {
  readonly from: string;
  readonly to: string;
  readonly status: DeviceStatus;
  readonly reason: string;
  readonly underlying: DeviceStatus | null;
  readonly late: boolean;
}

export interface Availability {
  readonly month: string;
  readonly tz: string;
  readonly complete: boolean;
  readonly seconds: Readonly<Record<DeviceStatus, number>>;
  readonly ratio: number | null;
  readonly outagesTotal: number;
}

export interface BandwidthMonth {
  readonly month: string;
  readonly tz: string;
  readonly complete: boolean;
  readonly binsExpected: number;
  readonly binsUsed: number;
  readonly coverage: number;
  readonly inOctets: number;
  readonly outOctets: number;
  readonly inP95Bps: number | null;
  readonly outP95Bps: number | null;
}

/** Returns for how many seconds a device was down: offline, or unreachable whatever the cause (docs/semantics.md). */
export function downS({ seconds }: Availability): number {
  return seconds.offline + seconds.unreachable;
}
