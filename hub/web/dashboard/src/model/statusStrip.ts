// A device's last hours as the hub's letters say them: runs of one status to draw, and what to say of them. Pure.

import type { DeviceStatus } from "@noctule/client";

/** As `GET /api/v1/statuses/bars` answers of one device. */
export interface StatusBar {
  readonly bar: string;
  readonly ratio: number | null;
}

const STATUS: Readonly<Record<string, DeviceStatus>> = {
  "+": "online",
  d: "degraded",
  x: "offline",
  u: "unreachable",
  m: "maintenance",
  "?": "unknown",
};

export interface Run {
  readonly status: DeviceStatus;
  readonly from: number;
  readonly length: number;
}

/** Returns equal steps one after the other as one; a letter that is not known is unknown. */
export function runsOf(bar: string): Run[] {
  const runs: Run[] = [];
  [...bar].forEach((letter, step) => {
    const status = STATUS[letter] ?? "unknown";
    const last = runs.at(-1);
    if (last?.status === status) runs[runs.length - 1] = { ...last, length: last.length + 1 };
    else runs.push({ status, from: step, length: 1 });
  });
  return runs;
}

/** Returns how many steps show each status that there is, most first. */
export function stepsByStatus(bar: string): (readonly [DeviceStatus, number])[] {
  const steps = new Map<DeviceStatus, number>();
  for (const { status, length } of runsOf(bar)) steps.set(status, (steps.get(status) ?? 0) + length);
  return [...steps].sort((a, b) => b[1] - a[1]);
}
