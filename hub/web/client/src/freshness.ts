// How old what a page shows is: the age of the newest message, and what may be said of it.

import type { LinkPhase } from "./link.js";
import { Observable } from "./observable.js";

/** Below the hub's own pace (totals each 5 s) nothing is wrong; in milliseconds. */
export const STALE_AFTER_MS = 10_000;
export const OFFLINE_AFTER_MS = 30_000;
/** How often an age is told anew to who listens. */
const TICK_MS = 500;

export interface FreshnessLimits {
  staleAfterMs?: number;
  offlineAfterMs?: number;
}

/** `ageMs` null: nothing has come yet. */
export interface Age {
  readonly state: "live" | "stale" | "offline";
  readonly ageMs: number | null;
}

/** Returns what can be said of data that last came at `heardAtMs`. Without a link it is never live. Pure. */
export function ageOf(heardAtMs: number | null, phase: LinkPhase, nowMs: number, limits: FreshnessLimits = {}): Age {
  if (heardAtMs === null) return { state: "offline", ageMs: null };
  const ageMs = Math.max(0, nowMs - heardAtMs);
  if (ageMs >= (limits.offlineAfterMs ?? OFFLINE_AFTER_MS)) return { state: "offline", ageMs };
  const stale = phase !== "live" || ageMs >= (limits.staleAfterMs ?? STALE_AFTER_MS);
  return { state: stale ? "stale" : "live", ageMs };
}

/** An age to listen to. A timer runs only while somebody does. */
export class Freshness {
  readonly #age = new Observable<Age>({ state: "offline", ageMs: null });
  readonly #limits: FreshnessLimits;
  #heardAtMs: number | null = null;
  #phase: LinkPhase = "idle";
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limits: FreshnessLimits = {}) {
    this.#limits = limits;
  }

  /** The age as it was last told; the same object until it is told anew. */
  readonly get = (): Age => {
    if (this.#timer === undefined) this.#tell();
    return this.#age.get();
  };

  readonly listen = (listener: () => void): (() => void) => {
    const stop = this.#age.listen(listener);
    this.#timer ??= setInterval(() => this.#tell(), TICK_MS);
    return () => {
      stop();
      if (this.#age.listeners > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  };

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  linked(phase: LinkPhase): void {
    this.#phase = phase;
    this.#tell();
  }

  #tell(): void {
    const next = ageOf(this.#heardAtMs, this.#phase, Date.now(), this.#limits);
    const { state, ageMs } = this.#age.get();
    // In tenths of a second, as it is shown: what looks the same is told once.
    const tenths = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 100));
    if (next.state !== state || tenths(next.ageMs) !== tenths(ageMs)) this.#age.set(next);
  }
}
