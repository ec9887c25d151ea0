// What uPlot does not draw by itself: gaps, levels, marks, losses and doubtful samples, on the same canvas.

import type uPlot from "uplot";

import type { Plot } from "./model";
import { faded, type Palette, type Tone } from "./tones";

/** Losses stand under the axis, so that they hide no line and a lost round is seen where no line is. */
const LOSS_PX = 6;
const HOLLOW_PX = 3;
/** Closer than this they would hide the line: where all are doubtful, some say so. */
const HOLLOW_APART_PX = 9;

/** Draws what lies behind the lines: times of which the hub knows that something is missing. */
export function drawBehind(u: uPlot, plot: Plot, palette: Palette): void {
  const { ctx, bbox } = u;
  ctx.save();
  clip(u);
  for (const gap of plot.gaps ?? []) {
    const left = u.valToPos(gap.fromMs / 1000, "x", true);
    const right = u.valToPos(gap.toMs / 1000, "x", true);
    ctx.fillStyle = faded(palette.of("unknown"), 0.16);
    ctx.fillRect(left, bbox.top, Math.max(devicePixelRatio, right - left), bbox.height);
  }
  ctx.restore();
}

/** Draws what lies over the lines, and the losses under the axis. */
export function drawOver(u: uPlot, plot: Plot, palette: Palette): void {
  const { ctx } = u;
  ctx.save();
  clip(u);
  drawHollow(u, plot, palette);
  drawLevels(u, plot, palette);
  drawMarks(u, plot, palette);
  ctx.restore();
  ctx.save();
  drawLosses(u, plot, palette);
  ctx.restore();
}

function drawHollow(u: uPlot, plot: Plot, palette: Palette): void {
  const { ctx } = u;
  const [fromS, toS] = [u.scales["x"]?.min ?? 0, u.scales["x"]?.max ?? 0];
  ctx.lineWidth = 1.2 * devicePixelRatio;
  for (const line of plot.lines) {
    ctx.strokeStyle = palette.of(line.tone);
    ctx.fillStyle = palette.of("panel");
    let before = -Infinity;
    for (const at of line.hollow ?? []) {
      const value = line.values[at] ?? null;
      const s = (plot.times[at] ?? 0) / 1000;
      if (value === null || s < fromS || s > toS) continue;
      const x = u.valToPos(s, "x", true);
      if (x - before < HOLLOW_APART_PX * devicePixelRatio) continue;
      before = x;
      ctx.beginPath();
      ctx.arc(x, u.valToPos(line.mirrored === true ? -value : value, "y", true), HOLLOW_PX * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }
}

function drawLevels(u: uPlot, plot: Plot, palette: Palette): void {
  const { ctx, bbox } = u;
  ctx.font = palette.font.replace("12px", `${12 * devicePixelRatio}px`);
  for (const level of plot.levels ?? []) {
    const y = u.valToPos(level.mirrored === true ? -level.value : level.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = palette.of(level.tone);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash(level.dashed === true ? [5 * devicePixelRatio, 4 * devicePixelRatio] : []);
    line(ctx, bbox.left, y, bbox.left + bbox.width, y);
    ctx.setLineDash([]);
    // Away from zero where there is room, so that the words do not lie in the area they speak of.
    const above = (level.mirrored === true ? bbox.top + bbox.height - y < 16 * devicePixelRatio : y - bbox.top > 16 * devicePixelRatio);
    const x = bbox.left + 6 * devicePixelRatio;
    const baseline = above ? y - 4 * devicePixelRatio : y + 13 * devicePixelRatio;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.strokeStyle = palette.of("panel");
    ctx.strokeText(level.label, x, baseline);
    ctx.fillStyle = palette.of("text-medium");
    ctx.fillText(level.label, x, baseline);
  }
}

function drawLosses(u: uPlot, plot: Plot, palette: Palette): void {
  const { ctx, bbox } = u;
  const top = bbox.top + bbox.height + devicePixelRatio;
  ctx.beginPath();
  ctx.rect(bbox.left, top, bbox.width, LOSS_PX * devicePixelRatio);
  ctx.clip();
  for (const loss of plot.losses ?? []) {
    if (loss.ratio === 0) continue;
    const left = u.valToPos(loss.fromMs / 1000, "x", true);
    const right = u.valToPos(loss.toMs / 1000, "x", true);
    ctx.fillStyle = loss.ratio === null ? palette.of("unknown") : palette.of(lossTone(loss.ratio));
    const height = LOSS_PX * devicePixelRatio * (loss.ratio === null ? 1 : 0.5 + loss.ratio / 2);
    ctx.fillRect(left, top, Math.max(2 * devicePixelRatio, right - left), height);
  }
}

function drawMarks(u: uPlot, plot: Plot, palette: Palette): void {
  const { ctx, bbox } = u;
  for (const mark of plot.marks ?? []) {
    const x = u.valToPos(mark.ms / 1000, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = faded(palette.of(mark.status), 0.8);
    ctx.lineWidth = devicePixelRatio;
    line(ctx, x, bbox.top, x, bbox.top + bbox.height);
    ctx.fillStyle = palette.of(mark.status);
    ctx.fillRect(x - 3 * devicePixelRatio, bbox.top, 6 * devicePixelRatio, 4 * devicePixelRatio);
  }
}

export function lossTone(ratio: number): Tone {
  return ratio < 0.2 ? "degraded" : "offline";
}

function clip(u: uPlot): void {
  u.ctx.beginPath();
  u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  u.ctx.clip();
}

function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
