// Joins and leaves rooms as they are held, and hands on what the hub answers: a room that nobody holds any more is left
// after its grace.

import type { ReplayDoneEvent, SubscribeAck } from "./events.js";
import { joinedBy, RoomAnswers } from "./roomAnswers.js";
import { GRACE_MS, RoomHolds } from "./rooms.js";

export interface RoomPorts {
  /** Asks the hub, if it can be asked now. */
  join(room: string): void;
  leave(room: string): void;
}

export class RoomKeeper {
  readonly #holds = new RoomHolds();
  readonly #graces = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #answers = new RoomAnswers();
  readonly #base: readonly string[];
  readonly #ports: RoomPorts;

  /** `base`: rooms that are never left. */
  constructor(base: readonly string[], ports: RoomPorts) {
    this.#base = base;
    this.#ports = ports;
  }

  /** The rooms to be in now, those in their grace too. */
  get rooms(): string[] {
    return [...new Set([...this.#base, ...this.#holds.rooms])];
  }

  /** Calls `onAck` once, whenever the answer is known. Throws RangeError when the hub's limit is reached. */
  hold(room: string, onAck?: (ack: SubscribeAck) => void): void {
    const { join, evicted } = this.#holds.hold(room);
    this.#forget(room);
    if (evicted !== null) {
      this.#forget(evicted);
      this.#left(evicted);
    }
    if (onAck !== undefined) this.ask(room, onAck);
    else if (join) this.#ports.join(room);
  }

  /** Has the hub answer on a room, held or not. */
  readonly ask = (room: string, onAck: (ack: SubscribeAck) => void): void => {
    this.#answers.wait(room, onAck);
    this.#ports.join(room);
  };

  /** Asks for every answer that is still waited for: what was asked before may have been lost. */
  askAgain(): void {
    for (const room of this.#answers.rooms) this.#ports.join(room);
  }

  answer(room: string, ack: SubscribeAck): void {
    this.#answers.take(room, ack);
  }

  /** Takes the end of a handshake as the answer on each room that it joined. Of the others the hub says why not. */
  joined(done: ReplayDoneEvent): void {
    for (const room of done.rooms) this.#answers.take(room, joinedBy(done, room));
    this.askAgain();
  }

  release(room: string): void {
    if (!this.#holds.release(room)) return;
    this.#graces.set(
      room,
      setTimeout(() => this.#end(room), GRACE_MS),
    );
  }

  /** Ends every wait and every grace now. */
  settle(): void {
    for (const room of this.#answers.rooms) this.#answers.end(room, "closed");
    for (const room of [...this.#graces.keys()]) this.#end(room);
  }

  #end(room: string): void {
    this.#forget(room);
    if (this.#holds.drop(room)) this.#left(room);
  }

  #left(room: string): void {
    this.#answers.end(room, "left");
    if (!this.#base.includes(room)) this.#ports.leave(room);
  }

  #forget(room: string): void {
    clearTimeout(this.#graces.get(room));
    this.#graces.delete(room);
  }
}
