// Wires the connection to what the page holds: the list first, then events since the list's own position.

import { createClient, misfit, type AlertEvent, type EventName, type HubEvents, type LogPosition, type NoctuleClient, type StatsUpdate } from "@noctule/client";

import type { Device } from "../model/device";
import { tickAlong } from "./clock";
import { Fleet } from "./fleet";
import { paced, pause } from "./frames";
import { API, askFile } from "./http";
import { Journal, KIND_BY_EVENT, type Happening } from "./journal";
import { Observable } from "./observable";
import { Queries } from "./queries";
import { messageOf, Session, type Me } from "./session";

/** Rooms of the page for people who may see devices; other roles take what the hub gives their role. */
const STAFF_ROOMS: readonly string[] = ["devices", "alerts", "bandwidth", "agents", "stats"];
const STAFF: ReadonlySet<string> = new Set(["admin", "operator", "viewer"]);
/** A list that is asked for whole is read in so many pages at most. */
export const MAX_PAGES = 20;
const PAGE_SIZE = 1000;
const EMPTY_POLL_MS = 5_000;
const RETRY_MS = 5_000;
const RECENT_EVENTS = 40;
const SETTLE_MS = 2_000;
/** What the hub tells each second: ages go on with it. */
const MEASURED: ReadonlySet<string> = new Set<EventName>(["latency:update", "bandwidth:update", "stats:update"]);
/** What comes more often than eyes follow is shown together. */
const SHOWN_EACH_MS = 100;
/** A mail server has a minute. */
const WORK_MS = 90_000;

interface DevicePage {
  items: Device[];
  nextCursor: string | null;
  position?: LogPosition;
}

interface AlertPage {
  items: AlertEvent[];
  nextCursor: string | null;
}

/** Everything of one signed-in session; `stop` ends it. */
export class Live {
  readonly client: NoctuleClient;
  readonly #pace = paced(SHOWN_EACH_MS);
  /** Shows something together with all else that has come. */
  readonly soon = this.#pace.soon;
  /** Shows what nobody waits for with what is shown next. */
  readonly along = this.#pace.along;
  readonly fleet = new Fleet(this.soon);
  readonly journal = new Journal(this.soon);
  readonly queries: Queries;
  /** The newest totals, null before the first. */
  readonly stats = new Observable<StatsUpdate | null>(null);
  readonly role: string;
  /** May see devices: other roles have no list of them, and live without it. */
  readonly staff: boolean;
  readonly #session: Session;
  readonly #me: Me;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #alertsTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #loads = 0;
  #epoch: string | null = null;
  #wasLive = false;

  constructor(session: Session, me: Me, origin: string) {
    this.#session = session;
    this.#me = me;
    this.role = me.role;
    this.staff = STAFF.has(me.role);
    this.client = createClient({
      url: origin,
      getToken: (asked) => session.token(asked),
      ...(this.staff ? { baseRooms: STAFF_ROOMS } : {}),
    });
    this.queries = new Queries((path) => this.read(path), this.client, this.along);
    this.#wire();
  }

  start(): void {
    if (this.staff) void this.reload();
    else this.client.connect();
  }

  /** Whether this is what a person sees, who may have signed in again. */
  isOf({ subject, role, customerId }: Me): boolean {
    return subject === this.#me.subject && role === this.#me.role && customerId === this.#me.customerId;
  }

  /** Takes up all that has failed meanwhile, and the connection. */
  goOn(): void {
    this.client.retryNow();
    this.queries.retry();
    if (this.staff && this.fleet.load.get().phase === "failed") void this.reload();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#alertsTimer);
    this.queries.stop();
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
      // The list is told of first, and shown in a task of its own: together they would be one long one.
      await new Promise<void>(this.soon);
      await pause();
      if (this.#stopped || load !== this.#loads) return;
      this.fleet.load.set({ phase: "ready" });
      if (devices.length === 0) this.#reloadIn(EMPTY_POLL_MS);
      this.client.connect();
      void this.reloadAlerts();
      if (first.position) void this.#loadRecent(first.position);
    } catch (error) {
      if (this.#stopped || load !== this.#loads) return;
      if (this.fleet.load.get().phase !== "ready") this.fleet.load.set({ phase: "failed", message: messageOf(error) });
      this.#reloadIn(RETRY_MS);
      // What fires is worth knowing without the list of devices, too.
      if (this.journal.alertsLoad.get().phase === "loading") void this.reloadAlerts();
    }
  }

  /** Hands the running connection a newer token; without one the next handshake carries it. */
  reauth(token: string): void {
    if (this.client.state.phase === "live") this.client.reauth(token).catch(() => undefined);
  }

  /** Sends something, and has read again whatever stands below the same first word of the address. */
  async send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, headers: Record<string, string> = {}, timeoutMs?: number): Promise<T> {
    const patience = timeoutMs === undefined ? {} : { timeoutMs };
    const answer = await this.#session.ask<T>(`${API}${path}`, { method, headers, ...patience, ...(body === undefined ? {} : { body }) });
    this.queries.again(`/${path.split(/[/?]/u)[1] ?? ""}`);
    return answer;
  }

  /** Asks by POST for something that changes nothing here, and may take the hub a while. */
  work<T>(path: string, body?: unknown): Promise<T> {
    return this.#session.ask<T>(`${API}${path}`, { method: "POST", timeoutMs: WORK_MS, ...(body === undefined ? {} : { body }) });
  }

  /** Reads a file that the hub makes, whole. */
  async file(path: string, method: "GET" | "POST" = "GET"): Promise<Blob> {
    return askFile(`${API}${path}`, await this.#session.token(), method);
  }

  /** Reads an address; of a list whose address ends in `#3` so many pages, in `#all` to its end, or nearly: `nextCursor` says where it stopped. */
  async read<T = unknown>(path: string): Promise<T> {
    const [address = "", part] = path.split("#");
    if (part === undefined) return this.get(address);
    const most = part === "all" ? MAX_PAGES : Math.min(Number(part), MAX_PAGES);
    const items: unknown[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < most; page += 1) {
      const at: string = cursor === null ? "" : `${address.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
      const next: { items: unknown[]; nextCursor: string | null } = await this.get(`${address}${at}`);
      items.push(...next.items);
      cursor = next.nextCursor;
      if (cursor === null) break;
    }
    return { items, nextCursor: cursor } as T;
  }

  get<T>(path: string): Promise<T> {
    return this.#session.ask<T>(`${API}${path}`);
  }

  #wire(): void {
    const { client, fleet, journal } = this;
    // Along with a state, which comes at any time, ages would lose the second's step and be drawn by themselves again.
    client.onAny((name) => MEASURED.has(name) && this.soon(tickAlong));
    client.on("device:status", (event) => this.#known(event.deviceId === undefined || fleet.takeStatus(event)));
    client.on("latency:update", ({ items, test }) => this.#known(test === true || fleet.takeLatency(items)));
    client.on("stats:update", (stats) => stats.test !== true && this.soon(() => this.stats.set(stats)));
    client.on("bandwidth:update", ({ items, test }) => this.#known(test === true || fleet.takeBandwidth(items)));
    client.onAny((name, payload, misfit) => {
      const kind = KIND_BY_EVENT[name];
      // Of a status that is told by the status page alone there is no device to tell.
      if (kind === "device" && (payload as HubEvents["device:status"]).deviceId === undefined) return;
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
    if (this.#stopped || !this.staff) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.reload(), delayMs);
  }

  #page(cursor: string | null): Promise<DevicePage> {
    const at = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    return this.get<DevicePage>(`/devices?limit=${PAGE_SIZE}${at}`);
  }

  /** Reads again what is active, until it is known; what is known comes live. */
  async reloadAlerts(): Promise<void> {
    clearTimeout(this.#alertsTimer);
    try {
      await this.journal.replaceAlerts(() => this.#activeAlerts());
    } catch {
      // The strip and the toasts still show what comes live.
      if (!this.#stopped) this.#alertsTimer = setTimeout(() => void this.reloadAlerts(), RETRY_MS);
    }
  }

  async #activeAlerts(): Promise<AlertEvent[]> {
    const alerts: AlertEvent[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: AlertPage = await this.get<AlertPage>(`/alerts?state=active&limit=${PAGE_SIZE}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      alerts.push(...page.items);
      cursor = page.nextCursor;
    }
    return alerts.filter(({ state }) => state === "firing" || state === "pending");
  }

  /** Fills the strip with what happened before the page was opened, once. */
  async #loadRecent(position: LogPosition): Promise<void> {
    if (this.journal.size > 0 || position.seq === 0) return;
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
