// Ranges and ticks of a chart's axes. Pure.

import type { Figure } from "../../model/format";
import type { Level, Plot } from "./model";

/** A level is shown where the axis need not grow more than so many times for it. */
const MOST_GROWTH = 2.5;
const ROOM = 1.06;

/** Returns the range of the values' axis: from zero where it is asked for, never a line, a little room above. */
export function rangeOf(plot: Pick<Plot, "zero" | "log" | "levels" | "levelsInSight" | "cap" | "idle">, least: number | null, most: number | null): [number, number] {
  const seen = plot.levelsInSight === true ? (plot.levels ?? []).map(({ value }) => value) : [];
  const low = least === null ? null : Math.min(least, ...seen);
  const highest = most === null ? null : Math.max(most, ...seen);
  if (low === null || highest === null || !Number.isFinite(low) || !Number.isFinite(highest)) return plot.log === true ? [1e-4, 1] : [0, plot.idle ?? 1];
  const high = plot.cap !== undefined && plot.cap > low ? Math.min(highest, plot.cap) : highest;
  if (plot.log === true) return [low * 0.8, high * 1.2];
  if (plot.zero === true) {
    const levels = plot.levels ?? [];
    const top = reach(Math.max(0, high), levels.filter(({ mirrored }) => mirrored !== true));
    const bottom = -reach(Math.max(0, -low), levels.filter(({ mirrored }) => mirrored === true));
    if (top === bottom) return [0, plot.idle ?? 1];
    return [bottom * ROOM, top * ROOM];
  }
  const room = Math.max((high - low) * 0.1, Math.abs(high) * 0.02, 1e-9);
  return [Math.max(low >= 0 ? 0 : -Infinity, low - room), high + room];
}

function reach(most: number, levels: readonly Level[]): number {
  return levels.reduce((so, { value }) => (value > so && value <= most * MOST_GROWTH ? value : so), most);
}

/** Returns what stands at a tick: `1.50 ms` is `1.5 ms`, and what is mirrored is read as it is. */
export function tickText(tick: number, format: (value: number | null) => Figure): string {
  if (tick === 0) return "0";
  const { value, unit } = format(Math.abs(tick));
  const short = value.includes(".") ? value.replace(/\.?0+$/u, "") : value;
  return `${short} ${unit}`.trim();
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Returns what stands at the ticks of the time axis, in the viewer's zone, 24 hours; a new day is named under its first. */
export function timeTexts(ticks: readonly number[], stepS: number, locale: string): string[] {
  let before = "";
  return ticks.map((tick) => {
    const at = new Date(tick * 1000);
    const day = at.toLocaleDateString(locale, { day: "numeric", month: "short" });
    if (stepS >= 28 * DAY_S) return at.toLocaleDateString(locale, { month: "short", year: "numeric" });
    if (stepS >= DAY_S) return day;
    const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...(stepS < MINUTE_S ? { second: "2-digit" } : {}) });
    const named = day !== before && (before !== "" || stepS >= HOUR_S);
    before = day;
    return named ? `${time}\n${day}` : time;
  });
}
