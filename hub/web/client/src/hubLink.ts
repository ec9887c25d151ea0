// One Socket.IO connection to a hub: opens it, keeps it, renews its token, and counts what arrives on it.
// Where the log is taken up, which rooms are wanted and who hears what is its owner's.

import { io, type Socket } from "socket.io-client";

import { backoffMs } from "./backoff.js";
import { Cursor } from "./cursor.js";
import type { Ack, FocusAck, LogPosition, PositionEvent, ReauthAck, SubscribeAck } from "./events.js";
import { readHistory, type AnyHistory } from "./history.js";
import { IDLE, LOSSES, nextLink, type LinkChange, type LinkState } from "./link.js";
import { Renewal } from "./renewal.js";
import { isPlace, misfit, seqOf } from "./shape.js";
import { Silence } from "./silence.js";
import { lowest, type HistoryQuery, type Link, type LinkOwner } from "./wants.js";

/** How long the hub has to answer a call. */
export const ANSWER_MS = 5_000;
/** The hub asks the device's agent first, for which it waits 5 s. */
const FOCUS_ANSWER_MS = 7_000;
/** Reads wait for their turn for up to 5 s. */
export const HISTORY_ANSWER_MS = 20_000;

export class HubLink implements Link {
  readonly leads = true;
  readonly #owner: LinkOwner;
  readonly #socket: Socket;
  readonly #cursor = new Cursor();
  readonly #renewal: Renewal;
  readonly #silence: Silence;
  readonly #tab: string;
  #state: LinkState = IDLE;
  #wanted = false;
  #fresh = false;
  #refusals = 0;
  /** How the next connection is tried first; what worked stays. */
  #first: "websocket" | "polling" = "websocket";
  #dials = 0;
  #pings = 0;
  #token: string | null = null;
  #ofRole = true;
  /** What the handshake named, besides the role's rooms if it asked for those. */
  #named: ReadonlySet<string> = new Set();
  /** Rooms whose answer is on its way: of those that the handshake named by `replay:done`, else by an ack. */
  #asked = new Set<string>();
  #since: LogPosition | null = null;
  /** Whether what the handshake asked for is not all here yet. */
  #catchingUp = false;
  /** Rooms that are caught up from `since` apart from the handshake's, and not all here yet. */
  readonly #late = new Set<string>();
  /** Where the counts last agreed, when they did not: the next connection begins there at the latest. */
  #missedAfter: LogPosition | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, tab: string, owner: LinkOwner) {
    this.#owner = owner;
    this.#tab = tab;
    this.#socket = io(url, {
      autoConnect: false,
      reconnection: false,
      forceNew: true,
      tryAllTransports: true,
      auth: (answer) => void this.#handshake(answer),
    });
    this.#socket.on("connect", () => this.#onConnect());
    this.#socket.on("disconnect", (reason) => this.#onLoss(reason));
    this.#socket.on("connect_error", (error) => this.#onRefusal(error as Error & { data?: { code?: string } }));
    this.#socket.onAny((name: string, payload: unknown) => this.#onEvent(name, payload));
    this.#renewal = new Renewal(
      () => this.#owner.token({ fresh: true }),
      (token) => this.reauth(token),
    );
    this.#silence = new Silence(
      () => this.ping(),
      () => this.#abandon("the hub fell silent"),
    );
  }

  get transport(): string | null {
    return this.#socket.connected ? (this.#socket.io.engine?.transport.name ?? null) : null;
  }

  get socketId(): string | undefined {
    return this.#socket.id;
  }

  /** What the running connection asked `since`, null when it began with what was new. */
  get since(): LogPosition | null {
    return this.#since;
  }

  /** Whether the running connection has the rooms of the role. */
  get ofRole(): boolean {
    return this.#ofRole;
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#dial();
  }

  close(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rest();
    globalThis.removeEventListener?.("online", this.#onOnline);
    this.#socket.disconnect();
    this.#change({ kind: "close" });
  }

  retryNow(): void {
    if (this.#wanted && (this.#timer !== undefined || this.#state.phase === "refused")) this.#dial();
  }

  /** Connects anew at once, for what the running connection cannot be asked. */
  redial(): void {
    if (!this.#wanted) return;
    this.#rest();
    this.#socket.disconnect();
    this.#dial();
  }

  join(room: string): void {
    if (this.#socket.connected && !this.#asked.has(room)) this.#subscribe(room, null);
  }

  leave(room: string): void {
    this.#asked.delete(room);
    if (this.#socket.connected) this.#socket.emit("unsubscribe", room);
  }

  async reauth(token: string): Promise<ReauthAck> {
    const ack = (await this.#socket.timeout(ANSWER_MS).emitWithAck("reauth", { token })) as ReauthAck;
    if (ack.ok) this.#renewal.take(token);
    return ack;
  }

  async focus(deviceId: number, on: boolean): Promise<FocusAck> {
    const ack = (await this.#socket.timeout(FOCUS_ANSWER_MS).emitWithAck("focus", { deviceId, on })) as FocusAck;
    this.#silence.heard();
    return ack;
  }

  async history(query: HistoryQuery): Promise<AnyHistory> {
    const answer: unknown = await this.#socket.timeout(HISTORY_ANSWER_MS).emitWithAck("history", query);
    this.#silence.heard();
    return readHistory(answer);
  }

  async ping(): Promise<void> {
    this.#pings += 1;
    const ack = (await this.#socket.timeout(ANSWER_MS).emitWithAck("ping", this.#pings)) as Ack;
    this.#silence.heard();
    if (!ack.ok) throw new Error(ack.error?.message ?? "the hub did not answer");
  }

  async #handshake(answer: (auth: object) => void): Promise<void> {
    const dial = this.#dials;
    try {
      const token = await this.#owner.token({ fresh: this.#fresh });
      // Socket.IO would send the answer to an old question on a connection that was opened meanwhile.
      if (dial !== this.#dials || !this.#wanted) return;
      this.#token = token;
      this.#fresh = false;
    } catch (error) {
      if (dial === this.#dials) this.#abandon(error instanceof Error ? error.message : String(error));
      return;
    }
    const { ofRole, rooms } = this.#owner.wants();
    this.#ofRole = ofRole;
    this.#named = new Set(rooms);
    this.#asked = new Set(rooms);
    // A connection that broke while it brought what was missed is gone on with from where it was: how far the owner is
    // says nothing of that, when a tab or a room lacked more than the others.
    const begun = this.#late.size > 0 ? this.#since : this.#catchingUp ? this.#cursor.position : null;
    this.#since = lowest([this.#owner.position(), this.#missedAfter, begun]);
    this.#missedAfter = null;
    this.#late.clear();
    this.#catchingUp = this.#since !== null;
    this.#cursor.begin(this.#since);
    answer({
      ...(this.#token === null ? {} : { token: this.#token }),
      ...(ofRole ? (rooms.length > 0 ? { also: rooms } : {}) : { subscribe: rooms }),
      ...(this.#since === null ? {} : { since: this.#since }),
      tab: this.#tab,
    });
    // A welcome that is lost on the way is silence too.
    this.#silence.begin();
  }

  #onConnect(): void {
    this.#refusals = 0;
    this.#silence.heard();
    this.#renewal.take(this.#token);
    const { rooms } = this.#owner.wants();
    // What was held or left while the handshake was under way.
    for (const room of rooms) if (!this.#named.has(room)) this.#catchUp(room);
    for (const room of this.#named) if (!rooms.includes(room)) this.leave(room);
    this.#rise();
  }

  #catchUp(room: string): void {
    if (this.#since !== null) this.#late.add(room);
    this.#subscribe(room, this.#since);
  }

  #subscribe(room: string, since: LogPosition | null): void {
    this.#asked.add(room);
    this.#socket.emit("subscribe", since === null ? room : { room, since }, (ack: SubscribeAck) => {
      this.#silence.heard();
      this.#asked.delete(room);
      this.#late.delete(room);
      this.#owner.onAnswer(room, ack);
    });
  }

  #onEvent(name: string, payload: unknown): void {
    this.#silence.heard();
    if (isPlace(name) && misfit(name, payload) === null) {
      const { epoch, seq, delivered } = payload as PositionEvent;
      if (!this.#cursor.agree({ epoch, seq }, delivered)) {
        this.#missedAfter = this.#cursor.position;
        this.#abandon("events were lost on the way");
        return;
      }
      if (name === "replay:done") this.#catchingUp = false;
    }
    // A logged event counts as arrived however it looks: fetching it again would not mend it.
    else this.#cursor.pass(seqOf(name, payload));
    this.#rise();
    if (name === "replay:done") for (const room of this.#named) this.#asked.delete(room);
    this.#owner.onEvent(name, payload);
  }

  /** A connection that breaks before it has a place in the log takes along what nobody can ask for again. */
  #rise(): void {
    if (this.#state.phase !== "live" && this.#cursor.position !== null) this.#change({ kind: "up" });
  }

  #onLoss(reason: string): void {
    // What this class ends itself it goes on with itself.
    if (reason === "io client disconnect") return;
    this.#rest();
    if (this.#wanted) this.#planRetry(LOSSES[reason] ?? reason);
  }

  #onRefusal(error: Error & { data?: { code?: string; retryAfterS?: number | null } }): void {
    if (!this.#wanted) return;
    this.#rest();
    const code = error.data?.code;
    if (code !== "token_expired" && code !== "token_invalid") {
      // Some proxies take up a WebSocket and say nothing on it: Socket.IO falls back from a refusal, not from silence.
      if (error.message === "timeout") this.#first = this.#first === "websocket" ? "polling" : "websocket";
      this.#planRetry(code === undefined ? "the hub does not answer" : error.message, error.data?.retryAfterS ?? 0);
      return;
    }
    this.#fresh = true;
    this.#refusals += 1;
    if (this.#refusals === 1) this.#dial();
    else if (code === "token_expired" || this.#refusals < 3) this.#planRetry(error.message);
    else this.#change({ kind: "refused", reason: error.message, retryAtMs: null });
  }

  #dial(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dials += 1;
    this.#change({ kind: "dial" });
    this.#socket.io.opts.transports = this.#first === "websocket" ? ["websocket", "polling"] : ["polling", "websocket"];
    this.#socket.connect();
  }

  #planRetry(reason: string, atLeastS = 0): void {
    const delayMs = Math.max(backoffMs(this.#state.attempt, Math.random()), atLeastS * 1000);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dial(), delayMs);
    this.#change({ kind: "lost", reason, retryAtMs: Date.now() + delayMs });
  }

  /** Gives up the connection at hand and plans another. */
  #abandon(reason: string): void {
    this.#rest();
    this.#socket.disconnect();
    if (this.#wanted) this.#planRetry(reason);
  }

  #rest(): void {
    this.#renewal.stop();
    this.#silence.end();
  }

  readonly #onOnline = (): void => this.retryNow();

  #change(change: LinkChange): void {
    this.#state = nextLink(this.#state, change, Date.now());
    this.#owner.onState(this.#state);
  }
}
