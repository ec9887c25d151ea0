// The list of all devices: filtered, ordered when a person asks for it, and drawn only where it is looked at.

import { useCallback, useDeferredValue, useMemo, useRef, useState, type CSSProperties, type ReactNode } from "react";

import { useMembers, useObservable, usePage } from "../../data/context";
import { useMedia } from "../../data/media";
import { at, hrefOf, setQuery, useRoute } from "../../data/route";
import { settings } from "../../data/settings";
import { useWidth } from "../../data/width";
import { chosenColumns, fittingColumns, tracksOf } from "../../model/columns";
import { parseSort } from "../../model/order";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { BulkDesk, type BulkKind } from "./BulkDesk";
import { ColumnRow } from "./ColumnRow";
import { useOwn } from "./desk";
import { DeviceRow } from "./DeviceRow";
import { useRowKeys } from "./rowKeys";
import { useItems, useOrder } from "./listOrder";
import { useView } from "../../parts/listView";
import { ListHead, type ListNotice } from "./ListHead";
import { SelectionBar } from "./SelectionBar";
import { SiteRow } from "./SiteRow";
import { useSelection } from "./useSelection";

const ROW_PX = 32;
const COMFORTABLE_ROW_PX = 40;
const PHONE_ROW_PX = 56;
const USUAL_WIDTH_PX = 1200;

export function DeviceList({ openId }: { openId: number | null }): ReactNode {
  const { fleet, role } = usePage().live;
  // While one types, the box comes first: all rows name the address, and follow it together with the filter.
  const route = useDeferredValue(useRoute());
  const { query } = route;
  const filterText = query.get("q") ?? "";
  const sortText = query.get("sort");
  const { bySite, comfortable, columns: changes } = useObservable(settings);
  const members = useMembers();
  const phone = useMedia("(max-width: 640px)");
  const sort = useMemo(() => parseSort(sortText), [sortText]);
  const [asked, setAsked] = useState(0);
  const order = useOrder(sort, bySite, asked + useOwn(), members);
  const resort = (): void => setAsked((times) => times + 1);

  const items = useItems(order.ids, filterText, bySite);
  const shown = useMemo(() => items.flatMap((item) => (item.kind === "device" ? [item.id] : [])), [items]);
  const rowPx = phone ? PHONE_ROW_PX : comfortable ? COMFORTABLE_ROW_PX : ROW_PX;
  const table = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const view = useView(scroller, rowPx, items.length);
  useRowKeys(items, openId, scroller, rowPx);

  const mayChoose = MAY_OPERATE.has(role) && !phone;
  const [bulk, setBulk] = useState<BulkKind | null>(null);
  const chosen = useSelection(shown, mayChoose, members, () => setBulk("edit"));
  const widthPx = useWidth(table, USUAL_WIDTH_PX);
  const columns = useMemo(() => fittingColumns(chosenColumns(changes), widthPx, mayChoose), [changes, widthPx, mayChoose]);
  const style = useMemo(() => ({ "--columns": tracksOf(columns, mayChoose), "--row-px": `${rowPx}px` }) as CSSProperties, [columns, mayChoose, rowPx]);

  const notice: ListNotice | null =
    order.waiting > 0
      ? { text: texts.devices.newOnes(order.waiting), act: resort }
      : order.outdated
        ? { text: texts.devices.resort, act: resort }
        : null;
  return (
    <>
      <ListHead shown={filterText === "" ? null : { shown: shown.length, total: fleet.size }} notice={notice} ids={useCallback(() => shown, [shown])} />
      {mayChoose && chosen.ids.size > 0 ? <SelectionBar chosen={chosen} shown={shown} onBulk={setBulk} /> : null}
      <div className="table" role="table" ref={table} style={style} aria-rowcount={items.length + 1} aria-label={texts.devices.heading}>
        <div className="scroller" ref={scroller} id="list">
          {phone ? null : <ColumnRow sort={sort} columns={columns} chosen={mayChoose ? chosen : null} shown={shown} />}
          <div className="rows" role="rowgroup" style={{ height: `${items.length * rowPx}px` }}>
            {items.slice(view.from, view.to).map((item, offset) => {
              const index = view.from + offset;
              return item.kind === "site" ? (
                <SiteRow key={`site ${item.name}`} name={item.name} ids={item.ids} topPx={index * rowPx} />
              ) : (
                <DeviceRow
                  key={item.id}
                  id={item.id}
                  href={hrefOf(at("devices", item.id), route)}
                  index={index}
                  topPx={index * rowPx}
                  phone={phone}
                  open={item.id === openId}
                  columns={columns}
                  chosen={mayChoose ? chosen.ids.has(item.id) : null}
                  onChoose={chosen.toggle}
                />
              );
            })}
          </div>
          {shown.length === 0 ? (
            <p className="no-match">
              {texts.devices.noMatch}{" "}
              <button type="button" className="link" onClick={() => setQuery({ q: "" })}>
                {texts.devices.clearFilter}
              </button>
            </p>
          ) : null}
        </div>
      </div>
      {bulk === null ? null : <BulkDesk kind={bulk} chosen={chosen} onClose={() => setBulk(null)} />}
    </>
  );
}
