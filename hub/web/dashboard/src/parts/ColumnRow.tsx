// The head of the list: what each column is, and in which order the rows stand.

import type { ReactNode } from "react";

import { useNow } from "../data/clock";
import { useObservable, usePage } from "../data/context";
import { setQuery } from "../data/route";
import { rate, span } from "../model/format";
import { DEFAULT_SORT, nextSort, sortText, type Column, type Sort } from "../model/order";
import { trailSpanMs } from "../model/trail";
import { texts } from "../texts";

interface Head {
  readonly key: keyof typeof texts.devices.columns;
  readonly sorts: Column | null;
  readonly className: string;
}

const HEADS: readonly Head[] = [
  { key: "state", sorts: "state", className: "state" },
  { key: "name", sorts: "name", className: "name" },
  { key: "address", sorts: "address", className: "address" },
  { key: "site", sorts: "site", className: "site" },
  { key: "latency", sorts: "latency", className: "figure latency" },
  { key: "latencyTrail", sorts: null, className: "trail latency-trail" },
  { key: "loss", sorts: "loss", className: "figure loss" },
  { key: "in", sorts: "in", className: "figure traffic" },
  { key: "out", sorts: "out", className: "figure traffic" },
  { key: "trafficTrail", sorts: null, className: "trail traffic-trail" },
  { key: "since", sorts: "since", className: "since" },
];

export function ColumnRow({ sort }: { sort: Sort }): ReactNode {
  const { fleet } = usePage().live;
  const full = rate(useObservable(fleet.fullBps));
  const trail = span(trailSpanMs(useNow() - fleet.startedMs));
  const titleOf = (key: Head["key"]): string => {
    const title = texts.devices.columnTitles[key];
    return typeof title === "string" ? title : title(`${full.value} ${full.unit}`);
  };
  return (
    <div className="row heads" role="row">
      {HEADS.map(({ key, sorts, className }) => {
        const active = sorts === sort.by;
        return (
          <span
            key={key}
            className={`cell ${className}`}
            role="columnheader"
            title={titleOf(key)}
            {...(active ? { "aria-sort": texts.devices.sorted(!sort.descending) } : {})}
          >
            {sorts === null ? (
              trail
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

function sortBy(sort: Sort, column: Column): void {
  const next = sortText(nextSort(sort, column));
  setQuery("sort", next === sortText(DEFAULT_SORT) ? "" : next);
}
