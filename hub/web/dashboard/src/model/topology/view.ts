// What part of the map is looked at: which of its points is in the middle, and how many pixels one of its units is. Pure.

import type { Point } from "./answer";
import { CELL_HEIGHT, CELL_WIDTH } from "./arrange";

export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle, in pixels or in the map's units. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const MIN_SCALE = 0.02;
export const MAX_SCALE = 2.5;
/** A small network is not blown up to fill the screen. */
const FIT_SCALE = 1.25;
/** Left free around everything: names stand beyond the outermost devices. */
const MARGIN_PX = 28;
/** Half a name, which stays as wide however small the map is; of a narrow map no more than this part. */
const NAME_PX = 84;
const NAME_RATIO = 0.18;
/** Left free at the bottom besides, for the legend. */
const LEGEND_PX = 20;

export function toScreen(view: View, size: Size, point: Point): Point {
  return { x: (point.x - view.x) * view.scale + size.width / 2, y: (point.y - view.y) * view.scale + size.height / 2 };
}

export function toMap(view: View, size: Size, pixel: Point): Point {
  return { x: (pixel.x - size.width / 2) / view.scale + view.x, y: (pixel.y - size.height / 2) / view.scale + view.y };
}

/** Returns the view that shows all points. */
export function fit(points: Iterable<Point>, size: Size): View {
  const area = areaOf(points);
  if (area === null) return { x: 0, y: 0, scale: 1 };
  const width = area.right - area.left + CELL_WIDTH;
  const height = area.bottom - area.top + CELL_HEIGHT * 1.5;
  const scale = Math.min((size.width - 2 * MARGIN_PX) / width, (size.width - 2 * Math.min(NAME_PX, NAME_RATIO * size.width)) / Math.max(1, area.right - area.left), (size.height - 2 * MARGIN_PX - LEGEND_PX) / height, FIT_SCALE);
  return { x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 + LEGEND_PX / 2 / within(scale), scale: within(scale) };
}

/** Returns the view after zooming; what is at `pixel` stays there. */
export function zoomed(view: View, size: Size, pixel: Point, factor: number): View {
  const scale = within(view.scale * factor);
  const point = toMap(view, size, pixel);
  return { x: point.x - (pixel.x - size.width / 2) / scale, y: point.y - (pixel.y - size.height / 2) / scale, scale };
}

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale };
}

/** Returns the smallest rectangle around points, null around none. */
export function areaOf(points: Iterable<Point>): Area | null {
  let area: Area | null = null;
  for (const { x, y } of points) {
    area = area === null ? { left: x, top: y, right: x, bottom: y } : { left: Math.min(area.left, x), top: Math.min(area.top, y), right: Math.max(area.right, x), bottom: Math.max(area.bottom, y) };
  }
  return area;
}

export function touches(a: Area, b: Area): boolean {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}

export function shiftedArea({ left, top, right, bottom }: Area, dx: number, dy: number): Area {
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}

/** Returns whether a line from `a` to `b` runs through a rectangle (Liang and Barsky's clipping). */
export function crosses(area: Area, a: Point, b: Point): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  let [from, to] = [0, 1];
  for (const [step, room] of [[-dx, a.x - area.left], [dx, area.right - a.x], [-dy, a.y - area.top], [dy, area.bottom - a.y]] as const) {
    if (step === 0) {
      if (room <= 0) return false;
    } else if (step < 0) from = Math.max(from, room / step);
    else to = Math.min(to, room / step);
  }
  return from < to;
}

/** Returns the nearest of the points that lie in a direction, by how far and how much aside they are; null for none. */
export function nextTowards<T extends Point>(from: Point, points: Iterable<T>, dx: number, dy: number): T | null {
  let best: T | null = null;
  let least = Infinity;
  for (const point of points) {
    const ahead = (point.x - from.x) * dx + (point.y - from.y) * dy;
    const aside = Math.abs((point.x - from.x) * dy) + Math.abs((point.y - from.y) * dx);
    if (ahead <= 0 || aside > 2 * ahead) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [point, cost];
  }
  return best;
}

/** Returns how far a pixel is from a line between two others. */
export function distanceTo(pixel: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((pixel.x - a.x) * dx + (pixel.y - a.y) * dy) / length));
  return Math.hypot(pixel.x - a.x - share * dx, pixel.y - a.y - share * dy);
}

/** Returns the corners of the smallest convex shape around points (Andrew's monotone chain). */
export function hull(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const half = (all: readonly Point[]): Point[] => {
    const line: Point[] = [];
    for (const point of all) {
      while (line.length > 1 && turn(line[line.length - 2] as Point, line[line.length - 1] as Point, point) <= 0) line.pop();
      line.push(point);
    }
    return line.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

function within(scale: number): number {
  return Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));
}
