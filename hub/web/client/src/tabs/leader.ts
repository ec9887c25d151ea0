// The tab that holds the connection: serves its own page and every other tab of its user.

import { HubLink } from "../hubLink.js";
import { IDLE, nextLink, type LinkState } from "../link.js";
import type { LogPosition, SubscribeAck } from "../events.js";
import { isPlace, misfit } from "../shape.js";
import { lowest, union, type LinkOwner, type Wants } from "../wants.js";
import { History } from "./history.js";
import type { FromFollower, FromLeader } from "./messages.js";

/** How long tabs have to say what they want before the first connection is opened without them. */
export const GATHER_MS = 500;
/** Several tabs that each need an older place in the log get it with one new connection. */
const REDIAL_MS = 100;

/** `behind`: where a tab is that has not all that was broadcast; null: it is where this tab is, or new. */
interface Follower {
  wants: Wants;
  behind: LogPosition | null;
}

export interface LeaderPorts {
  readonly url: string;
  readonly tab: string;
  readonly owner: LinkOwner;
  post(message: FromLeader): void;
}

export class Leader {
  readonly #ports: LeaderPorts;
  readonly #term: string;
  readonly #history = new History();
  readonly #followers = new Map<string, Follower>();
  readonly #waiting = new Set<string>();
  readonly #link: HubLink;
  #awaited: Set<string>;
  #state: LinkState = nextLink(IDLE, { kind: "dial" }, Date.now());
  #opened = false;
  #resigned = false;
  #n = 0;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #redialing: ReturnType<typeof setTimeout> | undefined;

  /** `others`: tabs that were there before; they are waited for, so that their place in the log is known. */
  constructor(ports: LeaderPorts, term: string, others: readonly string[]) {
    this.#ports = ports;
    this.#term = term;
    this.#awaited = new Set(others);
    const { owner } = ports;
    this.#link = new HubLink(ports.url, ports.tab, {
      token: (ask) => owner.token(ask),
      wants: () => this.#wants(),
      position: () => lowest([owner.position(), ...[...this.#followers.values()].map(({ behind }) => behind)]),
      onState: (state) => this.#onState(state),
      onEvent: (name, payload) => this.#onEvent(name, payload),
      onAnswer: (room, ack) => this.#onAnswer(room, ack),
    });
  }

  get link(): HubLink {
    return this.#link;
  }

  lead(): void {
    this.#ports.post({ t: "lead", term: this.#term });
    if (this.#awaited.size === 0) this.#open();
    else this.#gathering = setTimeout(() => this.#open(), GATHER_MS);
  }

  resign(): void {
    clearTimeout(this.#gathering);
    clearTimeout(this.#redialing);
    this.#opened = this.#resigned = true;
    this.#link.close();
  }

  /** Forgets tabs that are gone without a word. */
  keep(present: ReadonlySet<string>): void {
    for (const tab of [...this.#followers.keys()]) if (!present.has(tab)) this.#forget(tab);
  }

  take(message: FromFollower): void {
    switch (message.t) {
      case "want":
        return this.#onWant(message.tab, message.wants, message.position);
      case "rooms":
        return this.#onRooms(message.tab, message.wants);
      case "join":
        return this.#onJoin(message.tab, message.room);
      case "call":
        return this.#onCall(message);
      case "retry":
        return this.#link.retryNow();
      case "bye":
        return this.#forget(message.tab);
    }
  }

  /** Leaves a room that no tab wants any more. */
  leave(room: string): void {
    if (this.#wants().rooms.includes(room)) return;
    this.#history.left(room);
    this.#link.leave(room);
  }

  #wants(): Wants {
    return union([this.#ports.owner.wants(), ...[...this.#followers.values()].map(({ wants }) => wants)]);
  }

  #open(): void {
    if (this.#opened) return;
    clearTimeout(this.#gathering);
    this.#opened = true;
    this.#link.open();
  }

  #onWant(tab: string, wants: Wants, position: LogPosition | null): void {
    const follower: Follower = { wants, behind: position };
    this.#followers.set(tab, follower);
    if (!this.#opened) {
      this.#welcome(tab, null, []);
      this.#awaited.delete(tab);
      if (this.#awaited.size === 0) this.#open();
      return;
    }
    const known = this.#history.position;
    const replay =
      position === null || (known !== null && known.epoch !== position.epoch)
        ? []
        : this.#history.after(position, wants.rooms);
    if (replay === null || (wants.ofRole && !this.#link.ofRole)) {
      this.#waiting.add(tab);
      this.#redialing ??= setTimeout(() => this.#redial(), REDIAL_MS);
      return;
    }
    follower.behind = null;
    this.#welcome(tab, known, replay);
    this.#joinMissing(wants);
  }

  #onRooms(tab: string, wants: Wants): void {
    const follower = this.#followers.get(tab);
    if (follower === undefined) return;
    const before = follower.wants.rooms;
    follower.wants = wants;
    for (const room of before) this.leave(room);
  }

  #onCall(message: FromFollower & { t: "call" }): void {
    const { tab, call } = message;
    switch (message.kind) {
      case "focus":
        return void this.#pass(tab, call, () => this.#link.focus(message.deviceId, message.on));
      case "history":
        return void this.#pass(tab, call, () => this.#link.history(message.query));
      case "ping":
        return void this.#pass(tab, call, async () => {
          await this.#link.ping();
          return null;
        });
    }
  }

  #onJoin(tab: string, room: string): void {
    const follower = this.#followers.get(tab);
    if (follower === undefined) return;
    if (!follower.wants.rooms.includes(room)) follower.wants = { ...follower.wants, rooms: [...follower.wants.rooms, room] };
    this.#link.join(room);
  }

  /** Asks the hub for another tab, and hands on what it answers, or that it does not. */
  async #pass(tab: string, call: number, ask: () => Promise<unknown>): Promise<void> {
    const { ok, value } = await ask().then(
      (value) => ({ ok: true, value }),
      () => ({ ok: false, value: null }),
    );
    this.#ports.post({ t: "answer", tab, call, ok, value });
  }

  #joinMissing(wants: Wants): void {
    const own = new Set(this.#ports.owner.wants().rooms);
    for (const room of wants.rooms) if (!own.has(room)) this.#link.join(room);
  }

  #forget(tab: string): void {
    const gone = this.#followers.get(tab);
    this.#followers.delete(tab);
    this.#waiting.delete(tab);
    for (const room of gone?.wants.rooms ?? []) this.leave(room);
  }

  /** Tabs that need more of the log than is here are welcomed first: all that the new connection brings is theirs. */
  #redial(): void {
    this.#redialing = undefined;
    for (const tab of this.#waiting) this.#welcome(tab, null, []);
    this.#waiting.clear();
    // An attempt that is only planned asks for what they need by itself.
    if (this.#state.retryAtMs === null && this.#state.phase !== "refused") this.#link.redial();
  }

  #welcome(tab: string, position: LogPosition | null, replay: readonly { name: string; payload: unknown }[]): void {
    const { transport, socketId } = this.#link;
    const link = { transport, socketId };
    this.#ports.post({ t: "welcome", tab, term: this.#term, n: this.#n, state: this.#state, link, position, replay });
  }

  #onState(state: LinkState): void {
    // The next leader says what becomes of the connection.
    if (this.#resigned) return;
    this.#state = state;
    if (state.phase === "live") {
      // What this connection asked for is on its way to everybody who waited for it.
      this.#history.begin(this.#link.since, this.#wants().rooms);
      for (const follower of this.#followers.values()) follower.behind = null;
    }
    const { transport, socketId } = this.#link;
    const term = this.#term;
    this.#tell((n) => ({ t: "state", term, n, state, link: { transport, socketId } }));
    this.#ports.owner.onState(state);
  }

  #onEvent(name: string, payload: unknown): void {
    if (!isPlace(name)) this.#history.take({ name, payload });
    else if (misfit(name, payload) === null) {
      const { epoch, seq } = payload as LogPosition;
      this.#history.reach({ epoch, seq });
    }
    // The others first: should this tab end here, one of them asks again for what it has not.
    const term = this.#term;
    this.#tell((n) => ({ t: "event", term, n, name, payload }));
    this.#ports.owner.onEvent(name, payload);
  }

  #onAnswer(room: string, ack: SubscribeAck): void {
    if (ack.ok && ack.head !== undefined) this.#history.joined(room, ack.head);
    const term = this.#term;
    this.#tell((n) => ({ t: "joined", term, n, room, ack }));
    this.#ports.owner.onAnswer(room, ack);
  }

  /** Tells the others, if there are any: a copy of each message is made even where nobody listens. */
  #tell(numbered: (n: number) => FromLeader): void {
    if (this.#followers.size > 0) this.#ports.post(numbered(this.#n));
    this.#n += 1;
  }
}
