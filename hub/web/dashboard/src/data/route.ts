// Where in the page one is: the address says it all, so that every view can be sent to a colleague.

import { useSyncExternalStore } from "react";

import { Observable } from "./observable";

export type Place = { readonly page: "devices"; readonly deviceId: number | null } | { readonly page: "alerts" };

export interface Route {
  readonly place: Place;
  readonly query: URLSearchParams;
}

export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  if (/^\/alerts\/?$/u.test(path)) return { place: { page: "alerts" }, query };
  const id = /^\/devices\/(\d{1,15})\/?$/u.exec(path)?.[1];
  return { place: { page: "devices", deviceId: id === undefined ? null : Number(id) }, query };
}

export function hrefOf(place: Place, query: URLSearchParams): string {
  const path = place.page === "alerts" ? "/alerts" : place.deviceId === null ? "/" : `/devices/${place.deviceId}`;
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

const here = (): Route => parseRoute(location.pathname, location.search);
const route = new Observable<Route>(here());
window.addEventListener("popstate", () => route.set(here()));

export function go(place: Place, options: { replace?: boolean } = {}): void {
  const href = hrefOf(place, route.get().query);
  if (options.replace === true) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  route.set(here());
}

/** Changes one part of the address's query in place; an empty value takes it out. */
export function setQuery(key: string, value: string): void {
  const { place, query } = route.get();
  const next = new URLSearchParams(query);
  if (value === "") next.delete(key);
  else next.set(key, value);
  history.replaceState(null, "", hrefOf(place, next));
  route.set(here());
}

export function useRoute(): Route {
  return useSyncExternalStore(route.listen, route.get, route.get);
}
