// In which order devices are listed. Pure; when to put them in order is left to the list, so that nothing jumps.

import { STATUS_ORDER, type Row } from "./device";

export type Column = "state" | "name" | "address" | "site" | "latency" | "loss" | "in" | "out" | "since";

export interface Sort {
  readonly by: Column;
  readonly descending: boolean;
}

export const DEFAULT_SORT: Sort = { by: "state", descending: false };

const natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Columns whose values change by themselves: their order grows old. */
export const LIVE_COLUMNS: ReadonlySet<Column> = new Set(["state", "latency", "loss", "in", "out", "since"]);

const KEYS: Record<Column, (row: Row) => number | string | null> = {
  state: ({ device }) => STATUS_ORDER.indexOf(device.status),
  name: ({ device }) => device.name,
  address: ({ device }) => addressKey(device.address),
  site: ({ device }) => device.siteName,
  latency: ({ device }) => device.latency?.rttS ?? null,
  loss: ({ device }) => device.latency?.lossRatio ?? null,
  in: ({ device }) => device.bandwidth?.inBps ?? null,
  out: ({ device }) => device.bandwidth?.outBps ?? null,
  since: ({ device }) => (device.statusSince === null ? null : Date.parse(device.statusSince)),
};

/** Columns that are most useful with the greatest first. */
const GREATEST_FIRST: ReadonlySet<Column> = new Set(["latency", "loss", "in", "out", "since"]);

/** Returns the ids in order. Unknown values come last in either direction; equals go by site and name. */
export function orderIds(rows: readonly Row[], sort: Sort, bySite: boolean): number[] {
  const key = KEYS[sort.by];
  const sign = sort.descending ? -1 : 1;
  return [...rows]
    .sort(
      (a, b) =>
        (bySite ? natural.compare(a.device.siteName, b.device.siteName) : 0) ||
        compare(key(a), key(b), sign) ||
        natural.compare(a.device.siteName, b.device.siteName) ||
        natural.compare(a.device.name, b.device.name) ||
        a.device.id - b.device.id,
    )
    .map((row) => row.device.id);
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
  return sign * natural.compare(String(a), String(b));
}

function addressKey(address: string): string {
  const parts = address.split(".");
  return parts.length === 4 ? parts.map((part) => part.padStart(3, "0")).join(".") : address;
}
