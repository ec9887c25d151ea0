// The samples that an alert was judged by, against what it fires by, ends by, and what was usual.

import { useMemo, type ReactNode } from "react";

import type { ChosenSpan } from "../../data/span";
import { figureOf, levelsOf, type Evidence as Measured } from "../../model/explanation";
import { TimeChart } from "../../parts/chart/TimeChart";
import type { Level, Plot } from "../../parts/chart/model";
import { texts } from "../../texts";

const HEIGHT_PX = 150;
const ROOM_MS = 5_000;
const nothing = (): void => undefined;

export default function EvidenceChart({ evidence, fileName }: { evidence: Measured; fileName: string }): ReactNode {
  const quantity = evidence.quantity ?? "";
  const name = texts.alert.quantities[quantity] ?? quantity;
  const plot = useMemo((): Plot => {
    const samples = evidence.samples ?? [];
    const tones = { threshold: "offline", clear: "online", usual: "text-low" } as const;
    return {
      times: samples.map(({ tsMs }) => tsMs),
      lines: [{ key: quantity, label: name, values: samples.map(({ value }) => value), tone: "trace" }],
      levels: levelsOf(evidence).map(([key, value]): Level => ({ value, label: texts.alert.levels[key], tone: tones[key], dashed: key !== "threshold" })),
      levelsInSight: true,
      format: (value) => figureOf(quantity, value),
      zero: quantity.endsWith("Ratio"),
    };
  }, [evidence, quantity, name]);
  const chosen = useMemo((): ChosenSpan => {
    const fromMs = (plot.times[0] ?? 0) - ROOM_MS;
    const toMs = (plot.times.at(-1) ?? 0) + ROOM_MS;
    return { span: { fromMs, toMs, live: false }, word: null, zoom: nothing, choose: nothing, reset: nothing };
  }, [plot]);
  return <TimeChart heading={name} plot={plot} chosen={chosen} heightPx={HEIGHT_PX} fileName={fileName} />;
}
