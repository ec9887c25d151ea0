// An alert explained, as the hub answers it, and its figures in words. Pure.

import type { AlertEvent, DeviceStatus } from "@noctule/client";

import { delay, percent, threeDigits, type Figure } from "./format";
import type { Rule } from "./rules";

export interface Evidence {
  readonly quantity?: string | null;
  readonly threshold?: number | null;
  readonly clear?: number | null;
  readonly usual?: number | null;
  readonly score?: number | null;
  readonly samples?: readonly { readonly tsMs: number; readonly value: number | null }[];
}

export interface Step {
  readonly kind: string;
  readonly at: string;
  readonly text: string;
  readonly observedAt?: string | null;
  readonly by?: string | null;
  readonly note?: string | null;
  readonly until?: string | null;
}

export interface Hop {
  readonly deviceId: number;
  readonly name: string;
  readonly status: DeviceStatus;
  readonly reason: string;
  readonly away: number;
}

export interface Told {
  readonly channelId: number;
  readonly channel: string;
  readonly kind: string;
  readonly state: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly triedAt: string | null;
  readonly nextAt: string | null;
  readonly outcome: string | null;
}

export interface Explanation {
  readonly alert: AlertEvent;
  readonly sentences: readonly string[];
  readonly firedAt: string | null;
  readonly late: boolean;
  readonly evidence: Evidence | null;
  readonly ruleRevision: number;
  readonly ruleThen: Rule | null;
  readonly ruleNow: Rule | null;
  readonly path: readonly Hop[];
  readonly maintenance: string | null;
  readonly suspended: string | null;
  readonly silences: readonly { readonly id: number; readonly comment: string; readonly endsAt: string }[];
  readonly deliveries: readonly Told[];
  readonly steps: readonly Step[];
  readonly stepsDropped: number;
}

/** Returns a measured value as the quantity's name ends: `rttS` in time, `lossRatio` in percent. */
export function figureOf(quantity: string, value: number | null): Figure {
  if (value === null) return { value: "–", unit: "" };
  if (quantity === "skewS") return { value: threeDigits(value), unit: "s" };
  if (quantity.endsWith("S")) return delay(value);
  if (quantity.endsWith("Ratio")) return percent(value);
  return { value: threeDigits(value), unit: "" };
}

export type LevelName = "threshold" | "clear" | "usual";

/** Returns the levels that a measurement was held against. */
export function levelsOf(evidence: Evidence): readonly (readonly [LevelName, number])[] {
  return (["threshold", "clear", "usual"] as const).flatMap((key) => {
    const value = evidence[key];
    return value == null ? [] : [[key, value] as const];
  });
}
