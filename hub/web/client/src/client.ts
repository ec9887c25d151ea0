// What a page holds: one client that listens to a hub, alone or with other tabs. Joins the parts; each part's own work is
// described there. Knows no React, and touches no browser before `connect`.

import { backoffMs } from "./backoff.js";
import type { AnyHandler, ClientOptions, Gap, Handler, NoctuleClient } from "./contract.js";
import { CursorStore, storageOf } from "./cursorStore.js";
import { Dispatch } from "./dispatch.js";
import type { EventName, FocusAck, LogPosition, ReauthAck, ReplayDoneEvent, SubscribeAck } from "./events.js";
import { Feed } from "./feed.js";
import { Freshness } from "./freshness.js";
import { HubLink } from "./hubLink.js";
import { identityOf } from "./identity.js";
import { IDLE, nextLink, type LinkChange, type LinkState } from "./link.js";
import { Listeners } from "./listeners.js";
import { RoomKeeper } from "./roomKeeper.js";
import { PageLife } from "./pageLife.js";
import { isPlace, misfit, seqOf } from "./shape.js";
import { readSnapshot } from "./snapshot.js";
import { SocketView } from "./socketView.js";
import { browserPlatform } from "./tabs/platform.js";
import { SharedLink } from "./tabs/sharedLink.js";
import { NO_LINK, type Link, type LinkOwner, type Wants } from "./wants.js";

class Client implements NoctuleClient {
  readonly socket: SocketView;
  readonly freshness: Freshness;
  readonly #options: ClientOptions;
  readonly #wsUrl: string;
  readonly #tab: string;
  readonly #feed = new Feed();
  readonly #rooms: RoomKeeper;
  readonly #dispatch = new Dispatch();
  readonly #stateListeners = new Listeners<[LinkState]>();
  readonly #gapHandlers = new Listeners<[Gap]>();
  readonly #owner: LinkOwner;
  /** A page that is kept for "back" must not hold what others need. */
  readonly #page = new PageLife(
    () => this.#end(),
    () => void (this.#wanted && this.#link === null && this.#begin()),
  );
  #state: LinkState = IDLE;
  #wanted = false;
  #link: Link | null = null;
  #store: CursorStore | null = null;
  #who: string | null = null;
  /** A token that was asked for to learn whose it is; the first connection uses it. */
  #token: { readonly value: string | null } | null = null;
  #heardAtMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#wsUrl = options.wsUrl ?? options.url;
    this.#tab = options.tab ?? Math.random().toString(36).slice(2, 14);
    this.freshness = new Freshness(options.freshness);
    this.#owner = {
      token: (ask) => this.#ownToken(ask),
      wants: () => this.#wants(),
      position: () => this.#feed.position,
      onState: (state) => this.#show(state),
      onEvent: (name, payload) => this.#onEvent(name, payload),
      onAnswer: (room, ack) => this.#rooms.answer(room, ack),
    };
    this.#rooms = new RoomKeeper(options.baseRooms ?? [], {
      join: (room) => this.#link?.join(room),
      leave: (room) => this.#link?.leave(room),
    });
    this.socket = new SocketView(this);
  }

  get state(): LinkState {
    return this.#state;
  }

  get cursor(): LogPosition | null {
    return this.#feed.position;
  }

  get malformed(): number {
    return this.#dispatch.malformed;
  }

  get heardAtMs(): number | null {
    return this.#heardAtMs;
  }

  get transport(): string | null {
    return this.#link?.transport ?? null;
  }

  get socketId(): string | undefined {
    return this.#link?.socketId;
  }

  get leads(): boolean {
    return this.#link?.leads ?? false;
  }

  connect(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#page.begin();
    void this.#begin();
  }

  retryNow(): void {
    if (this.#link !== null) this.#link.retryNow();
    else if (this.#wanted && this.#timer !== undefined) void this.#begin();
  }

  close(): void {
    this.#wanted = false;
    this.#page.end();
    this.#rooms.settle();
    this.#end();
  }

  on<N extends EventName>(name: N, handler: Handler<N>): () => void {
    return this.#dispatch.on(name, handler);
  }

  onAny(handler: AnyHandler): () => void {
    return this.#dispatch.onAny(handler);
  }

  onStateChange(listener: (state: LinkState) => void): () => void {
    return this.#stateListeners.add(listener);
  }

  onGap(handler: (gap: Gap) => void): () => void {
    return this.#gapHandlers.add(handler);
  }

  subscribe(room: string, onAck?: (ack: SubscribeAck) => void): () => void {
    this.#rooms.hold(room, onAck);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#rooms.release(room);
    };
  }

  seed(position: LogPosition): void {
    this.#feed.begin(position);
  }

  async reauth(token: string): Promise<ReauthAck> {
    return (this.#link ?? NO_LINK).reauth(token);
  }

  async focus(deviceId: number, on: boolean): Promise<FocusAck> {
    return (this.#link ?? NO_LINK).focus(deviceId, on);
  }

  readonly history: NoctuleClient["history"] = async (series, options) =>
    (await (this.#link ?? NO_LINK).history({ ...options, series })) as never;

  async ping(): Promise<number> {
    const begunMs = performance.now();
    await (this.#link ?? NO_LINK).ping();
    this.#hear();
    return performance.now() - begunMs;
  }

  /** Learns whose connection it is, and opens it or takes a share in it. */
  async #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#change({ kind: "dial" });
    let token: string | null;
    try {
      token = await this.#askToken({ fresh: false });
    } catch (error) {
      if (this.#wanted && this.#link === null) this.#planBegin(error instanceof Error ? error.message : String(error));
      return;
    }
    if (!this.#wanted || this.#link !== null) return;
    this.#token = { value: token };
    this.#who = identityOf(token).who;
    this.#restore(this.#who);
    this.#link = this.#makeLink(this.#who);
    this.#link.open();
  }

  #planBegin(reason: string): void {
    const delayMs = backoffMs(this.#state.attempt, Math.random());
    this.#timer = setTimeout(() => void this.#begin(), delayMs);
    this.#change({ kind: "lost", reason, retryAtMs: Date.now() + delayMs });
  }

  #makeLink(who: string | null): Link {
    const { share = true } = this.#options;
    const platform = share === true ? browserPlatform() : share === false ? null : share;
    if (platform === null || who === null) return new HubLink(this.#wsUrl, this.#tab, this.#owner);
    const place = (position: LogPosition): void => this.#place(position);
    return new SharedLink(platform, { url: this.#wsUrl, who, tab: this.#tab, owner: this.#owner, place });
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#store?.flush();
    const link = this.#link;
    this.#link = null;
    link?.close();
    this.#change({ kind: "close" });
  }

  #restore(who: string | null): void {
    const storage = storageOf(this.#options.cursor ?? "session");
    this.#store = storage === null || who === null ? null : new CursorStore(storage, this.#wsUrl, who);
    const kept = this.#feed.position === null ? (this.#store?.load() ?? null) : null;
    if (kept !== null) this.#feed.begin(kept);
  }

  async #ownToken(ask: { fresh: boolean }): Promise<string | null> {
    const kept = this.#token;
    this.#token = null;
    const token = kept !== null && !ask.fresh ? kept.value : await this.#askToken(ask);
    const { who } = identityOf(token);
    if (who !== this.#who && this.#wanted && this.#link !== null) {
      // What was shared by the other's name must not be this one's.
      this.#end();
      void this.#begin();
      throw new Error("somebody else has signed in");
    }
    return token;
  }

  async #askToken(ask: { fresh: boolean }): Promise<string | null> {
    const token = (await this.#options.getToken?.(ask)) ?? null;
    return token === "" ? null : token;
  }

  #wants(): Wants {
    return { ofRole: this.#options.baseRooms === undefined, rooms: this.#rooms.rooms };
  }

  #onEvent(name: string, payload: unknown): void {
    this.#hear();
    if (isPlace(name)) {
      if (misfit(name, payload) === null) this.#reach(name, payload as ReplayDoneEvent);
    } else if (!this.#feed.admit(seqOf(name, payload))) return;
    this.#dispatch.emit(name, payload);
    // After the handlers: what was not handled comes again.
    if (this.#feed.position !== null) this.#store?.keep(this.#feed.position);
  }

  #reach(name: "position" | "replay:done", done: ReplayDoneEvent): void {
    const before = this.#feed.position;
    const position = { epoch: done.epoch, seq: done.seq };
    const passed = before !== null && (before.epoch !== done.epoch || before.seq !== done.seq);
    if (name === "replay:done") this.#rooms.joined(done);
    if (name === "replay:done" && done.recovered === false) {
      this.#feed.begin(position);
      if (passed) this.#tellGap("log", this.#wants().ofRole ? done.rooms : this.#wants().rooms, position);
      return;
    }
    this.#feed.reach(position);
    if (done.logs !== undefined && before !== null) this.#tellGap("network-logs", ["logs"], position);
  }

  /** Takes the place in the log of the connection that this tab shares. */
  #place(position: LogPosition): void {
    const lost = this.#feed.position !== null;
    this.#feed.begin(position);
    if (lost) this.#tellGap("log", this.#wants().rooms, position);
  }

  #tellGap(kind: Gap["kind"], rooms: readonly string[], position: LogPosition): void {
    const { url } = this.#options;
    const token = (): Promise<string | null> => this.#askToken({ fresh: false });
    const read = (room: string): Promise<unknown> => readSnapshot(room, { url, token, join: this.#rooms.ask });
    this.#gapHandlers.tell({ kind, rooms, position, read });
  }

  #hear(): void {
    this.#heardAtMs = Date.now();
    this.freshness.heard(this.#heardAtMs);
  }

  #change(change: LinkChange): void {
    this.#show(nextLink(this.#state, change, Date.now()));
  }

  #show(state: LinkState): void {
    this.#state = state;
    this.freshness.linked(state.phase);
    if (state.phase === "live") this.#rooms.askAgain();
    this.#stateListeners.tell(state);
  }
}

/** Returns a client that is not connected yet; call `connect()`. */
export function createClient(options: ClientOptions): NoctuleClient {
  return new Client(options);
}
