// Draws the map on a canvas: all of it, or what lies within an area.

import type { DeviceStatus } from "@noctule/client";

import { toScreen, touches, type Area, type Size, type View } from "../../model/topology/view";
import type { Point } from "../../model/topology/answer";
import { outlinesOf, SITE_PAD, type Mark, type Scene, type Stroke } from "../../model/topology/scene";
import { SHAPES } from "../../parts/shapes";
import type { Palette, Tone } from "../../parts/chart/tones";
import type { Label } from "./labelling";

/** From this scale on both ways of a link are drawn, below it the greater only. */
const BOTH_WAYS_SCALE = 0.3;
const DIM = 0.2;

export interface Frame {
  readonly scene: Scene;
  readonly view: View;
  readonly size: Size;
  readonly palette: Palette;
  readonly labels: readonly Label[];
  /** What the keyboard or the pointer is at. */
  readonly focus: string | null;
}

export function paint(pen: CanvasRenderingContext2D, frame: Frame, area: Area): void {
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  pen.clip();
  pen.clearRect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  paintSites(pen, frame, area);
  for (const stroke of frame.scene.strokes) if (touches(areaOfStroke(frame, stroke), area)) paintStroke(pen, frame, stroke);
  for (const mark of frame.scene.marks) if (touches(areaOfMark(frame, mark), area)) paintMark(pen, frame, mark);
  for (const label of frame.labels) if (touches(label.area, area)) paintLabel(pen, frame, label);
  pen.restore();
}

/** Pixels of a state's shape: faults stay visible however small the map is. */
export function glyphPx(scale: number, status: DeviceStatus | null): number {
  const base = Math.min(16, 5 + 12 * scale);
  if (status === null) return base * 0.75;
  if (status === "offline") return Math.max(base, 9) + 2;
  return status === "online" ? base : Math.max(base, 9);
}

export function areaOfMark({ view, size }: Frame, mark: Mark): Area {
  const { x, y } = toScreen(view, size, mark);
  const reach = glyphPx(view.scale, mark.status) / 2 + 6;
  return { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
}

export function areaOfStroke(frame: Frame, stroke: Stroke): Area {
  const { a, b } = endsOf(frame, stroke);
  const reach = 10;
  return { left: Math.min(a.x, b.x) - reach, top: Math.min(a.y, b.y) - reach, right: Math.max(a.x, b.x) + reach, bottom: Math.max(a.y, b.y) + reach };
}

/** Where a stroke runs, in pixels: beside others between the same two devices. */
export function endsOf({ view, size }: Pick<Frame, "view" | "size">, stroke: Stroke): { a: Point; b: Point; aside: Point } {
  const [from, to] = [toScreen(view, size, stroke.from), toScreen(view, size, stroke.to)];
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const aside = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  const off = stroke.lane * 10 * Math.min(1, Math.max(0.4, view.scale));
  return { a: shifted(from, aside, off), b: shifted(to, aside, off), aside };
}

const shifted = (point: Point, aside: Point, by: number): Point => ({ x: point.x + aside.x * by, y: point.y + aside.y * by });

function paintSites(pen: CanvasRenderingContext2D, { scene, view, size, palette }: Frame, area: Area): void {
  const pad = SITE_PAD * view.scale;
  pen.lineJoin = "round";
  pen.lineCap = "round";
  for (const outline of outlinesOf(scene)) {
    const [from, to] = [toScreen(view, size, { x: outline.area.left, y: outline.area.top }), toScreen(view, size, { x: outline.area.right, y: outline.area.bottom })];
    if (!touches({ left: from.x - pad, top: from.y - pad, right: to.x + pad, bottom: to.y + pad }, area)) continue;
    pen.beginPath();
    for (const corner of outline.corners) {
      const { x, y } = toScreen(view, size, corner);
      pen.lineTo(x, y);
    }
    pen.closePath();
    for (const [tone, width] of [["line", 2 * pad + 2], ["raised", 2 * pad]] as const) {
      pen.strokeStyle = palette.of(tone);
      pen.fillStyle = palette.of(tone);
      pen.lineWidth = width;
      pen.stroke();
      pen.fill();
    }
  }
}

const STATE_TONES: Readonly<Record<Stroke["state"], Tone>> = { up: "text-low", down: "offline", cut: "offline", beyond: "unreachable", disabled: "unknown", unknown: "unknown" };
const STATE_DASHES: Readonly<Record<Stroke["state"], readonly number[]>> = { up: [], down: [7, 4], cut: [7, 4], beyond: [4, 4], disabled: [2, 6], unknown: [1.5, 4] };

function paintStroke(pen: CanvasRenderingContext2D, frame: Frame, stroke: Stroke): void {
  const { view, palette, focus } = frame;
  const { a, b, aside } = endsOf(frame, stroke);
  const line = (tone: Tone, width: number, off = 0, strong = 1): void => {
    pen.beginPath();
    const [from, to] = [shifted(a, aside, off), shifted(b, aside, off)];
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.lineWidth = width;
    pen.strokeStyle = palette.of(tone);
    pen.globalAlpha = strong * alpha;
    pen.stroke();
  };
  const alpha = stroke.from.dim && stroke.to.dim ? DIM : stroke.from.status === null || stroke.to.status === null ? 0.55 : 1;
  pen.lineCap = "butt";
  if (focus === stroke.key) line("accent", 12, 0, 0.25);
  if (stroke.kind === "suggestion") {
    pen.setLineDash([6, 4]);
    line("accent", 2);
    pen.setLineDash([]);
    pen.globalAlpha = alpha;
    arrow(pen, a, b, glyphPx(view.scale, "online"), palette.of("accent"));
  } else if (stroke.state !== "up") {
    pen.setLineDash([...STATE_DASHES[stroke.state]]);
    line(STATE_TONES[stroke.state], stroke.state === "down" ? 2.5 : 1.75);
    pen.setLineDash([]);
    if (stroke.state === "down") paintGlyph(pen, palette, "offline", { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, Math.max(8, glyphPx(view.scale, "online") * 0.8));
  } else traffic(stroke, view.scale, line);
  pen.globalAlpha = 1;
}

/** What goes down in the colour of in, what goes up in that of out: thicker and stronger the fuller the link is. */
function traffic({ down, up }: Stroke, scale: number, line: (tone: Tone, width: number, off?: number, strong?: number) => void): void {
  const width = (share: number): number => (1.25 + 5.25 * share) * Math.min(1.15, Math.max(0.55, scale + 0.3));
  const strong = (share: number): number => Math.min(1, 0.55 + share);
  if (down === null && up === null) line("text-low", 1, 0, 0.6);
  else if (scale < BOTH_WAYS_SCALE || down === null || up === null) {
    const isIn = (down ?? -1) >= (up ?? -1);
    const share = Math.max(down ?? 0, up ?? 0);
    line(isIn ? "in" : "out", width(share), 0, strong(share));
  } else {
    line("in", width(down), (width(down) + 1) / 2, strong(down));
    line("out", width(up), -(width(up) + 1) / 2, strong(up));
  }
}

function arrow(pen: CanvasRenderingContext2D, a: Point, b: Point, clearPx: number, colour: string): void {
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  const tip = { x: b.x - Math.cos(angle) * clearPx, y: b.y - Math.sin(angle) * clearPx };
  pen.beginPath();
  pen.moveTo(tip.x, tip.y);
  for (const side of [0.45, -0.45]) pen.lineTo(tip.x - 10 * Math.cos(angle + side), tip.y - 10 * Math.sin(angle + side));
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
}

function paintMark(pen: CanvasRenderingContext2D, frame: Frame, mark: Mark): void {
  const { view, size, palette, focus } = frame;
  const at = toScreen(view, size, mark);
  const px = glyphPx(view.scale, mark.status);
  // Lines end before the shape, so that the shape is read and not the crossing.
  if (view.scale >= BOTH_WAYS_SCALE) disc(pen, at, px / 2 + 2, palette.of(frame.scene.sites.size < 2 ? "page" : "raised"));
  if (mark.found || focus === mark.key) {
    pen.beginPath();
    pen.arc(at.x, at.y, px / 2 + 4, 0, 2 * Math.PI);
    pen.lineWidth = 2;
    pen.strokeStyle = palette.of("accent");
    pen.stroke();
  }
  pen.globalAlpha = mark.dim ? DIM : 1;
  if (mark.status !== null) paintGlyph(pen, palette, mark.status, at, px);
  else {
    pen.beginPath();
    pen.arc(at.x, at.y, px / 2 - 0.5, 0, 2 * Math.PI);
    pen.setLineDash([2, 2]);
    pen.lineWidth = 1;
    pen.strokeStyle = palette.of("text-low");
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.globalAlpha = 1;
}

function disc(pen: CanvasRenderingContext2D, { x, y }: Point, radius: number, colour: string): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
}

const paths = new Map<string, Path2D>();

function pathOf(text: string): Path2D {
  let path = paths.get(text);
  if (path === undefined) paths.set(text, (path = new Path2D(text)));
  return path;
}

function paintGlyph(pen: CanvasRenderingContext2D, palette: Palette, status: DeviceStatus, at: Point, px: number): void {
  if (status === "online") {
    // The shape that there is most of, without the detour.
    disc(pen, at, px / 3, palette.of(status));
    return;
  }
  const { solid, hollow, hatch } = SHAPES[status];
  pen.save();
  pen.translate(at.x - px / 2, at.y - px / 2);
  pen.scale(px / 12, px / 12);
  pen.fillStyle = palette.of(status);
  pen.strokeStyle = palette.of(status);
  if (solid !== undefined) pen.fill(pathOf(solid));
  for (const [outline, width] of [[hollow, 1.8], [hatch, 1.3]] as const) {
    if (outline === undefined) continue;
    pen.lineWidth = width;
    pen.stroke(pathOf(outline));
  }
  pen.restore();
}

function paintLabel(pen: CanvasRenderingContext2D, { palette }: Frame, label: Label): void {
  pen.font = label.bold ? `600 ${palette.font}` : palette.font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.globalAlpha = label.dim ? DIM * 2 : 1;
  const [x, y] = [(label.area.left + label.area.right) / 2, (label.area.top + label.area.bottom) / 2];
  // A rim in the ground's colour keeps letters readable over lines.
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = palette.of(label.ground);
  pen.strokeText(label.text, x, y);
  pen.fillStyle = palette.of(label.tone);
  pen.fillText(label.text, x, y);
  pen.globalAlpha = 1;
}
