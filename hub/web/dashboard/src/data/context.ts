// Hands the session's live data to the components.

import type { DeviceStatus } from "@noctule/client";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";

import type { Row } from "../model/device";
import type { Live } from "./live";
import type { Observable } from "./observable";
import type { Session } from "./session";

export interface Page {
  readonly live: Live;
  readonly session: Session;
}

export const PageContext = createContext<Page | null>(null);

/** Returns the signed-in page's data. Throws outside of it. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error("no page: this component belongs inside the signed-in page");
  return page;
}

export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.listen, observable.get, observable.get);
}

/** Returns what `read` makes of a value; renders again only when that is another. */
export function usePart<T, P extends string | number | boolean | undefined>(observable: Observable<T>, read: (value: T) => P): P {
  const part = (): P => read(observable.get());
  return useSyncExternalStore(observable.listen, part, part);
}

/** Returns a number that is another one when devices come, go, move or are renamed, whatever their states do. */
export function useMembers(): number {
  return usePart(usePage().live.fleet.revision, ({ members }) => members);
}

/** Returns the number of who looks, null when that is no user of this hub. */
export function useUserId(): number | null {
  const state = useObservable(usePage().session.state);
  return state.phase === "signed-in" ? state.me.userId : null;
}

/** Returns a device's state and renders again when that changes, whatever else of the device does. */
export function useStatus(id: number): DeviceStatus | undefined {
  const { fleet } = usePage().live;
  const listen = useCallback((listener: () => void) => fleet.watch(id, listener), [fleet, id]);
  return useSyncExternalStore(listen, () => fleet.get(id)?.device.status);
}

/** Returns a device's row and renders again when it changes; undefined when there is no such device. */
export function useRow(id: number): Row | undefined {
  const { fleet } = usePage().live;
  const listen = useCallback((listener: () => void) => fleet.watch(id, listener), [fleet, id]);
  return useSyncExternalStore(listen, () => fleet.get(id));
}
