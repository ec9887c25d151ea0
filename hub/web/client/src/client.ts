// One connection to a hub: keeps it, keeps its place in the event log, and hands out typed events.
// Knows neither React nor a browser's window; showing and storing is left to its users.

import { io, type Socket } from "socket.io-client";

import { backoffMs } from "./backoff.js";
import type { AnyHandler, ClientOptions, Handler, NoctuleClient } from "./contract.js";
import { Cursor } from "./cursor.js";
import { EVENT_NAMES } from "./events.js";
import type { Ack, EventName, LogPosition, PositionEvent, SubscribeAck } from "./events.js";
import { IDLE, nextLink, type LinkChange, type LinkState } from "./link.js";
import { RoomHolds } from "./rooms.js";
import { misfit } from "./shape.js";

/** Silence after which the client asks whether the hub is still there, and how long it waits for the answer. */
export const QUIET_MS = 8_000;
export const ANSWER_MS = 5_000;
const WATCH_MS = 2_000;

class Client implements NoctuleClient {
  readonly socket: Socket;
  readonly #options: ClientOptions;
  readonly #cursor = new Cursor();
  readonly #holds = new RoomHolds();
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #handlers = new Map<EventName, Set<(payload: never) => void>>();
  readonly #anyHandlers = new Set<AnyHandler>();
  #state: LinkState = IDLE;
  #wanted = false;
  #fresh = false;
  #freshRefusals = 0;
  #heardAtMs: number | null = null;
  #askedAtMs: number | null = null;
  #named: ReadonlySet<string> = new Set();
  #resumeFrom: LogPosition | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #watchTimer: ReturnType<typeof setInterval> | undefined;
  #pings = 0;
  #malformed = 0;
  readonly #tab: string;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#tab = options.tab ?? Math.random().toString(36).slice(2, 14);
    this.socket = io(options.wsUrl ?? options.url, {
      autoConnect: false,
      reconnection: false,
      forceNew: true,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      auth: (answer) => void this.#handshake(answer),
    });
    this.socket.on("connect", () => this.#onConnect());
    this.socket.on("disconnect", (reason) => this.#onLoss(reason));
    this.socket.on("connect_error", (error) => this.#onRefusal(error as Error & { data?: { code?: string } }));
    this.socket.onAny((name: string, payload: unknown) => this.#onEvent(name, payload));
  }

  get state(): LinkState {
    return this.#state;
  }

  get cursor(): LogPosition | null {
    return this.#cursor.position;
  }

  get malformed(): number {
    return this.#malformed;
  }

  get heardAtMs(): number | null {
    return this.#heardAtMs;
  }

  connect(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#dial();
  }

  retryNow(): void {
    if (this.#wanted && this.#retryTimer !== undefined) this.#dial();
  }

  close(): void {
    this.#wanted = false;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#watchTimer);
    this.#retryTimer = undefined;
    globalThis.removeEventListener?.("online", this.#onOnline);
    this.socket.disconnect();
    this.#change({ kind: "close" });
  }

  on<N extends EventName>(name: N, handler: Handler<N>): () => void {
    let handlers = this.#handlers.get(name);
    if (handlers === undefined) this.#handlers.set(name, (handlers = new Set()));
    const held = handlers;
    // A wrapper of its own, so that one function registered twice is called twice and removed once.
    const wrapper = (payload: never): void => handler(payload);
    held.add(wrapper);
    return () => void held.delete(wrapper);
  }

  onAny(handler: AnyHandler): () => void {
    this.#anyHandlers.add(handler);
    return () => void this.#anyHandlers.delete(handler);
  }

  onStateChange(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  subscribe(room: string, onAck?: (ack: SubscribeAck) => void): () => void {
    if (this.#holds.hold(room) && this.socket.connected) this.#join(room, null, onAck);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.unsubscribe(room);
    };
  }

  unsubscribe(room: string): void {
    if (this.#holds.release(room) && this.socket.connected) this.socket.emit("unsubscribe", room);
  }

  seed(position: LogPosition): void {
    this.#cursor.seed(position);
  }

  async reauth(token: string): Promise<Ack> {
    return (await this.socket.timeout(ANSWER_MS).emitWithAck("reauth", { token })) as Ack;
  }

  async ping(): Promise<number> {
    const begunMs = performance.now();
    this.#pings += 1;
    await this.socket.timeout(ANSWER_MS).emitWithAck("ping", this.#pings);
    this.#heard();
    return performance.now() - begunMs;
  }

  async #handshake(answer: (auth: object) => void): Promise<void> {
    let token: string | null;
    try {
      token = await this.#options.getToken({ fresh: this.#fresh });
      this.#fresh = false;
    } catch (error) {
      this.#abandon(error instanceof Error ? error.message : String(error));
      return;
    }
    const { baseRooms } = this.#options;
    const rooms = baseRooms === undefined ? undefined : [...new Set([...baseRooms, ...this.#holds.rooms])];
    this.#named = new Set(rooms ?? []);
    this.#cursor.begin();
    this.#resumeFrom = this.#cursor.position;
    answer({
      ...(token === null ? {} : { token }),
      ...(rooms === undefined ? {} : { subscribe: rooms }),
      ...(this.#resumeFrom === null ? {} : { since: this.#resumeFrom }),
      tab: this.#tab,
    });
  }

  #onConnect(): void {
    this.#freshRefusals = 0;
    this.#heard();
    this.#change({ kind: "up" });
    // Rooms that the handshake did not name: held meanwhile, or not nameable without losing the role's own.
    for (const room of this.#holds.rooms) if (!this.#named.has(room)) this.#join(room, this.#resumeFrom);
    const base = new Set(this.#options.baseRooms);
    for (const room of this.#named) {
      if (!base.has(room) && !this.#holds.has(room)) this.socket.emit("unsubscribe", room);
    }
  }

  #join(room: string, since: LogPosition | null, onAck?: (ack: SubscribeAck) => void): void {
    this.socket.emit("subscribe", since === null ? room : { room, since }, (ack: SubscribeAck) => {
      this.#heard();
      onAck?.(ack);
    });
  }

  #onEvent(name: string, payload: unknown): void {
    this.#heard();
    const fault = isKnown(name) ? misfit(name, payload) : null;
    // A logged event counts as arrived however it looks: fetching it again would not mend it.
    if (name !== "position" && name !== "replay:done") this.#cursor.pass(seqOf(payload));
    else if (fault === null && name === "position") this.#takePosition(payload as PositionEvent);
    else if (fault === null) this.#cursor.reach(payload as LogPosition);
    for (const handler of this.#anyHandlers) handler(name, payload, fault);
    if (!isKnown(name)) return;
    if (fault !== null) {
      this.#malformed += 1;
      return;
    }
    for (const handler of this.#handlers.get(name) ?? []) handler(payload as never);
  }

  #takePosition(position: PositionEvent): void {
    if (!this.#cursor.agree(position, position.delivered)) this.#abandon("events were lost on the way");
  }

  #onLoss(reason: string): void {
    if (this.#wanted) this.#planRetry(REASONS[reason] ?? reason);
  }

  #onRefusal(error: Error & { data?: { code?: string } }): void {
    if (!this.#wanted) return;
    const code = error.data?.code;
    if (code !== "token_expired" && code !== "token_invalid") {
      this.#planRetry(code === undefined ? "the hub does not answer" : error.message);
      return;
    }
    this.#fresh = true;
    this.#freshRefusals += 1;
    if (this.#freshRefusals === 1) this.#dial();
    else if (code === "token_expired" || this.#freshRefusals < 3) this.#planRetry(error.message);
    else this.#change({ kind: "refused", reason: error.message, retryAtMs: null });
  }

  #dial(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#change({ kind: "dial" });
    this.socket.connect();
  }

  #planRetry(reason: string): void {
    const delayMs = backoffMs(this.#state.attempt, Math.random());
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#dial(), delayMs);
    this.#change({ kind: "lost", reason, retryAtMs: Date.now() + delayMs });
  }

  /** Gives up the connection at hand and plans another: Socket.IO calls our own disconnect no loss. */
  #abandon(reason: string): void {
    this.socket.disconnect();
    if (this.#wanted) this.#planRetry(reason);
  }

  /** Finds links that are gone without a word: a suspended laptop, a NAT that forgot, a hub that hangs. */
  #watch(): void {
    const nowMs = Date.now();
    if (this.#state.phase !== "live" || nowMs - (this.#heardAtMs ?? nowMs) < QUIET_MS) return;
    if (this.#askedAtMs !== null) return;
    this.#askedAtMs = nowMs;
    this.ping().catch(() => {
      if (this.#askedAtMs === nowMs && this.#state.phase === "live") this.#abandon("the hub fell silent");
    });
  }

  readonly #onOnline = (): void => this.retryNow();

  #heard(): void {
    this.#heardAtMs = Date.now();
    this.#askedAtMs = null;
  }

  #change(change: LinkChange): void {
    this.#state = nextLink(this.#state, change, Date.now());
    for (const listener of this.#listeners) listener(this.#state);
  }
}

function isKnown(name: string): name is EventName {
  return (EVENT_NAMES as readonly string[]).includes(name);
}

function seqOf(payload: unknown): number | undefined {
  const seq: unknown = typeof payload === "object" && payload !== null ? (payload as { seq?: unknown }).seq : undefined;
  return typeof seq === "number" ? seq : undefined;
}

/** Socket.IO's reasons for a lost connection, in words for people. */
const REASONS: Readonly<Record<string, string>> = {
  "io server disconnect": "the hub closed the connection",
  "transport close": "the connection broke",
  "transport error": "the connection broke",
  "ping timeout": "the hub fell silent",
};

/** Returns a client that is not connected yet; call `connect()`. */
export function createClient(options: ClientOptions): NoctuleClient {
  return new Client(options);
}
