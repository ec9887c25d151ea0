// The history of an interface's rates as the hub answers it, as a plot. Pure.

import type { Plot } from "../parts/chart/model";
import { rate } from "./format";

/** As `GET /api/v1/me/services/{id}/bandwidth` answers. `stepS` null: as it was measured. */
export interface TrafficColumns {
  stepS: number | null;
  tsMs: number[];
  inBps: (number | null)[];
  outBps: (number | null)[];
  inMinBps: (number | null)[];
  inMaxBps: (number | null)[];
  outMinBps: (number | null)[];
  outMaxBps: (number | null)[];
}

export interface TrafficWords {
  readonly in: string;
  readonly out: string;
  readonly committed: string;
}

/** Returns the plot: in upwards, out downwards, the least and most of steps as bands, what is committed as a level. */
export function trafficPlot(columns: TrafficColumns | null, committedBps: number | null, words: TrafficWords): Plot {
  const { tsMs, inBps, outBps } = columns ?? { tsMs: [], inBps: [], outBps: [] };
  const stepped = columns !== null && columns.stepS !== null;
  return {
    times: tsMs,
    lines: [
      { key: "in", label: words.in, values: inBps, tone: "in", filled: true },
      { key: "out", label: words.out, values: outBps, tone: "out", filled: true, mirrored: true },
    ],
    bands: [
      { key: "in", label: words.in, low: stepped ? columns.inMinBps : tsMs.map(() => null), high: stepped ? columns.inMaxBps : tsMs.map(() => null), tone: "in", strength: 0.25 },
      { key: "out", label: words.out, low: stepped ? columns.outMinBps : tsMs.map(() => null), high: stepped ? columns.outMaxBps : tsMs.map(() => null), tone: "out", strength: 0.25, mirrored: true },
    ],
    levels:
      committedBps === null
        ? []
        : [
            { value: committedBps, label: words.committed, tone: "text-low", dashed: true },
            { value: committedBps, label: words.committed, tone: "text-low", dashed: true, mirrored: true },
          ],
    format: rate,
    unit: "b/s",
    zero: true,
    idle: 1_000_000,
  };
}
