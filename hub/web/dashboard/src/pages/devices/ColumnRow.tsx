// The head of the list: what each column is, and in which order the rows stand.

import type { ReactNode } from "react";

import { useClock } from "../../data/clock";
import { useObservable, usePage } from "../../data/context";
import { setQuery } from "../../data/route";
import { rate, span } from "../../model/format";
import { DEFAULT_SORT, nextSort, sortText, type Column, type Sort } from "../../model/order";
import type { ColumnKey } from "../../model/columns";
import { trailSpanMs } from "../../model/trail";
import { texts } from "../../texts";
import type { Chosen } from "./useSelection";
import "../../parts/tableHead.css";

const SORTS: Partial<Record<ColumnKey, Column>> = { state: "state", name: "name", address: "address", site: "site", latency: "latency", loss: "loss", in: "in", out: "out", since: "since" };
const CLASSES: Partial<Record<ColumnKey, string>> = {
  latency: "figure latency",
  latencyTrail: "trail latency-trail",
  loss: "figure loss",
  in: "figure traffic",
  out: "figure traffic",
  trafficTrail: "trail traffic-trail",
  bar: "last-day",
};
/** Their head says how much time they show. */
const TRAILS: ReadonlySet<ColumnKey> = new Set(["latencyTrail", "trafficTrail"]);

/** `chosen` null: rows cannot be chosen. */
export function ColumnRow(props: { sort: Sort; columns: readonly ColumnKey[]; chosen: Chosen | null; shown: readonly number[] }): ReactNode {
  const { sort, columns, chosen, shown } = props;
  const { fleet } = usePage().live;
  const full = rate(useObservable(fleet.fullBps));
  const trail = useClock((nowMs) => span(trailSpanMs(nowMs - fleet.startedMs)));
  const titleOf = (key: ColumnKey): string => {
    const title = texts.devices.columnTitles[key];
    return typeof title === "string" ? title : title(`${full.value} ${full.unit}`);
  };
  return (
    <div className="row table-head" role="row">
      {chosen === null ? null : <AllBox chosen={chosen} shown={shown} />}
      {columns.map((key) => {
        const sorts = SORTS[key];
        const active = sorts === sort.by;
        return (
          <span
            key={key}
            className={`cell ${CLASSES[key] ?? key}`}
            role="columnheader"
            title={titleOf(key)}
            {...(active ? { "aria-sort": sort.descending ? "descending" : "ascending" } : {})}
          >
            {sorts === undefined ? (
              TRAILS.has(key) ? trail : texts.devices.columns[key]
            ) : (
              <button type="button" className={active ? "sorted" : ""} onClick={() => sortBy(sort, sorts)}>
                {texts.devices.columns[key]}
                {active ? <span className={`arrow ${sort.descending ? "falling" : "rising"}`} aria-hidden="true" /> : null}
              </button>
            )}
          </span>
        );
      })}
    </div>
  );
}

function AllBox({ chosen, shown }: { chosen: Chosen; shown: readonly number[] }): ReactNode {
  const some = chosen.ids.size > 0;
  const all = some && shown.length > 0 && shown.every((id) => chosen.ids.has(id));
  return (
    <label className="cell row-box" role="columnheader">
      <input
        type="checkbox"
        checked={all}
        ref={(box) => {
          if (box !== null) box.indeterminate = some && !all;
        }}
        aria-label={texts.deviceDesk.selectAll}
        title={texts.deviceDesk.selectAll}
        onChange={chosen.toggleAll}
        data-testid="all-box"
      />
    </label>
  );
}

function sortBy(sort: Sort, column: Column): void {
  const next = sortText(nextSort(sort, column));
  setQuery({ sort: next === sortText(DEFAULT_SORT) ? "" : next });
}
