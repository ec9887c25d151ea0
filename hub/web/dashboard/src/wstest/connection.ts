// The test page's connection: made on demand, with everything that arrives kept for show.

import { createClient, type LinkState, type NoctuleClient } from "@noctule/client";

import { Observable } from "../data/observable";

/** Older events leave the list; the counts go on. */
export const KEPT_EVENTS = 300;

export interface Arrival {
  readonly n: number;
  readonly atMs: number;
  readonly name: string;
  readonly text: string;
}

export interface Seen {
  readonly total: number;
  readonly byName: Readonly<Record<string, number>>;
  readonly last: readonly Arrival[];
}

const NOTHING: Seen = { total: 0, byName: {}, last: [] };

export class TestConnection {
  readonly seen = new Observable<Seen>(NOTHING);
  readonly link = new Observable<LinkState | null>(null);
  readonly rooms = new Observable<readonly string[]>([]);
  #client: NoctuleClient | null = null;
  readonly #releases = new Map<string, () => void>();

  get client(): NoctuleClient | null {
    return this.#client;
  }

  /** Connects anew; `token` null connects anonymously. */
  open(token: string | null): void {
    this.close();
    const client = createClient({ url: location.origin, getToken: () => token, share: false, cursor: "none" });
    this.#client = client;
    client.onStateChange((state) => this.link.set(state));
    client.onAny((name, payload) => this.note(name, payload));
    client.connect();
  }

  close(): void {
    for (const release of this.#releases.values()) release();
    this.#releases.clear();
    this.rooms.set([]);
    this.#client?.close();
    this.#client = null;
    this.link.set(null);
  }

  join(room: string): void {
    if (this.#client === null || this.#releases.has(room)) return;
    const release = this.#client.subscribe(room, (ack) => {
      this.note("ack subscribe", ack);
      if (!ack.ok) this.leave(room);
    });
    this.#releases.set(room, release);
    this.rooms.set([...this.#releases.keys()]);
  }

  leave(room: string): void {
    this.#releases.get(room)?.();
    this.#releases.delete(room);
    this.rooms.set([...this.#releases.keys()]);
  }

  note(name: string, payload: unknown): void {
    const before = this.seen.get();
    const arrival = { n: before.total + 1, atMs: Date.now(), name, text: JSON.stringify(payload) };
    this.seen.set({
      total: before.total + 1,
      byName: { ...before.byName, [name]: (before.byName[name] ?? 0) + 1 },
      last: [arrival, ...before.last].slice(0, KEPT_EVENTS),
    });
  }

  clear(): void {
    this.seen.set(NOTHING);
  }
}
