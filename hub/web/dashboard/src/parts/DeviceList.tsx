// The list of all devices: filtered, ordered when a person asks for it, and drawn only where it is looked at.

import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from "react";

import { useObservable, usePage } from "../data/context";
import { useMedia } from "../data/media";
import { setQuery, useRoute } from "../data/route";
import { settings } from "../data/settings";
import type { Row } from "../model/device";
import { matches, parseFilter } from "../model/filter";
import { LIVE_COLUMNS, orderIds, parseSort, type Sort } from "../model/order";
import { texts } from "../texts";
import { ColumnRow } from "./ColumnRow";
import { DeviceRow } from "./DeviceRow";
import { useRowKeys } from "./keys";
import { ListHead, type ListNotice } from "./ListHead";
import { SiteRow } from "./SiteRow";

export type Item =
  | { readonly kind: "site"; readonly name: string; readonly ids: readonly number[] }
  | { readonly kind: "device"; readonly id: number };

const ROW_PX = 32;
const PHONE_ROW_PX = 56;
const OVERSCAN = 8;
const RESORT_CHECK_MS = 5_000;

export function DeviceList({ openId }: { openId: number | null }): ReactNode {
  const { fleet } = usePage().live;
  const { query } = useRoute();
  const filterText = query.get("q") ?? "";
  const sortText = query.get("sort");
  const { bySite } = useObservable(settings);
  const { members } = useObservable(fleet.revision);
  const phone = useMedia("(max-width: 640px)");
  const sort = useMemo(() => parseSort(sortText), [sortText]);
  const [asked, setAsked] = useState(0);
  const order = useOrder(sort, bySite, asked, members);
  const resort = (): void => setAsked((times) => times + 1);

  const items = useItems(order.ids, filterText, bySite);
  const shown = items.reduce((sum, item) => sum + (item.kind === "device" ? 1 : 0), 0);
  const rowPx = phone ? PHONE_ROW_PX : ROW_PX;
  const scroller = useRef<HTMLDivElement>(null);
  const view = useView(scroller, rowPx, items.length);
  useRowKeys(items, openId, scroller, rowPx);

  const notice: ListNotice | null =
    order.waiting > 0
      ? { text: texts.devices.newOnes(order.waiting), act: resort }
      : order.outdated
        ? { text: texts.devices.resort, act: resort }
        : null;
  const total = fleet.all().length;
  return (
    <>
      <ListHead shown={filterText === "" ? null : { shown, total }} notice={notice} />
      <div className="table" role="table" aria-rowcount={items.length + 1} aria-label={texts.devices.heading}>
        <div className="scroller" ref={scroller} id="list">
          {phone ? null : <ColumnRow sort={sort} />}
          <div className="rows" role="rowgroup" style={{ height: `${items.length * rowPx}px` }}>
            {items.slice(view.from, view.to).map((item, offset) => {
              const index = view.from + offset;
              return item.kind === "site" ? (
                <SiteRow key={`site ${item.name}`} name={item.name} ids={item.ids} topPx={index * rowPx} />
              ) : (
                <DeviceRow
                  key={item.id}
                  id={item.id}
                  index={index}
                  topPx={index * rowPx}
                  phone={phone}
                  open={item.id === openId}
                />
              );
            })}
          </div>
          {shown === 0 ? (
            <p className="no-match">
              {texts.devices.noMatch}{" "}
              <button type="button" className="link" onClick={() => setQuery("q", "")}>
                {texts.devices.clearFilter}
              </button>
            </p>
          ) : null}
        </div>
      </div>
    </>
  );
}

interface Order {
  readonly ids: readonly number[];
  /** Devices that came since and wait to be let in. */
  readonly waiting: number;
  readonly outdated: boolean;
}

/** Keeps the order that was asked for. Devices that left leave; those that came and values that moved only announce. */
function useOrder(sort: Sort, bySite: boolean, asked: number, members: number): Order {
  const { fleet } = usePage().live;
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
    if (!LIVE_COLUMNS.has(sort.by)) return undefined;
    const check = (): void => {
      const rows = ids.map((id) => fleet.get(id)).filter((row): row is Row => row !== undefined);
      const before = rows.map((row) => row.device.id);
      const now = orderIds(rows, sort, bySite);
      setOutdated(sort.by === "state" && now.some((id, index) => id !== before[index]));
    };
    const timer = setInterval(check, RESORT_CHECK_MS);
    return () => clearInterval(timer);
  }, [fleet, ids, sort, bySite]);
  return useMemo(() => {
    const present = ids.filter((id) => fleet.get(id) !== undefined);
    return { ids: present, waiting: fleet.all().length - present.length, outdated };
    // `members` stands for who is in the fleet.
  }, [ids, fleet, outdated, members]);
}

function useItems(ids: readonly number[], filterText: string, bySite: boolean): Item[] {
  const { fleet } = usePage().live;
  const { statuses } = useObservable(fleet.revision);
  const filter = useMemo(() => parseFilter(filterText), [filterText]);
  const byState = filter.tokens.some((token) => token.key === "state");
  return useMemo(() => {
    const rows = ids
      .map((id) => fleet.get(id))
      .filter((row): row is Row => row !== undefined && matches(filter, row.device));
    if (!bySite) return rows.map((row): Item => ({ kind: "device", id: row.device.id }));
    const sites = new Map<string, number[]>();
    for (const { device } of rows) sites.set(device.siteName, [...(sites.get(device.siteName) ?? []), device.id]);
    return [...sites].flatMap(([name, group]): Item[] => [
      { kind: "site", name, ids: group },
      ...group.map((id): Item => ({ kind: "device", id })),
    ]);
    // A filter by state follows the states; otherwise a change of state moves nothing.
  }, [ids, fleet, filter, bySite, byState ? statuses : 0]);
}

/** Returns which rows are in sight, with a few beyond either edge. */
function useView(scroller: RefObject<HTMLDivElement | null>, rowPx: number, count: number): { from: number; to: number } {
  const [range, setRange] = useState({ from: 0, to: 60 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const from = Math.max(0, Math.floor(element.scrollTop / rowPx) - OVERSCAN);
      const to = Math.ceil((element.scrollTop + element.clientHeight) / rowPx) + OVERSCAN;
      setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, rowPx, count]);
  return range;
}
