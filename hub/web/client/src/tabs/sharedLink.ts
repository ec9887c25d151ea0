// A share in one connection for all tabs of an origin and a user. The tab that holds the lock leads; when it is closed,
// crashes or hangs, the browser gives the lock to another one, which goes on where each tab has left off.

import type { FocusAck, LogPosition, ReauthAck } from "../events.js";
import type { AnyHistory } from "../history.js";
import type { HubLink } from "../hubLink.js";
import { seqOf } from "../shape.js";
import type { HistoryQuery, Link, LinkOwner } from "../wants.js";
import { Follower } from "./follower.js";
import { Leader } from "./leader.js";
import { messageFrom, PROTOCOL, type Message } from "./messages.js";
import type { Channel, TabsPlatform } from "./platform.js";

/** How often the leader looks for tabs that are gone without a word. */
const CENSUS_MS = 15_000;

export interface SharedLinkPorts {
  readonly url: string;
  /** Whose connection it is; tabs with the same `who` share. */
  readonly who: string;
  readonly tab: string;
  readonly owner: LinkOwner;
  /** Takes the leader's place in the log, for a tab that has none or one of another epoch. */
  place(position: LogPosition): void;
}

export class SharedLink implements Link {
  readonly #ports: SharedLinkPorts;
  readonly #platform: TabsPlatform;
  readonly #name: string;
  /** Of this document: a duplicated tab has the same `tab` as its model. */
  readonly #self = crypto.randomUUID();
  readonly #owner: LinkOwner;
  #channel: Channel | null = null;
  #leader: Leader | null = null;
  #follower: Follower | null = null;
  #release: (() => void) | null = null;
  /** Ends with `close`. */
  #abort = new AbortController();
  /** Ends the request for the lock. */
  #pending = new AbortController();
  #census: ReturnType<typeof setInterval> | undefined;

  constructor(platform: TabsPlatform, ports: SharedLinkPorts) {
    this.#platform = platform;
    this.#ports = ports;
    this.#name = `noctule:${PROTOCOL}:${ports.url}:${ports.who}`;
    const { owner } = ports;
    this.#owner = {
      token: (ask) => owner.token(ask),
      wants: () => owner.wants(),
      position: () => owner.position(),
      onState: (state) => owner.onState(state),
      // Another tab may ask for what was before this one: without a place in the log nothing in it is this tab's yet.
      onEvent: (name, payload) => {
        if (owner.position() !== null || seqOf(name, payload) === undefined) owner.onEvent(name, payload);
      },
      onAnswer: (room, ack) => owner.onAnswer(room, ack),
    };
  }

  get transport(): string | null {
    return this.#leader?.link.transport ?? this.#follower?.link.transport ?? null;
  }

  get socketId(): string | undefined {
    return this.#leader?.link.socketId ?? this.#follower?.link.socketId;
  }

  get leads(): boolean {
    return this.#leader !== null;
  }

  open(): void {
    this.#abort = new AbortController();
    this.#channel = this.#platform.channel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#onMessage(messageFrom(data));
    this.#follow();
    const { signal } = this.#abort;
    const own = `${this.#name}:tab:${this.#self}`;
    // Held for as long as this tab lives, so that a leader can tell who is gone.
    this.#platform.locks.request(own, { signal }, () => untilAborted(signal)).catch(ignoreAbort);
    this.#queue(false);
  }

  close(): void {
    this.#follower?.bye();
    this.#end();
    this.#abort.abort();
    this.#pending.abort();
    this.#release?.();
    this.#release = null;
    this.#channel?.close();
    this.#channel = null;
  }

  retryNow(): void {
    (this.#leader?.link ?? this.#follower)?.retryNow();
  }

  join(room: string): void {
    (this.#leader?.link ?? this.#follower)?.join(room);
  }

  leave(room: string): void {
    if (this.#leader !== null) this.#leader.leave(room);
    else this.#follower?.tellRooms();
  }

  /** A follower's token is not what the connection runs on: the leading tab renews its own. */
  async reauth(token: string): Promise<ReauthAck> {
    return this.#leader === null ? { ok: true } : this.#leader.link.reauth(token);
  }

  async focus(deviceId: number, on: boolean): Promise<FocusAck> {
    return this.#way().focus(deviceId, on);
  }

  async history(query: HistoryQuery): Promise<AnyHistory> {
    return this.#way().history(query);
  }

  async ping(): Promise<void> {
    await this.#way().ping();
  }

  #way(): HubLink | Follower {
    const way = this.#leader?.link ?? this.#follower;
    if (way === null) throw new Error("the client is closed");
    return way;
  }

  /** Waits for the lock; `steal` takes it from a tab that holds it and does nothing. */
  #queue(steal: boolean): void {
    this.#pending.abort();
    const { signal } = (this.#pending = new AbortController());
    this.#platform.locks
      .request(this.#name, steal ? { steal } : { signal }, async () => {
        if (signal.aborted) return;
        const ended = new Promise<void>((resolve) => (this.#release = resolve));
        await this.#lead();
        await ended;
      })
      .catch((error: unknown) => {
        ignoreAbort(error);
        // Taken away: another tab found this one silent, as one that was suspended is.
        if (signal.aborted || this.#leader === null) return;
        this.#follow();
        this.#queue(false);
      });
  }

  async #lead(): Promise<void> {
    const { signal } = this.#abort;
    const others = await this.#present();
    if (signal.aborted) return;
    this.#end();
    const { url, tab } = this.#ports;
    const ports = { url, tab, owner: this.#owner, post: (message: Message) => this.#post(message) };
    this.#leader = new Leader(ports, crypto.randomUUID(), [...others]);
    this.#census = setInterval(() => void this.#count(), CENSUS_MS);
    this.#leader.lead();
  }

  #follow(): void {
    this.#end();
    this.#follower = new Follower({
      tab: this.#self,
      owner: this.#owner,
      post: (message) => this.#post(message),
      place: (position) => this.#ports.place(position),
      onSilent: () => this.#queue(true),
    });
    this.#follower.follow();
  }

  #end(): void {
    clearInterval(this.#census);
    this.#leader?.resign();
    this.#leader = null;
    this.#follower?.end();
    this.#follower = null;
  }

  async #count(): Promise<void> {
    const present = await this.#present();
    this.#leader?.keep(present);
  }

  /** Returns the other tabs that are there, told by the locks they hold. */
  async #present(): Promise<Set<string>> {
    const prefix = `${this.#name}:tab:`;
    const { held } = await this.#platform.locks.query();
    const names = (held ?? []).flatMap(({ name }) => (name?.startsWith(prefix) === true ? [name.slice(prefix.length)] : []));
    return new Set(names.filter((name) => name !== this.#self));
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #onMessage(message: Message | null): void {
    switch (message?.t) {
      case "want":
      case "rooms":
      case "join":
      case "call":
      case "retry":
      case "bye":
        return this.#leader?.take(message);
      case "lead":
      case "event":
      case "joined":
      case "state":
      case "welcome":
      case "answer":
        return this.#follower?.take(message);
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function ignoreAbort(error: unknown): void {
  if ((error as { name?: unknown }).name !== "AbortError") throw error;
}
