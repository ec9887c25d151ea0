// The time now, told about once a second to whoever shows an age: together with what is shown anyway, else by a timer, of
// which the whole page has one, and none when nobody looks.

import { useSyncExternalStore } from "react";

import { startOfDay } from "../model/format";
import { Observable } from "./observable";

/** Whether times are shown in UTC for now, as colleagues elsewhere have them. */
export const inUtc = new Observable(false);

let nowMs = Date.now();
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

const EVERY_MS = 1_000;
/** The hub speaks each second, give or take this: ages wait so long for what it says. */
const LEEWAY_MS = 100;
/** They go on with what it says from this age on, and then in step with it. */
const ALONG_MS = 500;

/** Calls `listener` about each second. */
export function listenToClock(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setTimeout(tick, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  nowMs = Date.now();
  clearTimeout(timer);
  timer = setTimeout(tick, EVERY_MS + LEEWAY_MS);
  for (const each of [...listeners]) each();
}

/** Tells the time along with what is about to be shown each second: both are laid out and painted at once. */
export function tickAlong(): void {
  if (timer !== undefined && Math.abs(Date.now() - nowMs) >= ALONG_MS) tick();
}

/** Returns the time in epoch milliseconds, at most a second old. */
export function currentMs(): number {
  // Without a timer the time may stand still for as long as one tick, so that two reads in a row agree.
  if (timer === undefined && Date.now() - nowMs > 1000) nowMs = Date.now();
  return nowMs;
}

/** Returns the time in epoch milliseconds, at most a second old; renders again each second. */
export function useNow(): number {
  return useSyncExternalStore(listenToClock, currentMs, currentMs);
}

/** Returns when the reader's day began, in epoch milliseconds: enough for times of day, and no reason to render each second. */
export function useToday(): number {
  return useClock(startOfDay);
}

/** Returns what `read` makes of the time; renders again only when that is another, not each second. */
export function useClock<T extends string | number | boolean>(read: (nowMs: number) => T): T {
  const snapshot = (): T => read(currentMs());
  return useSyncExternalStore(listenToClock, snapshot, snapshot);
}
