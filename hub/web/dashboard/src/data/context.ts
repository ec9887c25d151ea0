// Hands the session's live data to the components.

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

/** Returns a device's row and renders again when it changes; undefined when there is no such device. */
export function useRow(id: number): Row | undefined {
  const { fleet } = usePage().live;
  const listen = useCallback((listener: () => void) => fleet.watch(id, listener), [fleet, id]);
  return useSyncExternalStore(listen, () => fleet.get(id));
}
