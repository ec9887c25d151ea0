// A table of any rows: sticky head, order in the address, rows drawn only where they are looked at, all by keyboard.

import { useEffect, useMemo, useRef, type ReactNode } from "react";

import { useMedia } from "../data/media";
import { setQuery, useRoute, type Place } from "../data/route";
import { useWidth } from "../data/width";
import { compareBy, orderOf, type Direction } from "../model/tableOrder";
import { layoutOf, type Track } from "../model/tracks";
import { texts } from "../texts";
import { useView } from "./listView";
import { Cells, PlaceRow, PlainRow } from "./TableRow";
import "./table.css";
import "./tableHead.css";

export interface Column<T> extends Track {
  readonly key: string;
  readonly head: string;
  readonly title?: string;
  readonly align?: "end";
  readonly cell: (row: T) => ReactNode;
  /** By what rows are ordered; without it they cannot be. null stands last. */
  readonly sort?: (row: T) => string | number | null;
}

const ROW_PX = 32;
const TWO_LINES_PX = 52;
/** What follows is asked for before the last row is reached. */
const NEAR_ROWS = 20;

export function DataTable<T>(props: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  /** Where a row leads. */
  placeOf?: (row: T) => Place;
  onOpen?: (row: T) => void;
  openKey?: string | number | null;
  testId?: string;
  empty?: ReactNode;
  /** There are more rows than these; called when the last of them come into sight. */
  onEnd?: (() => void) | undefined;
}): ReactNode {
  const { onEnd, label, rows, keyOf, placeOf, onOpen, openKey = null, testId, empty } = props;
  const { query } = useRoute();
  const scroller = useRef<HTMLDivElement>(null);
  const roomPx = useWidth(scroller, window.innerWidth);
  const atDesk = useMedia("(min-width: 1101px)");
  const { line, tracks, under } = useMemo(() => layoutOf(props.columns, roomPx, atDesk && placeOf !== undefined), [props.columns, roomPx, atDesk, placeOf === undefined]);
  const rowPx = under.length > 0 ? TWO_LINES_PX : ROW_PX;
  const order = orderOf(query.get("by"));
  const chosen = props.columns.find(({ key }) => key === order?.key);
  const sorted = useMemo(
    () => (chosen?.sort === undefined || order === null ? rows : [...rows].sort(compareBy(chosen.sort, order.direction))),
    // The key stands for the column's own order.
    [rows, chosen?.key, order?.direction],
  );
  const view = useView(scroller, rowPx, sorted.length);
  const nearEnd = view.to >= sorted.length - NEAR_ROWS;
  useEffect(() => {
    if (nearEnd) onEnd?.();
  }, [nearEnd, onEnd]);
  const style = { "--columns": tracks, "--row": `${rowPx}px` };
  return (
    <div className="grid" ref={scroller} role="table" aria-label={label} aria-rowcount={onEnd === undefined ? sorted.length + 1 : -1} style={style as React.CSSProperties} data-testid={testId}>
      <div className="grid-row table-head" role="row">
        {line.map((column) => (
          <HeadCell key={column.key} column={column} direction={chosen?.key === column.key ? (order?.direction ?? null) : null} />
        ))}
      </div>
      <div className="grid-rows" role="rowgroup" style={{ height: `${sorted.length * rowPx}px` }}>
        {sorted.slice(view.from, view.to).map((row, offset) => {
          const key = keyOf(row);
          const index = view.from + offset;
          const cells = <Cells row={row} line={line} under={under} />;
          const shared = { index, topPx: index * rowPx, open: key === openKey, cells };
          if (placeOf !== undefined) return <PlaceRow key={key} {...shared} place={placeOf(row)} />;
          return <PlainRow key={key} {...shared} {...(onOpen === undefined ? {} : { onOpen: () => onOpen(row) })} />;
        })}
      </div>
      {sorted.length === 0 ? (empty ?? <p className="no-match">{texts.table.empty}</p>) : null}
    </div>
  );
}

function HeadCell<T>({ column, direction }: { column: Column<T>; direction: Direction | null }): ReactNode {
  const { key, head, title, align, sort } = column;
  const next = direction === null ? key : direction === "ascending" ? `-${key}` : "";
  return (
    <div
      role="columnheader"
      className={`grid-cell${align === "end" ? " end" : ""}`}
      {...(direction === null ? {} : { "aria-sort": direction })}
      title={title ?? (sort === undefined ? undefined : texts.table.sortBy(head))}
    >
      {sort === undefined ? (
        head
      ) : (
        <button type="button" className={direction === null ? "" : "sorted"} onClick={() => setQuery({ by: next })}>
          {head}
          {direction === null ? null : <span className={`arrow ${direction === "ascending" ? "rising" : "falling"}`} aria-hidden="true" />}
        </button>
      )}
    </div>
  );
}
