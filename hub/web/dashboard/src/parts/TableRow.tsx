// A row of a table: its cells, and below them what has no column of its own; by keyboard as by pointer.

import type { KeyboardEvent, ReactNode } from "react";

import { go, useLinkTo, type Place } from "../data/route";
import type { Column } from "./DataTable";

/** `under`: columns that are said in a second line, each with its head, unless they have nothing to say. */
export function Cells<T>({ row, line, under }: { row: T; line: readonly Column<T>[]; under: readonly Column<T>[] }): ReactNode {
  const said = under.map(({ key, head, cell }) => ({ key, head, content: cell(row) })).filter(({ content }) => content !== "–" && content !== "" && content !== null);
  return (
    <>
      {line.map((column) => (
        <div key={column.key} role="cell" className={`grid-cell${column.align === "end" ? " end" : ""}`}>
          {column.cell(row)}
        </div>
      ))}
      {said.length === 0 ? null : (
        <div role="cell" className="grid-cell grid-under" aria-colspan={line.length}>
          {said.map(({ key, head, content }) => (
            <span key={key} className="grid-said">
              <span className="dim">{head}</span> {content}
            </span>
          ))}
        </div>
      )}
    </>
  );
}

interface RowProps {
  readonly index: number;
  readonly topPx: number;
  readonly open: boolean;
  readonly cells: ReactNode;
}

/** The first cell's link makes the whole row reachable by keyboard; a click anywhere in the row follows it. */
export function PlaceRow({ index, topPx, open, cells, place }: RowProps & { place: Place }): ReactNode {
  const link = useLinkTo(place);
  return (
    <div
      role="row"
      className="grid-row opens"
      tabIndex={0}
      aria-rowindex={index + 2}
      {...(open ? { "aria-current": true } : {})}
      style={{ transform: `translateY(${topPx}px)` }}
      data-href={link.href}
      data-testid="table-row"
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest("a, button, input, select, label") !== null) return;
        if (event.metaKey || event.ctrlKey) window.open(link.href, "_blank", "noopener");
        else go(place);
      }}
      onKeyDown={(event) => onRowKey(event, () => go(place))}
    >
      {cells}
    </div>
  );
}

export function PlainRow({ index, topPx, open, cells, onOpen }: RowProps & { onOpen?: () => void }): ReactNode {
  return (
    <div
      role="row"
      className={`grid-row${onOpen === undefined ? "" : " opens"}`}
      {...(onOpen === undefined ? {} : { tabIndex: 0, onClick: onOpen })}
      aria-rowindex={index + 2}
      {...(open ? { "aria-current": true } : {})}
      style={{ transform: `translateY(${topPx}px)` }}
      data-testid="table-row"
      onKeyDown={(event) => onRowKey(event, onOpen)}
    >
      {cells}
    </div>
  );
}

function onRowKey(event: KeyboardEvent<HTMLElement>, open: (() => void) | undefined): void {
  if (event.target !== event.currentTarget) return;
  if (event.key === "Enter" && open !== undefined) open();
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const other = step === 1 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling;
  if (!(other instanceof HTMLElement)) return;
  event.preventDefault();
  other.focus({ preventScroll: true });
  other.scrollIntoView({ block: "nearest" });
}
