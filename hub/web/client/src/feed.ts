// What of all that arrives is new to this page. Pure; one feed lives as long as its client, over every connection.

import { Cursor } from "./cursor.js";
import type { LogPosition } from "./events.js";

/** Events remembered by their place in the log. One that comes again later than this many others is taken twice. */
export const REMEMBERED = 5_000;

/**
 * Lets every event of the log through once, whichever connection or tab brings it. Nothing up to `floor` is new: it was
 * in the snapshot, or was seen before the page was loaded.
 */
export class Feed {
  readonly #cursor = new Cursor();
  readonly #seen = new Set<number>();
  #floor = 0;

  /** The position after the last event that was let through, null while the epoch is not known. */
  get position(): LogPosition | null {
    return this.#cursor.position;
  }

  /** Takes the position that goes with a snapshot or was kept from before: from here on, and nowhere else. */
  begin(position: LogPosition): void {
    if (this.#cursor.position?.epoch !== position.epoch) this.#seen.clear();
    this.#cursor.seed(position);
    this.#floor = position.seq;
  }

  /** Takes a position that the hub states. Another epoch is another log: its numbers mean other events. */
  reach(position: LogPosition): void {
    if (this.#cursor.position !== null && this.#cursor.position.epoch !== position.epoch) this.begin(position);
    else this.#cursor.reach(position);
  }

  /** Returns whether the event is new, and takes it as seen. What is not logged is always new. */
  admit(seq: number | undefined): boolean {
    if (seq === undefined) return true;
    if (seq <= this.#floor || this.#seen.has(seq)) return false;
    this.#seen.add(seq);
    if (this.#seen.size > REMEMBERED) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
    this.#cursor.pass(seq);
    return true;
  }
}
