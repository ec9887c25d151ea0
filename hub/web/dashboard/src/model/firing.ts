// Alerts as people look at them: by incident with its root cause first, worst first, what rings nobody apart. Pure.

import type { AlertEvent, IncidentRef, Severity } from "@noctule/client";

export interface Group {
  /** What stands for the group: an incident, or one alert by itself. */
  readonly key: string;
  readonly title: string;
  readonly lead: AlertEvent;
  /** The lead first. */
  readonly alerts: readonly AlertEvent[];
  readonly startedMs: number;
  /** Devices that could not be reached because of it. */
  readonly unreachable: number;
}

export const SEVERITY_ORDER: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Returns whether an alert rings nobody. */
export function isQuiet(alert: AlertEvent): boolean {
  return alert.inhibitedBy != null || alert.silencedBy != null || alert.acknowledgedBy != null;
}

/** Returns alerts by incident, in no order; those of none each by itself. */
export function groupsOf(alerts: Iterable<AlertEvent>): Group[] {
  const byKey = new Map<string, AlertEvent[]>();
  for (const alert of alerts) {
    const key = alert.incident == null ? `alert ${alert.id}` : `incident ${alert.incident.id}`;
    const there = byKey.get(key);
    if (there === undefined) byKey.set(key, [alert]);
    else there.push(alert);
  }
  return [...byKey].map(([key, members]): Group => {
    const incident = newestOf(members);
    const isRoot = (alert: AlertEvent): number => (alert.id === incident?.rootAlertId ? 0 : 1);
    const sorted = [...members].sort(
      (a, b) => isRoot(a) - isRoot(b) || SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] || Date.parse(a.startedAt) - Date.parse(b.startedAt) || a.id - b.id,
    );
    const lead = sorted[0] as AlertEvent;
    return {
      key,
      title: incident != null && !isRootOver(incident, sorted) ? incident.title : lead.title,
      lead,
      alerts: sorted,
      startedMs: Math.min(...sorted.map((alert) => Date.parse(alert.startedAt))),
      unreachable: incident?.unreachable ?? 0,
    };
  });
}

/** Returns the incident of alerts as it was told last: it only ever grows. */
function newestOf(members: readonly AlertEvent[]): IncidentRef | null {
  const size = ({ alerts = 0, unreachable = 0 }: IncidentRef): number => alerts + unreachable;
  return members.reduce<IncidentRef | null>((newest, { incident }) => (incident == null || (newest !== null && size(newest) >= size(incident)) ? newest : incident), null);
}

/** Compares groups: the worst first, then the newest. */
export function byUrgency(a: Group, b: Group): number {
  return SEVERITY_ORDER[worstOf(a)] - SEVERITY_ORDER[worstOf(b)] || b.startedMs - a.startedMs;
}

function worstOf({ alerts }: Group): Severity {
  return alerts.reduce<Severity>((worst, { severity }) => (SEVERITY_ORDER[severity] < SEVERITY_ORDER[worst] ? severity : worst), "info");
}

/** Returns the groups of what fires and rings, worst and newest first, and how many alerts ring nobody. */
export function firingGroups(alerts: Iterable<AlertEvent>): { groups: Group[]; quiet: number } {
  const firing = [...alerts].filter(({ state }) => state === "firing");
  const ringing = firing.filter((alert) => !isQuiet(alert));
  return { groups: groupsOf(ringing).sort(byUrgency), quiet: firing.length - ringing.length };
}

/** Whether an incident's root rings no more: its title would call a device offline that is well again. */
function isRootOver(incident: IncidentRef, alerts: readonly AlertEvent[]): boolean {
  const rootId = incident.rootAlertId ?? 0;
  return rootId > 0 && !alerts.some((alert) => alert.id === rootId);
}
