// Which rooms are wanted, counted by how many want them. Pure: when a room's grace ends is the caller's clock.

/** The hub allows as many rooms with a parameter on one connection. */
export const MAX_ROOMS = 200;
/** A room stays this long after its last user has left, so that going back and forth asks the hub nothing. */
export const GRACE_MS = 5_000;

/** `join`: the room must be subscribed. `evicted`: a room in its grace that had to make place. */
export interface Hold {
  readonly join: boolean;
  readonly evicted: string | null;
}

/** Counts holds on rooms. A room that nobody holds any more is kept until `drop`, or until its place is needed. */
export class RoomHolds {
  readonly #holds = new Map<string, number>();

  /** The rooms subscribed now, those in their grace too, in the order in which they were first held. */
  get rooms(): string[] {
    return [...this.#holds.keys()];
  }

  has(room: string): boolean {
    return this.#holds.has(room);
  }

  /** Holds a room. Throws RangeError when the hub's limit is reached. */
  hold(room: string): Hold {
    const count = this.#holds.get(room);
    let evicted: string | null = null;
    if (count === undefined && this.#holds.size >= MAX_ROOMS) {
      evicted = this.rooms.find((one) => this.#holds.get(one) === 0) ?? null;
      if (evicted === null) throw new RangeError(`at most ${MAX_ROOMS} rooms a connection; release one before ${room}`);
      this.#holds.delete(evicted);
    }
    this.#holds.set(room, (count ?? 0) + 1);
    return { join: count === undefined, evicted };
  }

  /** Returns true when nobody holds the room any more and its grace begins. Releasing what is not held does nothing. */
  release(room: string): boolean {
    const count = this.#holds.get(room) ?? 0;
    if (count > 0) this.#holds.set(room, count - 1);
    return count === 1;
  }

  /** Ends a room's grace. Returns true when it must be unsubscribed, false when somebody holds it again. */
  drop(room: string): boolean {
    return this.#holds.get(room) === 0 && this.#holds.delete(room);
  }
}
