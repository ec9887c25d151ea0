// Joins and leaves rooms as they are held: one that nobody holds any more is left after its grace.

import { GRACE_MS, RoomHolds } from "./rooms.js";

export class RoomKeeper {
  readonly #holds = new RoomHolds();
  readonly #graces = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #leave: (room: string) => void;

  constructor(leave: (room: string) => void) {
    this.#leave = leave;
  }

  /** The rooms subscribed now, those in their grace too. */
  get rooms(): string[] {
    return this.#holds.rooms;
  }

  /** Returns whether the room must be subscribed. Throws RangeError when the hub's limit is reached. */
  hold(room: string): boolean {
    const { join, evicted } = this.#holds.hold(room);
    this.#forget(room);
    if (evicted !== null) {
      this.#forget(evicted);
      this.#leave(evicted);
    }
    return join;
  }

  release(room: string): void {
    if (!this.#holds.release(room)) return;
    this.#graces.set(
      room,
      setTimeout(() => this.#end(room), GRACE_MS),
    );
  }

  /** Ends every grace now. */
  settle(): void {
    for (const room of [...this.#graces.keys()]) this.#end(room);
  }

  #end(room: string): void {
    this.#forget(room);
    if (this.#holds.drop(room)) this.#leave(room);
  }

  #forget(room: string): void {
    clearTimeout(this.#graces.get(room));
    this.#graces.delete(room);
  }
}
