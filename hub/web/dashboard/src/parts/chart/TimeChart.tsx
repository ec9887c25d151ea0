// A chart over time: drag to zoom, double click to go back, the value under the pointer in its legend, holes as holes.

import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { useObservable } from "../../data/context";
import { useMedia } from "../../data/media";
import { usePaper } from "../../data/paper";
import { settings } from "../../data/settings";
import type { ChosenSpan } from "../../data/span";
import { texts } from "../../texts";
import { ChartTools } from "./ChartTools";
import { Legend } from "./Legend";
import type { Plot } from "./model";
import { columnsOf, optionsOf } from "./options";
import { readPalette } from "./tones";
import "./chart.css";

const HEIGHT_PX = 200;

export function TimeChart(props: {
  heading: string;
  plot: Plot;
  chosen: Pick<ChosenSpan, "span" | "zoom" | "reset">;
  /** Charts with the same key share their pointer. */
  syncKey?: string;
  heightPx?: number;
  fileName: string;
  /** Why there is nothing to see, when it is not that nothing was measured. */
  empty?: string;
  note?: ReactNode;
  testId?: string;
}): ReactNode {
  const { heading, plot, chosen, syncKey = null, heightPx = HEIGHT_PX, fileName, empty = texts.chart.empty, note, testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const newest = useRef({ plot, chosen });
  newest.current = { plot, chosen };
  const [point, setPoint] = useState<{ index: number; ms: number } | null>(null);
  const { theme } = useObservable(settings);
  const dark = useMedia("(prefers-color-scheme: dark)");
  const paper = usePaper();
  // Another set of lines is another chart; new values of the same lines are not.
  const shape = `${plot.lines.map(({ key }) => key).join()} ${(plot.bands ?? []).map(({ key }) => key).join()} ${plot.log === true}`;

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new uPlot(
      optionsOf(() => newest.current.plot, { width: element.clientWidth, height: heightPx }, readPalette(element), syncKey, {
        onZoom: (fromMs, toMs) => newest.current.chosen.zoom(fromMs, toMs),
        onReset: () => newest.current.chosen.reset(),
        onPoint: (index, ms) => setPoint(index === null || ms === null ? null : { index, ms }),
      }),
      columnsOf(newest.current.plot),
      element,
    );
    chart.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape, heightPx, syncKey, theme, dark, paper]);

  const columns = useMemo(() => columnsOf(plot), [plot]);
  const { fromMs, toMs } = chosen.span;
  useEffect(() => {
    const made = chart.current;
    if (made === null) return;
    made.batch(() => {
      made.setData(columns, false);
      made.setScale("x", { min: fromMs / 1000, max: toMs / 1000 });
    });
  }, [columns, fromMs, toMs, shape, heightPx, syncKey, theme, dark, paper]);

  const onKey = (event: KeyboardEvent): void => {
    const made = chart.current;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (made === null || step === undefined || plot.times.length === 0) return;
    event.preventDefault();
    const index = Math.min(plot.times.length - 1, Math.max(0, (point?.index ?? plot.times.length) + step));
    made.setCursor({ left: made.valToPos((plot.times[index] ?? 0) / 1000, "x"), top: made.over.clientHeight / 2 });
  };

  return (
    <figure className="chart" aria-label={heading} data-testid={testId} data-points={plot.times.length}>
      <figcaption className="chart-head">
        <h3>{heading}</h3>
        <Legend plot={plot} point={point} spanMs={toMs - fromMs} />
        <ChartTools heading={heading} plot={plot} span={chosen.span} fileName={fileName} canvas={() => chart.current?.ctx.canvas ?? null} />
      </figcaption>
      <div className="chart-box" ref={box} style={{ height: `${heightPx}px` }} tabIndex={0} role="group" aria-label={texts.chart.keys(heading)} onKeyDown={onKey}>
        {plot.times.length === 0 ? <p className="chart-empty">{empty}</p> : null}
      </div>
      {note === undefined || note === null ? null : <p className="chart-note">{note}</p>}
    </figure>
  );
}
