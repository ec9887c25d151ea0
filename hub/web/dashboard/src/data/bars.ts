// The last hours of the devices that are looked at: asked for together, kept while one scrolls, read again each minute.

import { useCallback, useSyncExternalStore } from "react";

import type { StatusBar } from "../model/statusStrip";
import { usePage } from "./context";
import type { Live } from "./live";

const EVERY_MS = 60_000;
const RETRY_MS = 10_000;
/** Rows that scroll past are asked for together, once they stand still. */
const SETTLE_MS = 150;
/** A change of state is soon seen in the bar's last step. */
const CHANGED_MS = 2_000;
const BATCH = 200;
const KEPT_MAX = 2_000;

interface Answer {
  items: (StatusBar & { deviceId: number })[];
}

class Bars {
  readonly #live: Live;
  readonly #kept = new Map<number, { readonly bar: StatusBar; readonly atMs: number }>();
  readonly #watchers = new Map<number, Set<() => void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = Infinity;
  #asking = false;

  constructor(live: Live) {
    this.#live = live;
    live.client.on("device:status", ({ deviceId }) => {
      const known = deviceId === undefined ? undefined : this.#kept.get(deviceId);
      if (deviceId === undefined || known === undefined) return;
      this.#kept.set(deviceId, { ...known, atMs: 0 });
      if (this.#watchers.has(deviceId)) this.#askIn(CHANGED_MS);
    });
  }

  get(id: number): StatusBar | undefined {
    return this.#kept.get(id)?.bar;
  }

  watch(id: number, listener: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(listener));
    this.#askIn(this.#isDue(id) ? SETTLE_MS : EVERY_MS);
    return () => {
      watchers.delete(listener);
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
    };
  }

  #isDue(id: number): boolean {
    const known = this.#kept.get(id);
    return known === undefined || Date.now() - known.atMs >= EVERY_MS;
  }

  #askIn(delayMs: number): void {
    const dueMs = Date.now() + delayMs;
    if (this.#timer !== undefined && dueMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, delayMs);
  }

  async #ask(): Promise<void> {
    if (this.#watchers.size === 0) return;
    if (this.#asking) {
      this.#askIn(SETTLE_MS);
      return;
    }
    const due = [...this.#watchers.keys()].filter((id) => this.#isDue(id)).slice(0, BATCH);
    this.#asking = true;
    let delayMs = EVERY_MS;
    try {
      if (due.length > 0) this.#take(due, await this.#live.get<Answer>(`/statuses/bars?ids=${due.join(",")}`));
    } catch {
      // What was told before stays; the link's own bar says that the hub does not answer.
      delayMs = RETRY_MS;
    }
    this.#asking = false;
    const more = delayMs !== RETRY_MS && [...this.#watchers.keys()].some((id) => this.#isDue(id));
    this.#askIn(more ? SETTLE_MS : delayMs);
  }

  #take(asked: readonly number[], { items }: Answer): void {
    // What is read again is nothing that somebody waits for.
    const show = asked.every((id) => this.#kept.has(id)) ? this.#live.along : (act: () => void) => act();
    const told = new Map(items.map(({ deviceId, bar, ratio }) => [deviceId, { bar, ratio }]));
    for (const id of asked) {
      // A device of which nothing is told is not asked for again and again.
      this.#kept.delete(id);
      this.#kept.set(id, { bar: told.get(id) ?? { bar: "", ratio: null }, atMs: Date.now() });
    }
    show(() => {
      for (const id of asked) for (const watcher of this.#watchers.get(id) ?? []) watcher();
    });
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break;
      this.#kept.delete(id);
    }
  }
}

const bars = new WeakMap<Live, Bars>();

function barsOf(live: Live): Bars {
  let found = bars.get(live);
  if (found === undefined) bars.set(live, (found = new Bars(live)));
  return found;
}

/** Returns a device's last 24 hours, undefined until they are known; asks for them while they are shown. */
export function useStatusBar(id: number): StatusBar | undefined {
  const all = barsOf(usePage().live);
  const listen = useCallback((listener: () => void) => all.watch(id, listener), [all, id]);
  return useSyncExternalStore(listen, () => all.get(id));
}
