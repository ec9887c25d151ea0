// In which order devices are listed. Pure; when to put them in order is left to the list, so that nothing jumps.

import { STATUS_ORDER, type Row } from "./device";
import { naturalKey } from "./natural";

export type Column = "state" | "name" | "address" | "site" | "latency" | "loss" | "in" | "out" | "since";

export interface Sort {
  readonly by: Column;
  readonly descending: boolean;
}

export const DEFAULT_SORT: Sort = { by: "state", descending: false };

const RANK = new Map(STATUS_ORDER.map((status, rank) => [status, rank]));

const KEYS: Record<Column, (row: Row) => number | string | null> = {
  state: ({ device }) => RANK.get(device.status) ?? null,
  name: ({ device }) => device.name,
  address: ({ device }) => device.address,
  site: ({ device }) => device.siteName,
  latency: ({ device }) => device.latency?.rttS ?? null,
  loss: ({ device }) => device.latency?.lossRatio ?? null,
  in: ({ device }) => device.bandwidth?.inBps ?? null,
  out: ({ device }) => device.bandwidth?.outBps ?? null,
  since: ({ device }) => (device.statusSince === null ? null : Date.parse(device.statusSince)),
};

/** Columns that are most useful with the greatest first. */
const GREATEST_FIRST: ReadonlySet<Column> = new Set(["latency", "loss", "in", "out", "since"]);

/** A row with what it is compared by, computed once: thousands of rows are compared hundreds of thousands of times. */
interface Keyed {
  readonly id: number;
  readonly value: number | string | null;
  readonly site: string;
  readonly name: string;
}

function keyed(row: Row, sort: Sort): Keyed {
  const value = KEYS[sort.by](row);
  const { id, siteName, name } = row.device;
  return { id, value: typeof value === "string" ? naturalKey(value) : value, site: naturalKey(siteName), name: naturalKey(name) };
}

function comparison(sort: Sort, bySite: boolean): (a: Keyed, b: Keyed) => number {
  const sign = sort.descending ? -1 : 1;
  return (a, b) =>
    (bySite ? compareText(a.site, b.site) : 0) || compare(a.value, b.value, sign) || compareText(a.site, b.site) || compareText(a.name, b.name) || a.id - b.id;
}

/** Returns the ids in order. Unknown values come last in either direction; equals go by site and name. */
export function orderIds(rows: readonly Row[], sort: Sort, bySite: boolean): number[] {
  return rows
    .map((row) => keyed(row, sort))
    .sort(comparison(sort, bySite))
    .map(({ id }) => id);
}

/** Returns whether rows stand as `orderIds` would put them; far cheaper than that. */
export function isOrdered(rows: Iterable<Row>, sort: Sort, bySite: boolean): boolean {
  const inOrder = comparison(sort, bySite);
  let before: Keyed | null = null;
  for (const row of rows) {
    const next = keyed(row, sort);
    if (before !== null && inOrder(before, next) > 0) return false;
    before = next;
  }
  return true;
}

/** Returns the sort after a click on a column's head. */
export function nextSort(sort: Sort, column: Column): Sort {
  if (sort.by === column) return { by: column, descending: !sort.descending };
  return { by: column, descending: GREATEST_FIRST.has(column) };
}

/** Reads a sort from an address, e.g. `-latency`. */
export function parseSort(text: string | null): Sort {
  if (text === null) return DEFAULT_SORT;
  const by = text.replace(/^-/u, "");
  return Object.hasOwn(KEYS, by) ? { by: by as Column, descending: text.startsWith("-") } : DEFAULT_SORT;
}

export function sortText(sort: Sort): string {
  return `${sort.descending ? "-" : ""}${sort.by}`;
}

function compare(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * compareText(String(a), String(b));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
