// Which rooms are wanted, counted by how many want them. Pure.

/** The hub allows as many rooms with a parameter on one connection. */
export const MAX_ROOMS = 200;

/** Counts holds on rooms; only the first hold of a room subscribes and only the last release unsubscribes. */
export class RoomHolds {
  readonly #holds = new Map<string, number>();

  /** The rooms held now, in the order in which they were first held. */
  get rooms(): string[] {
    return [...this.#holds.keys()];
  }

  has(room: string): boolean {
    return this.#holds.has(room);
  }

  /** Returns true when the room must be subscribed. Throws RangeError when the hub's limit is reached. */
  hold(room: string): boolean {
    const count = this.#holds.get(room) ?? 0;
    if (count === 0 && this.#holds.size >= MAX_ROOMS) {
      throw new RangeError(`at most ${MAX_ROOMS} rooms a connection; release one before ${room}`);
    }
    this.#holds.set(room, count + 1);
    return count === 0;
  }

  /** Returns true when the room must be unsubscribed. Releasing what is not held does nothing. */
  release(room: string): boolean {
    const count = this.#holds.get(room) ?? 0;
    if (count > 1) {
      this.#holds.set(room, count - 1);
      return false;
    }
    return this.#holds.delete(room);
  }
}
