// The time now, told once a second to whoever shows an age. One timer for the whole page, none when nobody looks.

import { useSyncExternalStore } from "react";

let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of [...listeners]) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function current(): number {
  // Without a timer the time may stand still for as long as one tick, so that two reads in a row agree.
  if (timer === undefined && Date.now() - nowMs > 1000) nowMs = Date.now();
  return nowMs;
}

/** Returns the time in epoch milliseconds, at most a second old; renders again each second. */
export function useNow(): number {
  return useSyncExternalStore(listen, current, current);
}
