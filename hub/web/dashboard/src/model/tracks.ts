// Which columns of a table have room beside each other, and where the others go. Pure.

export interface Track {
  /** A track of the grid: `120px`, `minmax(120px, 1fr)`. */
  readonly width: string;
  /** Its track in a table too narrow for all: what has one stands in a row's first line, the others in a second one. */
  readonly narrow?: string;
}

export interface Layout<T extends Track> {
  readonly line: readonly T[];
  readonly tracks: string;
  /** In a second line; empty: a row has one. */
  readonly under: readonly T[];
}

const GAP_PX = 14;
const EDGES_PX = 32;

/** Returns the layout for `roomPx`. `panel`: there is one beside the table that says the rest, so rows keep their height. */
export function layoutOf<T extends Track>(columns: readonly T[], roomPx: number, panel: boolean): Layout<T> {
  if (neededPx(columns) <= roomPx || columns.length === 1) return { line: columns, tracks: columns.map(({ width }) => width).join(" "), under: [] };
  if (panel) return layoutOf(columns.slice(0, -1), roomPx, panel);
  const line = columns.filter(({ narrow }) => narrow !== undefined);
  return { line, tracks: line.map(({ narrow }) => narrow).join(" "), under: columns.filter(({ narrow }) => narrow === undefined) };
}

function neededPx(columns: readonly Track[]): number {
  const widths = columns.map(({ width }) => Number(/(\d+)px/u.exec(width)?.[1] ?? 0));
  return widths.reduce((sum, width) => sum + width, EDGES_PX + GAP_PX * (columns.length - 1));
}
