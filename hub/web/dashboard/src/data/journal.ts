// What has happened lately, newest first, for the strip of events; and the alerts that fire.

import type { AgentStatusEvent, AlertEvent, DeviceStatus, DeviceStatusEvent, InterfaceStatusEvent } from "@noctule/client";

import type { Load } from "./fleet";
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
  /** Whether `alerts` are all that are active. */
  readonly alertsLoad = new Observable<Load>({ phase: "loading" });
  readonly #soon: (act: () => void) => void;
  #planned = false;
  /** What `entries` and `alerts` say once they are told. */
  #entries: readonly Entry[] = [];
  #alerts = new Map<number, AlertEvent>();
  #alertsChanged = false;
  #unnumbered = 0;
  /** What came of alerts while their list is read, which may be older: null when none is read. */
  #meanwhile: Map<number, AlertEvent> | null = null;

  /** `soon` runs something together with all else that is shown soon; at once by default. */
  constructor(soon: (act: () => void) => void = (act) => act()) {
    this.#soon = soon;
  }

  /** How many events there are, those too that are not shown yet. */
  get size(): number {
    return this.#entries.length;
  }

  /** Takes one event; one that is there already (the same `seq`) is taken once. */
  take(happening: Happening): void {
    if (happening.kind === "alert") this.#takeAlert(happening.event);
    const entry = this.#entry(happening);
    const before = this.#entries;
    if (!before.some(({ key }) => key === entry.key)) this.#entries = [entry, ...before].slice(0, JOURNAL_MAX);
    this.#tell();
  }

  /** Puts events of the past, oldest first, below those that came meanwhile. They say nothing of what fires now. */
  takePast(happenings: readonly Happening[]): void {
    const before = this.#entries;
    const keys = new Set(before.map(({ key }) => key));
    const past = happenings.map((happening) => this.#entry(happening)).filter(({ key }) => !keys.has(key));
    this.#entries = [...before, ...past.reverse()].slice(0, JOURNAL_MAX);
    this.#tell();
  }

  #entry(happening: Happening): Entry {
    const { seq, timestamp } = happening.event;
    const key = seq === undefined ? `n${(this.#unnumbered += 1)}` : `s${seq}`;
    const atMs = Date.parse(timestamp);
    return { ...happening, key, atMs: Number.isNaN(atMs) ? Date.now() : atMs };
  }

  /** Takes the list of alerts that the hub holds active; `read` reads it. Throws what `read` throws. */
  async replaceAlerts(read: () => Promise<readonly AlertEvent[]>): Promise<void> {
    const meanwhile = new Map<number, AlertEvent>();
    this.#meanwhile = meanwhile;
    try {
      const alerts = new Map((await read()).map((alert) => [alert.id, alert]));
      for (const alert of meanwhile.values()) place(alerts, alert);
      if (this.#meanwhile !== meanwhile) return;
      this.#alerts = alerts;
      this.#alertsChanged = true;
      this.#publish();
      this.alertsLoad.set({ phase: "ready" });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.alertsLoad.get().phase !== "ready") this.alertsLoad.set({ phase: "failed", message });
      throw error;
    } finally {
      if (this.#meanwhile === meanwhile) this.#meanwhile = null;
    }
  }

  /** Forgets everything, for a hub that has begun another log. */
  clear(): void {
    this.#entries = [];
    this.#publish();
  }

  #takeAlert(alert: AlertEvent): void {
    if (alert.test === true) return;
    this.#meanwhile?.set(alert.id, alert);
    place(this.#alerts, alert);
    this.#alertsChanged = true;
  }

  #tell(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#soon(() => {
      this.#planned = false;
      this.#publish();
    });
  }

  #publish(): void {
    this.entries.set(this.#entries);
    if (!this.#alertsChanged) return;
    this.#alertsChanged = false;
    this.alerts.set(new Map(this.#alerts));
  }
}

function place(alerts: Map<number, AlertEvent>, alert: AlertEvent): void {
  if (alert.state === "firing" || alert.state === "pending") alerts.set(alert.id, alert);
  else alerts.delete(alert.id);
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
      if (entry.event.state === "resolved" || entry.event.state === "inactive") return "online";
      return { critical: "offline", warning: "degraded", info: "maintenance" }[entry.event.severity] as DeviceStatus;
  }
}
