// In which order the list stands, and which rows pass the filter. Nothing moves unless a person asks for it.

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";

import { usePage } from "../../data/context";
import type { Fleet } from "../../data/fleet";
import type { Row } from "../../model/device";
import { matches, parseFilter } from "../../model/filter";
import { isOrdered, orderIds, type Sort } from "../../model/order";

const RESORT_CHECK_MS = 5_000;

export type Item =
  | { readonly kind: "site"; readonly name: string; readonly ids: readonly number[] }
  | { readonly kind: "device"; readonly id: number };

export interface Order {
  readonly ids: readonly number[];
  /** Devices that came since and wait to be let in. */
  readonly waiting: number;
  readonly outdated: boolean;
}

/** Keeps the order that was asked for. Devices that left leave; those that came and values that moved only announce. */
export function useOrder(sort: Sort, bySite: boolean, asked: number, members: number): Order {
  const { fleet, along } = usePage().live;
  const wish = `${sort.by} ${sort.descending} ${bySite} ${asked}`;
  const [kept, setKept] = useState<{ wish: string; ids: readonly number[] }>({ wish: "", ids: [] });
  const [outdated, setOutdated] = useState(false);
  let ids = kept.ids;
  if (kept.wish !== wish || kept.ids.length === 0) {
    ids = orderIds(fleet.all(), sort, bySite);
    if (kept.wish !== wish || ids.length > 0) {
      setKept({ wish, ids });
      setOutdated(false);
    }
  }
  useEffect(() => {
    if (sort.by !== "state") return undefined;
    let checked = -1;
    const check = (): void => {
      const { statuses } = fleet.revision.get();
      if (statuses === checked) return;
      checked = statuses;
      setOutdated(!isOrdered(rowsOf(fleet, ids), sort, bySite));
    };
    const timer = setInterval(() => along(check), RESORT_CHECK_MS);
    return () => clearInterval(timer);
  }, [fleet, along, ids, sort, bySite]);
  // `members` stands for who is in the fleet.
  const present = useMemo(() => ids.filter((id) => fleet.get(id) !== undefined), [ids, fleet, members]);
  return { ids: present, waiting: fleet.size - present.length, outdated };
}

function* rowsOf(fleet: Fleet, ids: readonly number[]): Iterable<Row> {
  for (const id of ids) {
    const row = fleet.get(id);
    if (row !== undefined) yield row;
  }
}

export function useItems(ids: readonly number[], filterText: string, bySite: boolean): Item[] {
  const { fleet } = usePage().live;
  const filter = useMemo(() => parseFilter(filterText), [filterText]);
  const byState = filter.tokens.some((token) => token.key === "state");
  // A filter by state follows the states; otherwise a change of state moves nothing.
  const statuses = useSyncExternalStore(fleet.revision.listen, () => (byState ? fleet.revision.get().statuses : 0));
  return useMemo(() => {
    const rows = ids
      .map((id) => fleet.get(id))
      .filter((row): row is Row => row !== undefined && matches(filter, row.device));
    if (!bySite) return rows.map((row): Item => ({ kind: "device", id: row.device.id }));
    const sites = new Map<string, number[]>();
    for (const { device } of rows) {
      const group = sites.get(device.siteName);
      if (group === undefined) sites.set(device.siteName, [device.id]);
      else group.push(device.id);
    }
    return [...sites].flatMap(([name, group]): Item[] => [
      { kind: "site", name, ids: group },
      ...group.map((id): Item => ({ kind: "device", id })),
    ]);
    // `statuses` stands for what the fleet says now.
  }, [ids, fleet, filter, bySite, statuses]);
}
