// Where in the page one is: the address says it all, so that every view can be sent to a colleague.

import { useSyncExternalStore, type MouseEvent } from "react";

import { hrefOf, parseRoute, pathOf, type Place, type Route } from "../model/place";
import { listenToMoves, push, replace } from "./entries";
import { Observable } from "./observable";
import { leave } from "./unsaved";

export { at, hrefOf, pathOf, type PageName, type Place, type Route } from "../model/place";

const here = (): Route => parseRoute(location.pathname, location.search);
const route = new Observable<Route>(here());
listenToMoves(() => route.set(here()));

/** Goes to a place; `query` replaces what the address asked for, otherwise that stays while the page does.
 * What is typed and not saved at the place that is left is asked for first, but for `replace`, which follows a deed. */
export function go(place: Place, options: { replace?: boolean; query?: Readonly<Record<string, string>> } = {}): void {
  const from = route.get();
  const asked = options.query;
  const href =
    asked === undefined ? hrefOf(place, from) : hrefOf(place, { place, query: new URLSearchParams(asked) });
  if (options.replace === true) replace(href);
  else if (pathOf(place) === pathOf(from.place)) push(href);
  else leave(() => push(href), "all");
}

/** Changes parts of the address's query in place; an empty value takes one out. */
export function setQuery(changes: Readonly<Record<string, string>>): void {
  const { place, query } = route.get();
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === "") next.delete(key);
    else next.set(key, value);
  }
  replace(hrefOf(place, { place, query: next }));
}

export function useRoute(): Route {
  return useSyncExternalStore(route.listen, route.get, route.get);
}

/** Returns what a link to a place needs: an address for other tabs, and a click that stays in this page. */
export function useLinkTo(place: Place): { href: string; onClick: (event: MouseEvent) => void } {
  // Most links lead elsewhere: what the page's own address asks for is nothing to them.
  const href = useSyncExternalStore(route.listen, () => hrefOf(place, route.get()));
  return { href, onClick: (event) => follow(event, place) };
}

/** Goes to a place in this page, unless the click asks for another tab or a file. */
export function follow(event: MouseEvent, place: Place): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(place);
}
