// Wires the connection to what the page holds: the list first, then events since the list's own position.

import { createClient, misfit, type AlertEvent, type EventName, type LogPosition, type NoctuleClient } from "@noctule/client";

import type { Device } from "../model/device";
import { Fleet } from "./fleet";
import { API } from "./http";
import { Journal, KIND_BY_EVENT, type Happening } from "./journal";
import { messageOf, Session } from "./session";

/** Rooms of the page for people who may see devices; other roles take what the hub gives their role. */
const STAFF_ROOMS: readonly string[] = ["devices", "alerts", "bandwidth", "agents", "stats"];
const STAFF: ReadonlySet<string> = new Set(["admin", "operator", "viewer"]);
const PAGE_SIZE = 1000;
const EMPTY_POLL_MS = 5_000;
const RETRY_MS = 5_000;
const RECENT_EVENTS = 40;
const SETTLE_MS = 2_000;

interface DevicePage {
  items: Device[];
  nextCursor: string | null;
  position?: LogPosition;
}

/** Everything of one signed-in session; `stop` ends it. */
export class Live {
  readonly client: NoctuleClient;
  readonly fleet = new Fleet();
  readonly journal = new Journal();
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #loads = 0;
  #epoch: string | null = null;
  #wasLive = false;

  constructor(session: Session, role: string, origin: string) {
    this.#session = session;
    this.client = createClient({
      url: origin,
      getToken: (asked) => session.token(asked),
      ...(STAFF.has(role) ? { baseRooms: STAFF_ROOMS } : {}),
    });
    this.#wire();
  }

  start(): void {
    void this.reload();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.client.close();
  }

  /** Reads the list again; events that arrive meanwhile are newer and are applied after it. */
  async reload(): Promise<void> {
    clearTimeout(this.#timer);
    const load = (this.#loads += 1);
    try {
      const first = await this.#page(null);
      if (first.position) this.#place(first.position);
      const devices = first.items;
      for (let cursor = first.nextCursor; cursor !== null; ) {
        const next = await this.#page(cursor);
        devices.push(...next.items);
        cursor = next.nextCursor;
      }
      if (this.#stopped || load !== this.#loads) return;
      this.fleet.replace(devices);
      this.fleet.load.set({ phase: "ready" });
      if (devices.length === 0) this.#reloadIn(EMPTY_POLL_MS);
      this.client.connect();
      void this.#loadAlerts();
      if (first.position) void this.#loadRecent(first.position);
    } catch (error) {
      if (this.#stopped || load !== this.#loads) return;
      if (this.fleet.load.get().phase !== "ready") this.fleet.load.set({ phase: "failed", message: messageOf(error) });
      this.#reloadIn(RETRY_MS);
    }
  }

  /** Hands the running connection a newer token; without one the next handshake carries it. */
  reauth(token: string): void {
    if (this.client.state.phase === "live") this.client.reauth(token).catch(() => undefined);
  }

  get<T>(path: string): Promise<T> {
    return this.#session.ask<T>(`${API}${path}`);
  }

  #wire(): void {
    const { client, fleet, journal } = this;
    client.on("device:status", (event) => this.#known(fleet.takeStatus(event)));
    client.on("latency:update", ({ items, test }) => this.#known(test === true || fleet.takeLatency(items)));
    client.on("bandwidth:update", ({ items, test }) => this.#known(test === true || fleet.takeBandwidth(items)));
    client.onAny((name, payload, misfit) => {
      const kind = KIND_BY_EVENT[name];
      if (kind !== undefined && misfit === null) journal.take({ kind, event: payload } as Happening);
    });
    client.on("replay:done", ({ epoch }) => this.#meet(epoch));
    client.on("position", ({ epoch }) => this.#meet(epoch));
    client.onStateChange(({ phase }) => {
      if (phase !== "live") return;
      // Events are replayed, measurements are not: after an absence the list is read again, a little spread out.
      if (this.#wasLive) this.#reloadIn(Math.random() * SETTLE_MS);
      this.#wasLive = true;
    });
  }

  #place(position: LogPosition): void {
    this.#meet(position.epoch);
    if (this.client.cursor === null || this.client.cursor.epoch !== position.epoch) this.client.seed(position);
  }

  /** Another epoch is another log: its numbers mean other events. */
  #meet(epoch: string): void {
    if (this.#epoch !== null && this.#epoch !== epoch) {
      this.journal.clear();
      this.#reloadIn(Math.random() * SETTLE_MS);
    }
    this.#epoch = epoch;
  }

  /** A device that is not in the list has been added since. */
  #known(known: boolean): void {
    if (!known) this.#reloadIn(SETTLE_MS);
  }

  #reloadIn(delayMs: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.reload(), delayMs);
  }

  #page(cursor: string | null): Promise<DevicePage> {
    const at = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    return this.get<DevicePage>(`/devices?limit=${PAGE_SIZE}${at}`);
  }

  async #loadAlerts(): Promise<void> {
    try {
      const { items } = await this.get<{ items: AlertEvent[] }>("/alerts?state=active");
      this.journal.replaceAlerts(items.filter((alert) => alert.state !== "resolved"));
    } catch {
      // The strip and the toasts still show what comes live.
    }
  }

  /** Fills the strip with what happened before the page was opened, once. */
  async #loadRecent(position: LogPosition): Promise<void> {
    if (this.journal.entries.get().length > 0 || position.seq === 0) return;
    // By name, so that devices that log much leave room for what the strip shows.
    const names = Object.keys(KIND_BY_EVENT).join(",");
    try {
      const { items } = await this.get<{ items: { seq: number; name: string; data: object }[] }>(
        `/events?names=${names}&limit=${RECENT_EVENTS}`,
      );
      const past = items.flatMap(({ seq, name, data }) => {
        const kind = KIND_BY_EVENT[name];
        return kind === undefined || misfit(name as EventName, data) !== null ? [] : [{ kind, event: { ...data, seq } } as Happening];
      });
      this.journal.takePast(past);
    } catch {
      // A strip that begins now is a strip all the same.
    }
  }
}
