// The newest of everything that arrives, to be read and listened to piece by piece: a change of one thing tells only who
// looks at that one. Made when first asked for; knows what came since then.

import type { NoctuleClient } from "./contract.js";
import type {
  AgentStatusEvent,
  AlertEvent,
  BandwidthItem,
  DeviceStatusEvent,
  InterfaceStatusEvent,
  LatencyItem,
  NetworkLogEvent,
  PaymentUpdateEvent,
  StatsUpdate,
} from "./events.js";
import { Observable } from "./observable.js";

/** Keys of one kind; the one longest unchanged goes first. */
export const MAX_KEYS = 50_000;
/** Entries of a list of what happened; the oldest go first. */
export const MAX_RECENT = 200;
/** Alerts that are held as active; the oldest go first. */
export const MAX_ALERTS = 1_000;

export class Keyed<V> {
  readonly #values = new Map<string | number, V>();
  readonly #listeners = new Map<string | number, Set<() => void>>();

  get(key: string | number): V | undefined {
    return this.#values.get(key);
  }

  set(key: string | number, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > MAX_KEYS) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener();
  }

  listen(key: string | number, listener: () => void): () => void {
    let listeners = this.#listeners.get(key);
    if (listeners === undefined) this.#listeners.set(key, (listeners = new Set()));
    const held = listeners;
    held.add(listener);
    return () => {
      held.delete(listener);
      if (held.size === 0 && this.#listeners.get(key) === held) this.#listeners.delete(key);
    };
  }

  /** How many keys have a value. */
  get size(): number {
    return this.#values.size;
  }

  /** How many keys are listened to. */
  get watched(): number {
    return this.#listeners.size;
  }
}

/** Returns the key of an interface's rates, or of a device's total when `interfaceId` is null. */
export function rateKey(deviceId: number, interfaceId: number | null): string {
  return `${deviceId}:${interfaceId ?? ""}`;
}

export class Latest {
  readonly devices = new Keyed<DeviceStatusEvent>();
  readonly interfaces = new Keyed<InterfaceStatusEvent>();
  readonly latency = new Keyed<LatencyItem>();
  readonly bandwidth = new Keyed<BandwidthItem>();
  readonly stats = new Observable<StatsUpdate | null>(null);
  /** What fires or is about to, newest first. */
  readonly alerts = new Observable<readonly AlertEvent[]>([]);
  readonly payments = new Observable<readonly PaymentUpdateEvent[]>([]);
  readonly logs = new Observable<readonly NetworkLogEvent[]>([]);
  readonly agents = new Observable<readonly AgentStatusEvent[]>([]);

  constructor(client: NoctuleClient) {
    // `late` tells of the past, and a test of nothing: neither changes what is shown as now.
    client.on("device:status", (event) => {
      if (isNow(event) && event.deviceId !== undefined) this.devices.set(event.deviceId, event);
    });
    client.on("interface:status", (event) => isNow(event) && this.interfaces.set(event.interfaceId, event));
    client.on("latency:update", ({ items }) => items.forEach((item) => this.latency.set(item.deviceId, item)));
    client.on("bandwidth:update", ({ items }) =>
      items.forEach((item) => this.bandwidth.set(rateKey(item.deviceId, item.interfaceId), item)),
    );
    client.on("stats:update", (stats) => this.stats.set(stats));
    client.on("alert:new", (alert) => this.#takeAlert(alert));
    client.on("alert:update", (alert) => this.#takeAlert(alert));
    client.on("payment:update", (payment) => prepend(this.payments, payment));
    client.on("network:log", (entry) => prepend(this.logs, entry));
    client.on("agent:status", (agent) => isNow(agent) && this.#takeAgent(agent));
  }

  #takeAlert(alert: AlertEvent): void {
    if (alert.test === true) return;
    const others = this.alerts.get().filter(({ id }) => id !== alert.id);
    const active = alert.state === "firing" || alert.state === "pending";
    if (active) this.alerts.set([alert, ...others].slice(0, MAX_ALERTS));
    else if (others.length !== this.alerts.get().length) this.alerts.set(others);
  }

  #takeAgent(agent: AgentStatusEvent): void {
    const others = this.agents.get().filter(({ agentId }) => agentId !== agent.agentId);
    this.agents.set([...others, agent].sort((one, other) => one.agentId - other.agentId));
  }
}

function isNow(event: { late?: boolean; test?: boolean }): boolean {
  return event.late !== true && event.test !== true;
}

function prepend<T>(list: Observable<readonly T[]>, entry: T): void {
  list.set([entry, ...list.get()].slice(0, MAX_RECENT));
}

const latests = new WeakMap<NoctuleClient, Latest>();

/** Returns the one `Latest` of a client. */
export function latestOf(client: NoctuleClient): Latest {
  let latest = latests.get(client);
  if (latest === undefined) latests.set(client, (latest = new Latest(client)));
  return latest;
}
