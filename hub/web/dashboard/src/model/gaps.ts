// Holes that agents told of, as charts show them. Pure.

import type { Gap } from "../parts/chart/model";
import { texts } from "../texts";
import type { GapView } from "./series";

export function gapsOf(gaps: readonly GapView[]): Gap[] {
  return gaps.map(({ from, to, reason, samples }) => ({
    fromMs: Date.parse(from),
    toMs: Date.parse(to),
    text: texts.deviceChart.gap(texts.hubSays(reason), samples),
  }));
}
