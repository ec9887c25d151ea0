// Places of the page and their addresses. Pure.

/** All pages, by the first word of their address. What each is stands in `pages/registry`. */
export const PAGES = [
  "overview",
  "devices",
  "interfaces",
  "topology",
  "alerts",
  "incidents",
  "rules",
  "silences",
  "maintenance",
  "channels",
  "policies",
  "logs",
  "agents",
  "clients",
  "customers",
  "users",
  "tokens",
  "audit",
  "settings",
  "statuspage",
  "services",
  "missing",
] as const;

export type PageName = (typeof PAGES)[number];

/** A page, the number of what it shows, and a part of that: `/customers/7/payments`. */
export interface Place {
  readonly page: PageName;
  readonly id: number | null;
  readonly part: string | null;
}

export interface Route {
  readonly place: Place;
  readonly query: URLSearchParams;
}

export const at = (page: PageName, id: number | null = null, part: string | null = null): Place => ({ page, id, part });

const ADDRESS = /^\/(?:([a-z]+)(?:\/(\d{1,15}))?(?:\/([a-z][a-z-]{0,30}))?\/?)?$/u;
const KNOWN: ReadonlySet<string> = new Set(PAGES);

export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  const match = ADDRESS.exec(path);
  if (match === null) return { place: at("missing"), query };
  const [, word = "overview", id, part = null] = match;
  if (!KNOWN.has(word)) return { place: at("missing"), query };
  return { place: at(word as PageName, id === undefined ? null : Number(id), part), query };
}

export function pathOf({ page, id, part }: Place): string {
  if (page === "overview") return "/";
  return ["", page, ...(id === null ? [] : [id]), ...(part === null ? [] : [part])].join("/");
}

/** Returns the address of a place; the query stays while the page does. */
export function hrefOf(place: Place, from: Route): string {
  const text = place.page === from.place.page ? from.query.toString() : "";
  return text === "" ? pathOf(place) : `${pathOf(place)}?${text}`;
}
