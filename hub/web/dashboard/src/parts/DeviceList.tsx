// The list of all devices: filtered, ordered when a person asks for it, and drawn only where it is looked at.

import { useMemo, useRef, useState, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { useMedia } from "../data/media";
import { setQuery, useRoute } from "../data/route";
import { settings } from "../data/settings";
import { parseSort } from "../model/order";
import { texts } from "../texts";
import { ColumnRow } from "./ColumnRow";
import { DeviceRow } from "./DeviceRow";
import { useRowKeys } from "./keys";
import { useItems, useOrder } from "./listOrder";
import { useView } from "./listView";
import { ListHead, type ListNotice } from "./ListHead";
import { SiteRow } from "./SiteRow";

const ROW_PX = 32;
const PHONE_ROW_PX = 56;

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
