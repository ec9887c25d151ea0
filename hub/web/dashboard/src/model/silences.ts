// Silences as the hub answers them, what they match, and how one is made of alerts. Pure.

import type { AlertEvent, Severity } from "@noctule/client";

import { SEVERITY_ORDER } from "./firing";

/** An empty member, or a null `severity`, leaves all; `severity`: that and above. */
export interface Matchers {
  readonly rules: readonly string[];
  readonly severity: Severity | null;
  readonly siteIds: readonly number[];
  readonly deviceIds: readonly number[];
  readonly roles: readonly string[];
  readonly tags: readonly string[];
  readonly names: readonly string[];
}

export interface Silence {
  readonly id: number;
  readonly matchers: Matchers;
  readonly comment: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly active: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly revision: number;
}

export const NO_MATCHERS: Matchers = { rules: [], severity: null, siteIds: [], deviceIds: [], roles: [], tags: [], names: [] };

export type Phase = "active" | "coming" | "past";

export function phaseOf(silence: Silence, nowMs: number): Phase {
  if (Date.parse(silence.endsAt) <= nowMs) return "past";
  return Date.parse(silence.startsAt) <= nowMs ? "active" : "coming";
}

export function isEmpty(matchers: Matchers): boolean {
  return matchers.severity === null && [matchers.rules, matchers.siteIds, matchers.deviceIds, matchers.roles, matchers.tags, matchers.names].every((one) => one.length === 0);
}

/** What is known of whom an alert is about. */
export interface Target {
  readonly name: string;
  readonly role: string;
  readonly tags: readonly string[];
}

/** Returns whether matchers are about an alert, as the hub would say. */
export function covers(matchers: Matchers, alert: AlertEvent, target: Target): boolean {
  return (
    (matchers.rules.length === 0 || (alert.rule !== undefined && matchers.rules.includes(alert.rule))) &&
    (matchers.severity === null || SEVERITY_ORDER[alert.severity] <= SEVERITY_ORDER[matchers.severity]) &&
    (matchers.siteIds.length === 0 || (alert.siteId != null && matchers.siteIds.includes(alert.siteId))) &&
    (matchers.deviceIds.length === 0 || (alert.deviceId !== null && matchers.deviceIds.includes(alert.deviceId))) &&
    (matchers.roles.length === 0 || matchers.roles.includes(target.role)) &&
    (matchers.tags.length === 0 || target.tags.some((tag) => matchers.tags.includes(tag))) &&
    (matchers.names.length === 0 || matchers.names.some((pattern) => target.name !== "" && isLike(pattern, target.name)))
  );
}

/** Returns whether a name fits a pattern of `*`, `?` and `[...]`, capitals or not. */
export function isLike(pattern: string, name: string): boolean {
  return expressionOf(pattern).test(name.toLowerCase());
}

function expressionOf(pattern: string): RegExp {
  const text = pattern.toLowerCase();
  let source = "";
  for (let index = 0; index < text.length; index += 1) {
    const letter = text.charAt(index);
    // In a set the first letter may be `]`, as in file names.
    const end = letter === "[" ? text.indexOf("]", index + (text.charAt(index + 1) === "!" ? 3 : 2)) : -1;
    if (letter === "*") source += "[^]*";
    else if (letter === "?") source += "[^]";
    else if (end > 0) {
      const set = text.slice(index + 1, end);
      const body = set.replace(/^!/u, "").replaceAll(/[\\\][^]/gu, "\\$&");
      source += `[${set.startsWith("!") ? "^" : ""}${body}]`;
      index = end;
    } else source += letter.replace(/[\\^$.*+?()[\]{}|]/u, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    // A set such as [z-a] matches nothing.
    return /$^/u;
  }
}

/** Returns the address's query for a silence of just these alerts. */
export function silenceQuery(alerts: readonly AlertEvent[]): Record<string, string> {
  const list = (values: Iterable<string | number>): string => [...new Set(values)].join(",");
  const devices = list(alerts.flatMap(({ deviceId }) => deviceId ?? []));
  const sites = list(alerts.filter(({ deviceId }) => deviceId === null).flatMap(({ siteId }) => siteId ?? []));
  const query: Record<string, string> = { rules: list(alerts.flatMap(({ rule }) => rule ?? [])) };
  if (devices !== "") query["devices"] = devices;
  // Only where none has a device: both together would match neither.
  else if (sites !== "") query["sites"] = sites;
  return query;
}

/** Reads what `silenceQuery` wrote. */
export function matchersOf(query: URLSearchParams): Matchers {
  const words = (name: string): string[] => (query.get(name) ?? "").split(",").filter((word) => word !== "");
  return { ...NO_MATCHERS, rules: words("rules"), deviceIds: idsIn(query, "devices"), siteIds: idsIn(query, "sites") };
}

/** Returns the ids that an address names, with commas between. */
export function idsIn(query: URLSearchParams, name: string): number[] {
  return (query.get(name) ?? "").split(",").map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
}
