// Which alerts are listed and where each stands, so that nothing moves under the eyes of who reads. Pure.

import type { AlertEvent, Severity } from "@noctule/client";

import { byUrgency, groupsOf, isQuiet, SEVERITY_ORDER, type Group } from "./firing";

/** What the address asks for; null or false leaves all. `severity`: that and above. */
export interface AlertFilter {
  /** Those that are over too. */
  readonly all: boolean;
  readonly severity: Severity | null;
  readonly siteId: number | null;
  readonly deviceId: number | null;
  readonly rule: string | null;
  readonly mine: boolean;
  readonly unacknowledged: boolean;
}

export function filterOf(query: URLSearchParams): AlertFilter {
  const id = (name: string): number | null => {
    const value = Number(query.get(name));
    return Number.isSafeInteger(value) && value > 0 ? value : null;
  };
  const severity = query.get("severity");
  return {
    all: query.get("state") === "all",
    severity: severity !== null && Object.hasOwn(SEVERITY_ORDER, severity) ? (severity as Severity) : null,
    siteId: id("site"),
    deviceId: id("device"),
    rule: query.get("rule") || null,
    mine: query.has("mine"),
    unacknowledged: query.has("unacknowledged"),
  };
}

/** Returns whether more is asked for than open or all alerts. */
export function isFiltered(filter: AlertFilter): boolean {
  return filter.severity !== null || filter.siteId !== null || filter.deviceId !== null || filter.rule !== null || filter.mine || filter.unacknowledged;
}

/** Returns the query of `GET /api/v1/alerts`; `userId` is who looks. */
export function alertQuery(filter: AlertFilter, userId: number | null, limit: number): string {
  const query = new URLSearchParams({ state: filter.all ? "all" : "active", limit: String(limit) });
  if (filter.severity !== null) query.set("severity", filter.severity);
  if (filter.siteId !== null) query.set("siteId", String(filter.siteId));
  if (filter.deviceId !== null) query.set("deviceId", String(filter.deviceId));
  if (filter.rule !== null) query.set("rule", filter.rule);
  if (filter.mine && userId !== null) query.set("assignee", String(userId));
  if (filter.unacknowledged) query.set("acknowledged", "false");
  return query.toString();
}

export function isOpen(alert: AlertEvent): boolean {
  return alert.state === "firing" || alert.state === "pending";
}

/** Returns whether an alert is one of those asked for, as the hub would say. `state` is left to the list. */
export function passes(filter: AlertFilter, alert: AlertEvent, userId: number | null): boolean {
  return (
    (filter.severity === null || SEVERITY_ORDER[alert.severity] <= SEVERITY_ORDER[filter.severity]) &&
    (filter.siteId === null || alert.siteId === filter.siteId) &&
    (filter.deviceId === null || alert.deviceId === filter.deviceId) &&
    (filter.rule === null || alert.rule === filter.rule) &&
    (!filter.mine || (userId !== null && alert.assignee?.userId === userId)) &&
    (!filter.unacknowledged || alert.acknowledgedBy == null)
  );
}

/** Where alerts stood when they were last put in order: the place of each, and the newest that was there. */
export interface Held {
  readonly places: ReadonlyMap<number, number>;
  readonly newestId: number;
}

export const NOTHING_HELD: Held = { places: new Map(), newestId: 0 };

export function hold(groups: readonly Group[]): Held {
  const places = new Map<number, number>();
  groups.forEach((group, place) => group.alerts.forEach(({ id }) => places.set(id, place)));
  return { places, newestId: Math.max(0, ...places.keys()) };
}

type Standing = "ringing" | "pending" | "quiet" | "over";

const STANDING_ORDER: Readonly<Record<Standing, number>> = { ringing: 0, pending: 1, quiet: 2, over: 3 };

/** Returns whether a group rings, will if it lasts, is open but rings nobody, or is over. */
function standingOf({ alerts }: Group): Standing {
  const loud = alerts.filter((alert) => isOpen(alert) && !isQuiet(alert));
  if (loud.some(({ state }) => state === "firing")) return "ringing";
  if (loud.length > 0) return "pending";
  return alerts.some(isOpen) ? "quiet" : "over";
}

/** Returns groups in order: what rings before what may soon, then what rings nobody, each by urgency; with history the newest first. */
export function ordered(alerts: Iterable<AlertEvent>, history: boolean): Group[] {
  const groups = groupsOf(alerts);
  if (history) return groups.sort((a, b) => newest(b) - newest(a));
  return groups.sort((a, b) => STANDING_ORDER[standingOf(a)] - STANDING_ORDER[standingOf(b)] || byUrgency(a, b));
}

/** Returns the groups at the places that they had; what came since waits, older ones stand at the end. */
export function inPlace(groups: readonly Group[], held: Held): { groups: Group[]; waiting: number } {
  const placeOf = (group: Group): number => Math.min(...group.alerts.map(({ id }) => held.places.get(id) ?? Infinity));
  const stay = groups.filter((group) => placeOf(group) < Infinity).sort((a, b) => placeOf(a) - placeOf(b));
  const others = groups.filter((group) => placeOf(group) === Infinity);
  const older = others.filter((group) => newest(group) < held.newestId);
  return { groups: [...stay, ...older], waiting: others.length - older.length };
}

function newest({ alerts }: Group): number {
  return Math.max(...alerts.map(({ id }) => id));
}

/** Returns how many groups stand how. */
export function countsOf(groups: readonly Group[]): Record<Standing, number> {
  const counts = { ringing: 0, pending: 0, quiet: 0, over: 0 };
  for (const group of groups) counts[standingOf(group)] += 1;
  return counts;
}
