// A chart as a picture that stands alone: what it is of, from when to when, and what its colours mean.

import { dated } from "../../model/format";
import type { Plot } from "./model";
import { readPalette } from "./tones";

const MARGIN_PX = 16;
const TITLE_PX = 22;
const KEYS_PX = 22;
const SWATCH_PX = 10;

export interface Shown {
  readonly title: string;
  readonly plot: Plot;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns a copy of what is drawn, with a head; in the colours of the theme. Throws when the browser draws on no canvas. */
export function pictureOf(drawn: HTMLCanvasElement, { title, plot, fromMs, toMs }: Shown): HTMLCanvasElement {
  const host = drawn.parentElement ?? document.documentElement;
  const palette = readPalette(host);
  const ratio = drawn.width / (drawn.clientWidth || drawn.width);
  const picture = document.createElement("canvas");
  picture.width = drawn.width + 2 * MARGIN_PX * ratio;
  picture.height = drawn.height + (2 * MARGIN_PX + TITLE_PX + KEYS_PX) * ratio;
  const pen = picture.getContext("2d");
  if (pen === null) throw new Error("this browser draws on no canvas");
  pen.fillStyle = palette.of("page");
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(drawn, MARGIN_PX * ratio, (MARGIN_PX + TITLE_PX + KEYS_PX) * ratio);
  pen.scale(ratio, ratio);
  pen.textBaseline = "middle";
  pen.fillStyle = palette.of("text-high");
  pen.font = `600 ${palette.font.replace("12px", "14px")}`;
  pen.fillText(title, MARGIN_PX, MARGIN_PX + TITLE_PX / 2 - 2, drawn.width / ratio);
  paintKeys(pen, plot, `${dated(fromMs)} – ${dated(toMs)}`, palette);
  return picture;
}

function paintKeys(pen: CanvasRenderingContext2D, { lines, levels = [] }: Plot, when: string, palette: ReturnType<typeof readPalette>): void {
  const y = MARGIN_PX + TITLE_PX + KEYS_PX / 2 - 3;
  let x = MARGIN_PX;
  const write = (text: string, tone: "text-medium" | "text-low"): void => {
    pen.font = palette.font;
    pen.fillStyle = palette.of(tone);
    pen.fillText(text, x, y);
    x += pen.measureText(text).width + MARGIN_PX;
  };
  write(when, "text-low");
  for (const { label, tone } of lines) {
    pen.fillStyle = palette.of(tone);
    pen.fillRect(x, y - SWATCH_PX / 2, SWATCH_PX, SWATCH_PX);
    x += SWATCH_PX + 6;
    write(label, "text-medium");
  }
  for (const label of new Set(levels.map((level) => level.label))) write(label, "text-low");
}
