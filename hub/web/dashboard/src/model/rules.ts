// Rules of alerts as the hub answers them, and their conditions' figures as people write them. Pure.

import type { Severity } from "@noctule/client";

import { KINDS } from "../generated/conditions";

export { KINDS };

export interface Selector {
  readonly siteIds: readonly number[];
  readonly deviceIds: readonly number[];
  readonly roles: readonly string[];
  readonly tags: readonly string[];
  readonly names: readonly string[];
  readonly ifTypes: readonly number[];
  readonly interfaceNames: readonly string[];
}

export type Condition = { readonly kind: string } & Readonly<Record<string, string | number | null>>;

export interface Rule {
  readonly id: number;
  readonly name: string;
  readonly condition: Condition;
  readonly severity: Severity;
  readonly forS: number;
  readonly trouble: string | null;
  readonly selector: Selector;
  readonly enabled: boolean;
  /** The notification policy that it names; null: the default one. */
  readonly policyId: number | null;
  readonly createdAt: string;
  readonly revision: number;
}

export const EVERYTHING: Selector = { siteIds: [], deviceIds: [], roles: [], tags: [], names: [], ifTypes: [], interfaceNames: [] };

export type About = "device" | "interface" | "agent" | "hub";
/** In what a figure is written: shares in percent, short times in milliseconds, the rest as it is. */
export type Unit = "percent" | "ms" | "s" | "times" | "count";

export interface Parameter {
  readonly key: string;
  readonly unit: Unit;
  /** In the hub's own unit: shares from 0 to 1, times in seconds. */
  readonly fallback: number | null;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  /** May be left out. */
  readonly optional?: boolean;
  /** It says when the condition is over. */
  readonly clears?: boolean;
}

export interface Kind {
  readonly kind: string;
  readonly about: About;
  readonly parameters: readonly Parameter[];
}

/** Returns what is known of a kind; one that a newer hub has is about devices and has no figures here. */
export function kindOf(kind: string): Kind {
  return KINDS.find((one) => one.kind === kind) ?? { kind, about: "device", parameters: [] };
}

const SCALES: Readonly<Record<Unit, number>> = { percent: 100, ms: 1_000, s: 1, times: 1, count: 1 };

/** Returns a figure as it is written in a field: a share as percent, without the noise of binary fractions. */
export function written(parameter: Parameter, value: number | null): string {
  return value === null ? "" : String(Number((value * SCALES[parameter.unit]).toPrecision(12)));
}

/** Returns what was written as the hub wants it; null: nothing was, NaN: that is no number. */
export function read(parameter: Parameter, text: string): number | null {
  if (text.trim() === "") return null;
  return Number((Number(text.replace(",", ".")) / SCALES[parameter.unit]).toPrecision(12));
}

/** Returns a condition of a kind with the figures that were written; what is not, is left to the hub's own. */
export function conditionOf(kind: string, fields: Readonly<Record<string, string>>): Condition {
  const figures: Record<string, number | null> = {};
  for (const parameter of kindOf(kind).parameters) {
    const text = fields[parameter.key];
    if (text === undefined) continue;
    const value = read(parameter, text);
    if (value !== null || parameter.optional === true) figures[parameter.key] = value;
  }
  return { kind, ...figures } as Condition;
}

/** Returns the fields in which a condition's figures are written. */
export function fieldsOf(condition: Condition): Record<string, string> {
  return Object.fromEntries(
    kindOf(condition.kind).parameters.map((parameter) => {
      const value = condition[parameter.key];
      return [parameter.key, written(parameter, value === undefined ? parameter.fallback : typeof value === "number" ? value : null)];
    }),
  );
}

export function selectsAll(selector: Selector): boolean {
  return Object.values(selector).every((one: readonly unknown[]) => one.length === 0);
}
