// What has happened lately, newest first, for the strip of events; and the alerts that fire.

import type { AgentStatusEvent, AlertEvent, DeviceStatus, DeviceStatusEvent, InterfaceStatusEvent } from "@noctule/client";

import { Observable } from "./observable";

/** Older entries are dropped from the strip; the hub's own log keeps them. */
export const JOURNAL_MAX = 200;

export type Happening =
  | { readonly kind: "device"; readonly event: DeviceStatusEvent }
  | { readonly kind: "interface"; readonly event: InterfaceStatusEvent }
  | { readonly kind: "alert"; readonly event: AlertEvent }
  | { readonly kind: "agent"; readonly event: AgentStatusEvent };

export type Entry = Happening & { readonly key: string; readonly atMs: number };

export const KIND_BY_EVENT: Readonly<Record<string, Happening["kind"]>> = {
  "device:status": "device",
  "interface:status": "interface",
  "alert:new": "alert",
  "alert:update": "alert",
  "agent:status": "agent",
};

export class Journal {
  readonly entries = new Observable<readonly Entry[]>([]);
  readonly alerts = new Observable<ReadonlyMap<number, AlertEvent>>(new Map());
  #unnumbered = 0;

  /** Takes one event; one that is there already (the same `seq`) is taken once. */
  take(happening: Happening): void {
    if (happening.kind === "alert") this.#takeAlert(happening.event);
    const entry = this.#entry(happening);
    const before = this.entries.get();
    if (!before.some(({ key }) => key === entry.key)) this.entries.set([entry, ...before].slice(0, JOURNAL_MAX));
  }

  /** Puts events of the past, oldest first, below those that came meanwhile. They say nothing of what fires now. */
  takePast(happenings: readonly Happening[]): void {
    const before = this.entries.get();
    const keys = new Set(before.map(({ key }) => key));
    const past = happenings.map((happening) => this.#entry(happening)).filter(({ key }) => !keys.has(key));
    this.entries.set([...before, ...past.reverse()].slice(0, JOURNAL_MAX));
  }

  #entry(happening: Happening): Entry {
    const { seq, timestamp } = happening.event;
    const key = seq === undefined ? `n${(this.#unnumbered += 1)}` : `s${seq}`;
    const atMs = Date.parse(timestamp);
    return { ...happening, key, atMs: Number.isNaN(atMs) ? Date.now() : atMs };
  }

  /** Takes the list of alerts that the hub holds active. */
  replaceAlerts(alerts: readonly AlertEvent[]): void {
    this.alerts.set(new Map(alerts.map((alert) => [alert.id, alert])));
  }

  /** Forgets everything, for a hub that has begun another log. */
  clear(): void {
    this.entries.set([]);
  }

  #takeAlert(alert: AlertEvent): void {
    if (alert.test === true) return;
    const alerts = new Map(this.alerts.get());
    if (alert.state === "firing" || alert.state === "pending") alerts.set(alert.id, alert);
    else alerts.delete(alert.id);
    this.alerts.set(alerts);
  }
}

/** Returns the state that an entry is coloured by. */
export function toneOf(entry: Happening): DeviceStatus {
  switch (entry.kind) {
    case "device":
      return entry.event.status;
    case "interface":
      return entry.event.ifAdminStatus === "down" ? "unknown" : entry.event.ifOperStatus === "up" ? "online" : "offline";
    case "agent":
      return entry.event.status === "connected" ? "online" : "unknown";
    case "alert":
      if (entry.event.state === "resolved") return "online";
      return { critical: "offline", warning: "degraded", info: "maintenance" }[entry.event.severity] as DeviceStatus;
  }
}
