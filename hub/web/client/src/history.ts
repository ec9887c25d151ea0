// `history`: a chart's numbers as typed arrays, read over the connection and without JSON. Pure.

import type { Ack } from "./control.js";
import type { BandwidthHistory, GapView, LatencyHistory, Resolution } from "./generated/columns.js";

export * from "./generated/columns.js";

/** Of what: the first two for staff, by device and by interface; the others for a customer, by one of its services. */
export type LatencySeries = `latency:${number}` | `service-latency:${number}`;
export type BandwidthSeries = `bandwidth:${number}` | `service-bandwidth:${number}`;

export interface HistoryOptions {
  /** From here on and before `to`, both ISO 8601; left out: the last hour. */
  from?: string;
  to?: string;
  /** Left out: `auto`, the finest that there is and that fits. */
  resolution?: Resolution | "auto";
  /** 50 to 5000, left out 2000: more rows are put together. */
  points?: number;
  /** Of a service that is a whole device: which of its interfaces. */
  interfaceId?: number;
}

/** `stepS` null: rows as they were measured. `gaps`: holes that an agent told of, in which values are missing. */
export interface HistoryAnswer<Columns> extends Ack {
  ok: true;
  series: string;
  resolution: Resolution;
  stepS: number | null;
  gaps: readonly GapView[];
  columns: Columns;
}

export interface HistoryRefusal extends Ack {
  ok: false;
}

export type HistoryAck<Columns> = HistoryAnswer<Columns> | HistoryRefusal;
export type AnyHistory = HistoryAck<LatencyHistory> | HistoryAck<BandwidthHistory>;
export type HistoryOf<Series> = Series extends LatencySeries ? HistoryAck<LatencyHistory> : HistoryAck<BandwidthHistory>;

/** Returns what a hub answered with its columns as typed arrays. Throws when they are not as promised. */
export function readHistory(answer: unknown): AnyHistory {
  const ack = answer as HistoryRefusal | (HistoryAnswer<unknown> & { columns: Record<string, unknown> });
  if (!ack.ok) return ack;
  const columns = Object.entries(ack.columns).map(([name, bytes]) => [name, numbers(name, bytes)] as const);
  const rows = columns[0]?.[1].length;
  if (!("tsMs" in ack.columns) || columns.some(([, column]) => column.length !== rows)) {
    throw new Error("the hub's columns are not of one length");
  }
  return { ...ack, columns: Object.fromEntries(columns) } as unknown as AnyHistory;
}

/** Copied: what Node.js hands out begins at any byte, and typed arrays only at multiples of their own. */
function numbers(name: string, bytes: unknown): Float64Array | Float32Array {
  const of = name === "tsMs" ? Float64Array : Float32Array;
  if (bytes instanceof ArrayBuffer) return new of(bytes);
  if (!ArrayBuffer.isView(bytes)) throw new Error(`the hub's column ${name} is not binary`);
  return new of(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice().buffer);
}
