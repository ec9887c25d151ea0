// The logged events of late, kept by the leader for tabs that come a little behind. Pure.

import type { LogPosition } from "../events.js";
import { seqOf } from "../shape.js";
import type { Broadcast } from "./messages.js";

/** Events kept; the oldest go first. A tab that is further behind is caught up by the hub. */
export const KEPT = 2_000;

export class History {
  readonly #events = new Map<number, Broadcast>();
  readonly #joinedAt = new Map<string, number>();
  #position: LogPosition | null = null;
  #from: number | null = null;

  /** How far the hub has come on this connection, null while not known. */
  get position(): LogPosition | null {
    return this.#position;
  }

  /** A connection begins that asks for what follows `since` in these rooms; null: for what is new. */
  begin(since: LogPosition | null, rooms: readonly string[]): void {
    this.#from = since?.seq ?? null;
    if (since === null || since.epoch !== this.#position?.epoch) this.#restart(since);
    this.#joinedAt.clear();
    for (const room of rooms) this.#joinedAt.set(room, 0);
  }

  /** A room was joined on the running connection: its events are here from `head` on. */
  joined(room: string, head: number): void {
    if (!this.#joinedAt.has(room)) this.#joinedAt.set(room, head);
  }

  left(room: string): void {
    this.#joinedAt.delete(room);
  }

  /** Takes a position that the hub states. */
  reach(position: LogPosition): void {
    if (this.#position !== null && this.#position.epoch !== position.epoch) this.#restart(null);
    this.#from ??= position.seq;
    if (this.#position === null || position.seq > this.#position.seq) this.#position = position;
  }

  take(broadcast: Broadcast): void {
    const seq = seqOf(broadcast.name, broadcast.payload);
    if (seq === undefined) return;
    this.#events.set(seq, broadcast);
    if (this.#position !== null && seq > this.#position.seq) this.#position = { epoch: this.#position.epoch, seq };
    if (this.#events.size <= KEPT) return;
    for (const oldest of this.#events.keys()) {
      this.#events.delete(oldest);
      this.#from = Math.max(this.#from ?? 0, oldest);
      break;
    }
  }

  /** Returns what follows `position` in order, null when not all of it (of these rooms) is here. */
  after(position: LogPosition, rooms: readonly string[]): Broadcast[] | null {
    if (this.#position?.epoch !== position.epoch || this.#from === null || position.seq < this.#from) return null;
    if (rooms.some((room) => (this.#joinedAt.get(room) ?? Infinity) > position.seq)) return null;
    const missed = [...this.#events].filter(([seq]) => seq > position.seq);
    return missed.sort(([one], [other]) => one - other).map(([, broadcast]) => broadcast);
  }

  #restart(position: LogPosition | null): void {
    this.#events.clear();
    this.#position = position;
    this.#from = position?.seq ?? null;
  }
}
