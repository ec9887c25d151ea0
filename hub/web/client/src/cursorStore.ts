// Keeps the place in the log over reloads, for one hub and one user.

import type { LogPosition } from "./events.js";

/** As much of the Web Storage API as is needed. */
export interface CursorStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Writes at most so often; what a reload leaves behind is written before it. */
const WRITE_MS = 250;

export class CursorStore {
  readonly #storage: CursorStorage;
  readonly #key: string;
  #kept: LogPosition | null = null;
  #pending: LogPosition | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(storage: CursorStorage, hub: string, who: string) {
    this.#storage = storage;
    this.#key = `noctule:cursor:${hub}:${who}`;
  }

  /** Returns what was kept, null when there is nothing that can be used. */
  load(): LogPosition | null {
    try {
      const kept: unknown = JSON.parse(this.#storage.getItem(this.#key) ?? "null");
      const { epoch, seq } = (kept ?? {}) as { epoch?: unknown; seq?: unknown };
      return typeof epoch === "string" && /^[0-9a-f]{16}$/u.test(epoch) && Number.isSafeInteger(seq) && (seq as number) >= 0
        ? { epoch, seq: seq as number }
        : null;
    } catch {
      return null;
    }
  }

  /** What is told again is not written again: most of what a hub says is no event of the log. */
  keep(position: LogPosition): void {
    if (position.seq === this.#kept?.seq && position.epoch === this.#kept.epoch) return;
    this.#kept = position;
    this.#pending = position;
    this.#timer ??= setTimeout(() => this.flush(), WRITE_MS);
  }

  /** Writes what waits. A storage that is full or forbidden keeps nothing; the page works without. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending === null) return;
    try {
      this.#storage.setItem(this.#key, JSON.stringify(this.#pending));
    } catch {
      // Private windows and full disks refuse; a reload then begins without a place.
    }
    this.#pending = null;
  }
}

/** Returns the browser's storage of that name, null where there is none or pages may not use it. */
function browserStorage(name: "session" | "local"): CursorStorage | null {
  try {
    return (name === "session" ? globalThis.sessionStorage : globalThis.localStorage) ?? null;
  } catch {
    return null;
  }
}

/** Returns where the place is kept, null: nowhere. */
export function storageOf(wanted: "session" | "local" | "none" | CursorStorage): CursorStorage | null {
  if (typeof wanted === "object") return wanted;
  return wanted === "none" ? null : browserStorage(wanted);
}
