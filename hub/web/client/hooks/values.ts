// What the hooks for events are made of: a handler that is called, and a newest value that is read.

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";

import { latestOf, type EventName, type HubEvents, type Latest, type Observable } from "../src/index.js";
import type { Keyed } from "../src/latest.js";
import { useRoom } from "./link.js";
import { useClient } from "./provider.js";

export interface HookOptions {
  /** A room with a parameter to hold while mounted, e.g. `device:7`. */
  room?: string | undefined;
}

export type EventHandler<N extends EventName> = (payload: HubEvents[N]) => void;

/** Calls the newest `handler` given for each event named `name`; undefined calls nobody. */
export function useHubEvent<N extends EventName>(
  name: N,
  handler: EventHandler<N> | undefined,
  options: HookOptions = {},
): void {
  const client = useClient();
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  const wanted = handler !== undefined;
  useEffect(
    () => (wanted ? client.on(name, (payload) => newest.current?.(payload)) : undefined),
    [client, name, wanted],
  );
  useRoom(options.room);
}

const nothing = (): void => undefined;

/** Returns one value and renders again when that one changes; `key` undefined reads nothing. */
export function useKeyed<V>(of: (latest: Latest) => Keyed<V>, key: string | number | undefined): V | undefined {
  const client = useClient();
  const keyed = key === undefined ? null : of(latestOf(client));
  const listen = useCallback(
    (changed: () => void) => (keyed === null || key === undefined ? nothing : keyed.listen(key, changed)),
    [keyed, key],
  );
  const read = (): V | undefined => (keyed === null || key === undefined ? undefined : keyed.get(key));
  return useSyncExternalStore(listen, read, () => undefined);
}

const unheard = (): (() => void) => nothing;

/** Returns a value that there is one of, and renders again when it changes; `wanted` false reads nothing. */
export function useLatest<T>(of: (latest: Latest) => Observable<T>, empty: T, wanted: boolean): T {
  const client = useClient();
  const observable = wanted ? of(latestOf(client)) : null;
  return useSyncExternalStore(observable?.listen ?? unheard, observable?.get ?? (() => empty), () => empty);
}
