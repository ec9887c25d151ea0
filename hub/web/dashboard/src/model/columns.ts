// Which columns the list of devices has: those that a person chose, and of them as many as there is width for. Pure.

export const COLUMN_KEYS = ["state", "name", "address", "site", "agent", "tags", "bar", "latency", "latencyTrail", "loss", "in", "out", "trafficTrail", "since"] as const;

export type ColumnKey = (typeof COLUMN_KEYS)[number];

interface Shape {
  readonly leastPx: number;
  /** Its part of what is left over; 0: it keeps its width. */
  readonly share: number;
}

const SHAPES: Readonly<Record<ColumnKey, Shape>> = {
  state: { leastPx: 124, share: 0 },
  name: { leastPx: 112, share: 1 },
  address: { leastPx: 108, share: 0 },
  site: { leastPx: 60, share: 0.5 },
  agent: { leastPx: 80, share: 0.5 },
  tags: { leastPx: 80, share: 0.6 },
  bar: { leastPx: 140, share: 0.3 },
  latency: { leastPx: 100, share: 0 },
  latencyTrail: { leastPx: 76, share: 0.6 },
  loss: { leastPx: 48, share: 0 },
  in: { leastPx: 80, share: 0 },
  out: { leastPx: 80, share: 0 },
  trafficTrail: { leastPx: 76, share: 0.6 },
  // A reason of a few words has room beside the time.
  since: { leastPx: 150, share: 1.6 },
};

/** Without these there is no list. */
export const FIXED: ReadonlySet<ColumnKey> = new Set(["state", "name"]);
const HIDDEN_AT_FIRST: ReadonlySet<ColumnKey> = new Set(["agent", "tags"]);
/** What goes first where there is little width. */
const DROPPED: readonly ColumnKey[] = ["trafficTrail", "latencyTrail", "agent", "tags", "site", "address", "since", "out", "in", "bar", "loss", "latency"];
const GAP_PX = 12;
const PADDING_PX = 32;
export const BOX_PX = 20;

/** Returns the chosen columns in their order; `changes` are `+key` and `-key` against the usual choice. */
export function chosenColumns(changes: readonly string[]): ColumnKey[] {
  return COLUMN_KEYS.filter((key) => {
    if (FIXED.has(key)) return true;
    return HIDDEN_AT_FIRST.has(key) ? changes.includes(`+${key}`) : !changes.includes(`-${key}`);
  });
}

/** Returns the changes after a column is shown, or hidden. */
export function withColumn(changes: readonly string[], key: ColumnKey, shown: boolean): string[] {
  const rest = changes.filter((change) => change !== `+${key}` && change !== `-${key}`);
  if (shown === !HIDDEN_AT_FIRST.has(key)) return rest;
  return [...rest, `${shown ? "+" : "-"}${key}`];
}

/** Returns the columns that fit into a width, beside boxes to choose rows with or without. */
export function fittingColumns(chosen: readonly ColumnKey[], widthPx: number, boxes: boolean): ColumnKey[] {
  const fitting = [...chosen];
  const takenPx = (): number => PADDING_PX + (boxes ? BOX_PX + GAP_PX : 0) + fitting.reduce((sum, key) => sum + SHAPES[key].leastPx + GAP_PX, -GAP_PX);
  for (const key of DROPPED) {
    if (takenPx() <= widthPx) break;
    const at = fitting.indexOf(key);
    if (at >= 0) fitting.splice(at, 1);
  }
  return fitting;
}

/** Returns the grid's tracks. */
export function tracksOf(columns: readonly ColumnKey[], boxes: boolean): string {
  const tracks = columns.map((key) => {
    const { leastPx, share } = SHAPES[key];
    return share === 0 ? `${leastPx}px` : `minmax(${leastPx}px, ${share}fr)`;
  });
  return [...(boxes ? [`${BOX_PX}px`] : []), ...tracks].join(" ");
}
