// Where a client stands in the hub's event log. Pure.

import type { LogPosition } from "./events.js";

/**
 * Follows the log through what the hub says of it. Events carry their `seq` but not the epoch, so a cursor exists
 * only once the hub (or a snapshot read over HTTP) has named a position; until then nothing can be asked for again.
 */
export class Cursor {
  #position: LogPosition | null = null;
  #sure: LogPosition | null = null;
  #counted = 0;

  /** The position to ask `since`, null while the epoch is not known. */
  get position(): LogPosition | null {
    return this.#position;
  }

  /** Takes the position that goes with a snapshot: from here on, and nowhere else. */
  seed(position: LogPosition): void {
    this.#position = { epoch: position.epoch, seq: position.seq };
  }

  /** Takes a position that the hub states: another epoch replaces, the same epoch only moves forward. */
  reach(position: LogPosition): void {
    const now = this.#position;
    if (now === null || now.epoch !== position.epoch || position.seq > now.seq) this.seed(position);
  }

  /** Begins to count on a new connection that asks for what follows `from`; up to there it is complete. */
  begin(from: LogPosition | null): void {
    this.#position = this.#sure = from;
    this.#counted = 0;
  }

  /**
   * Compares the hub's count of the logged events on this connection with those that arrived, and takes its position
   * when they agree. Returns false when they do not: the cursor is then back where both last agreed, so that a new
   * connection brings again what was missed. Events may then come twice, but none is lost.
   */
  agree(position: LogPosition, delivered: number): boolean {
    if (delivered === this.#counted) {
      this.reach(position);
      this.#sure = this.#position;
      return true;
    }
    this.#position = this.#sure;
    return false;
  }

  /** Takes the `seq` of an event that has arrived. */
  pass(seq: number | undefined): void {
    if (seq !== undefined) this.#counted += 1;
    if (seq !== undefined && this.#position !== null && seq > this.#position.seq) {
      this.#position = { epoch: this.#position.epoch, seq };
    }
  }
}
