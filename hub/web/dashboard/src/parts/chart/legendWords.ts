// What is told of a moment in a chart besides its values. Pure.

import type { Plot } from "./model";

/** A mark is met within this part of the width. */
const NEAR = 0.006;
const MOST = 3;

/** Returns the words of marks near `ms` and of gaps around it. */
export function tellsOf(plot: Plot, ms: number, spanMs: number): string[] {
  const marks = (plot.marks ?? []).filter((mark) => Math.abs(mark.ms - ms) <= spanMs * NEAR).map(({ text }) => text);
  const gaps = (plot.gaps ?? []).filter((gap) => gap.fromMs <= ms && ms < gap.toMs).map(({ text }) => text);
  return [...new Set([...marks, ...gaps])].slice(0, MOST);
}
