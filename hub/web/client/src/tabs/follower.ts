// A tab that uses another tab's connection: says what it wants, and takes what it is given, in order and whole.

import type { FocusAck, LogPosition } from "../events.js";
import type { AnyHistory } from "../history.js";
import { HISTORY_ANSWER_MS } from "../hubLink.js";
import type { LinkState } from "../link.js";
import type { HistoryQuery, LinkOwner } from "../wants.js";
import type { FromFollower, FromLeader, LinkFacts, Question } from "./messages.js";

/** The hub says something each 5 s. After so much silence the leader is asked, and after as much again replaced. */
export const SILENT_MS = 15_000;
const LOOK_MS = 2_500;
/** How long the leader and its hub have for a call. */
const ANSWER_MS = 8_000;
/** The leader's own patience comes first. */
const HISTORY_MS = HISTORY_ANSWER_MS + 3_000;

const NO_LINK: LinkFacts = { transport: null, socketId: undefined };

export interface FollowerPorts {
  readonly tab: string;
  readonly owner: LinkOwner;
  post(message: FromFollower): void;
  /** Takes the leader's place in the log as this tab's, for a tab that has none or one of another epoch. */
  place(position: LogPosition): void;
  /** Nobody leads although somebody holds the lock. */
  onSilent(): void;
}

interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class Follower {
  readonly #ports: FollowerPorts;
  readonly #calls = new Map<number, Call>();
  #link: LinkFacts = NO_LINK;
  #term: string | null = null;
  #next = 0;
  #heardAtMs = Date.now();
  #asked = false;
  #count = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
  }

  get link(): LinkFacts {
    return this.#link;
  }

  follow(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#want();
  }

  end(): void {
    clearInterval(this.#timer);
    for (const { reject, timer } of this.#calls.values()) {
      clearTimeout(timer);
      reject(new Error("the tab that held the connection is gone"));
    }
    this.#calls.clear();
  }

  take(message: FromLeader): void {
    if (message.t === "lead") return this.#want();
    if (message.t === "welcome") {
      if (message.tab === this.#ports.tab) this.#onWelcome(message);
      return;
    }
    if (message.t === "answer") {
      if (message.tab === this.#ports.tab) this.#onAnswer(message.call, message.ok, message.value);
      return;
    }
    // Of a leader that has not welcomed this tab (any more), or has been replaced.
    if (message.term !== this.#term) return;
    this.#heard();
    if (message.n !== this.#next) return this.#want();
    this.#next += 1;
    if (message.t === "event") this.#ports.owner.onEvent(message.name, message.payload);
    else if (message.t === "joined") this.#ports.owner.onAnswer(message.room, message.ack);
    else this.#show(message.state, message.link);
  }

  /** Tells the leader which rooms are wanted now. */
  tellRooms(): void {
    this.#ports.post({ t: "rooms", tab: this.#ports.tab, wants: this.#ports.owner.wants() });
  }

  /** Without a leader now nobody is asked: the next one is told of the room with all others. */
  join(room: string): void {
    this.#ports.post({ t: "join", tab: this.#ports.tab, room });
  }

  async ping(): Promise<void> {
    await this.#call({ kind: "ping" });
  }

  async focus(deviceId: number, on: boolean): Promise<FocusAck> {
    return (await this.#call({ kind: "focus", deviceId, on })) as FocusAck;
  }

  async history(query: HistoryQuery): Promise<AnyHistory> {
    return (await this.#call({ kind: "history", query }, HISTORY_MS)) as AnyHistory;
  }

  retryNow(): void {
    this.#ports.post({ t: "retry", tab: this.#ports.tab });
  }

  bye(): void {
    this.#ports.post({ t: "bye", tab: this.#ports.tab });
  }

  #want(): void {
    const { tab, owner } = this.#ports;
    this.#term = null;
    this.#ports.post({ t: "want", tab, wants: owner.wants(), position: owner.position() });
  }

  #onWelcome(message: FromLeader & { t: "welcome" }): void {
    // One `want` has one answer; a second one would bring its replay again.
    if (this.#term !== null) return;
    this.#heard();
    this.#term = message.term;
    this.#next = message.n;
    const own = this.#ports.owner.position();
    if (message.position !== null && own?.epoch !== message.position.epoch) this.#ports.place(message.position);
    for (const { name, payload } of message.replay) this.#ports.owner.onEvent(name, payload);
    this.#show(message.state, message.link);
  }

  #onAnswer(number: number, ok: boolean, value: unknown): void {
    const call = this.#calls.get(number);
    if (call === undefined) return;
    this.#calls.delete(number);
    clearTimeout(call.timer);
    if (ok) call.resolve(value);
    else call.reject(new Error("the hub did not answer"));
  }

  #call(question: Question, withinMs = ANSWER_MS): Promise<unknown> {
    const { tab } = this.#ports;
    this.#count += 1;
    const call = this.#count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(call);
        reject(new Error("the tab that holds the connection did not answer"));
      }, withinMs);
      this.#calls.set(call, { resolve, reject, timer });
      this.#ports.post({ t: "call", tab, call, ...question });
    });
  }

  #show(state: LinkState, link: LinkFacts): void {
    this.#link = link;
    this.#ports.owner.onState(state);
  }

  #heard(): void {
    this.#heardAtMs = Date.now();
    this.#asked = false;
  }

  #look(): void {
    const silentMs = Date.now() - this.#heardAtMs;
    if (silentMs >= 2 * SILENT_MS && this.#asked) {
      this.#heard();
      this.#ports.onSilent();
      return;
    }
    if (silentMs < SILENT_MS && this.#term !== null) return;
    this.#asked ||= silentMs >= SILENT_MS;
    this.#want();
  }
}
