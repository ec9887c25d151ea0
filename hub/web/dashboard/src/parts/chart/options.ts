// A plot as uPlot wants it: columns, series, axes and what happens with the pointer.

import uPlot from "uplot";

import { texts } from "../../texts";
import { drawBehind, drawOver } from "./draw";
import { lonely } from "./lonely";
import type { Plot, Values } from "./model";
import { rangeOf, tickText, timeTexts } from "./scale";
import { faded, type Palette } from "./tones";

export interface Listeners {
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
  /** Place of the sample under the pointer and the time there, null: none. */
  readonly onPoint: (index: number | null, ms: number | null) => void;
}

const AXIS_PX = 68;
const TICK_PX = 34;
const MIRROR = -1;
/** The time axis: two lines of words, and room for the marks of losses above them. */
const TIMES_PX = 42;

/** Returns the columns of a plot: seconds, then each line, then the two edges of each band. */
export function columnsOf(plot: Plot): uPlot.AlignedData {
  const turned = (values: Values, mirrored: boolean | undefined): (number | null)[] =>
    mirrored === true ? values.map((value) => (value === null ? null : value * MIRROR)) : [...values];
  return [
    plot.times.map((ms) => ms / 1000),
    ...plot.lines.map((line) => turned(line.values, line.mirrored)),
    ...(plot.bands ?? []).flatMap((band) => [turned(band.low, band.mirrored), turned(band.high, band.mirrored)]),
  ] as uPlot.AlignedData;
}

/** `plot` is asked for at each drawing, so that new columns need no new chart. */
export function optionsOf(plot: () => Plot, size: { width: number; height: number }, palette: Palette, syncKey: string | null, listeners: Listeners): uPlot.Options {
  const first = plot();
  return {
    width: size.width,
    height: size.height,
    legend: { show: false },
    padding: [10, 12, 0, 0],
    cursor: {
      // Only lines have a point under the pointer: the edges of a band are no values of their own.
      points: { size: (_u, at) => (at <= first.lines.length ? 7 : 0), width: (_u, at) => (at <= first.lines.length ? 2 : 0) },
      drag: { x: true, y: false, setScale: false },
      ...(syncKey === null ? {} : { sync: { key: syncKey, setSeries: false } }),
      bind: {
        dblclick: () => () => {
          listeners.onReset();
          return null;
        },
      },
    },
    scales: {
      x: { time: true },
      y: {
        distr: first.log === true ? 3 : 1,
        range: (_u, low, high) => rangeOf(plot(), low, high),
      },
    },
    axes: axesOf(plot, palette),
    series: seriesOf(first, palette),
    bands: bandsOf(first, palette),
    hooks: {
      drawClear: [(u) => drawBehind(u, plot(), palette)],
      draw: [(u) => drawOver(u, plot(), palette)],
      setCursor: [
        (u) => {
          const { idx, left } = u.cursor;
          const inside = idx !== null && idx !== undefined && left !== undefined && left >= 0;
          listeners.onPoint(inside ? idx : null, inside ? u.posToVal(left, "x") * 1000 : null);
        },
      ],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          listeners.onZoom(u.posToVal(u.select.left, "x") * 1000, u.posToVal(u.select.left + u.select.width, "x") * 1000);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

function axesOf(plot: () => Plot, palette: Palette): uPlot.Axis[] {
  return [
    {
      stroke: palette.of("text-low"),
      font: palette.font,
      size: TIMES_PX,
      gap: 6,
      grid: { show: false },
      ticks: { stroke: palette.of("line"), width: 1, size: 5 },
      border: { show: true, stroke: palette.of("line"), width: 1 },
      space: 72,
      values: (_u, ticks, _axis, _space, stepS) => timeTexts(ticks, stepS, texts.locale),
    },
    {
      stroke: palette.of("text-low"),
      font: palette.font,
      size: AXIS_PX,
      space: TICK_PX,
      grid: { stroke: palette.of("line-soft"), width: 1 },
      ticks: { show: false },
      values: (_u, ticks) => ticks.map((tick) => tickText(tick, plot().format)),
    },
  ];
}

function seriesOf(first: Plot, palette: Palette): uPlot.Series[] {
  return [
    {},
    ...first.lines.map((line): uPlot.Series => ({
      label: line.label,
      stroke: palette.of(line.tone),
      width: 1.5,
      ...(line.filled === true ? { fill: faded(palette.of(line.tone), 0.25), fillTo: 0 } : {}),
      // A sample between two holes has no line to be seen by; uPlot draws those alone.
      points: { show: (u, at) => alone(u, at), filter: (u, at) => lonely(u.data[at] ?? []), size: 3, fill: palette.of(line.tone) },
      spanGaps: false,
    })),
    ...(first.bands ?? []).flatMap((band): uPlot.Series[] => [
      { label: `${band.label} (${texts.chart.least})`, width: 0, points: { show: false }, spanGaps: false },
      { label: `${band.label} (${texts.chart.most})`, width: 0, points: { show: false }, spanGaps: false },
    ]),
  ];
}

/** The band's series are its upper edge on the screen, then the lower one. */
function bandsOf(first: Plot, palette: Palette): uPlot.Band[] {
  const from = 1 + first.lines.length;
  return (first.bands ?? []).map((band, index) => {
    const low = from + 2 * index;
    return {
      series: band.mirrored === true ? [low, low + 1] : [low + 1, low],
      fill: faded(palette.of(band.tone), band.strength),
    };
  });
}

function alone(u: uPlot, at: number): boolean {
  return lonely(u.data[at] ?? []).length > 0;
}
