// Which names stand on the map at the moment, and where: measured in the map's own face.

import type { Point } from "../../model/topology/answer";
import type { Key } from "../../model/topology/graph";
import { leastCrossed, withRoom, type Wanted } from "../../model/topology/labels";
import { outlinesOf, SITE_PAD, type Mark, type Scene } from "../../model/topology/scene";
import { toScreen, type Area, type Size, type View } from "../../model/topology/view";
import type { Palette, Tone } from "../../parts/chart/tones";
import { glyphPx } from "./paint";

interface Face {
  readonly tone: Tone;
  readonly ground: "page" | "raised";
  readonly bold: boolean;
  readonly dim: boolean;
}

export interface Label extends Face {
  readonly key: string;
  readonly text: string;
  readonly area: Area;
}

interface Candidate extends Wanted {
  readonly text: string;
  readonly face: Face;
}

const MOST_LABELS = 400;
const MOST_CHARS = 24;
const LINE_PX = 15;
/** Wider than any name. */
const FAR_PX = 240;
/** Below this scale only faults and what is looked for have their names. */
const NAMES_SCALE = 0.14;
const TROUBLE: ReadonlySet<string | null> = new Set(["offline", "degraded"]);

export class Labelling {
  readonly #pen: CanvasRenderingContext2D;
  readonly #widths = new Map<string, number>();

  constructor(pen: CanvasRenderingContext2D) {
    this.#pen = pen;
  }

  labels(scene: Scene, view: View, size: Size, palette: Palette, focus: string | null): Label[] {
    const bounds = { left: 0, top: 0, right: size.width, bottom: size.height };
    const candidates = [...this.#sites(scene, view, size, palette), ...this.#names(scene, view, size, palette, focus)];
    const shapes = scene.marks.map((mark) => around(toScreen(view, size, mark), glyphPx(view.scale, mark.status) / 2));
    const shown = withRoom(candidates, shapes, bounds, MOST_LABELS);
    return candidates.flatMap(({ key, text, face }) => {
      const area = shown.get(key);
      return area === undefined ? [] : { key, text, area, ...face };
    });
  }

  #names(scene: Scene, view: View, size: Size, palette: Palette, focus: string | null): Candidate[] {
    const ground = scene.sites.size < 2 ? "page" : "raised";
    const lines = linesOf(scene);
    return scene.marks.flatMap((mark) => {
      const weight = weightOf(mark, focus);
      if (view.scale < NAMES_SCALE && weight < 300) return [];
      const at = toScreen(view, size, mark);
      if (!isNear(at, size)) return [];
      const text = shortened(mark.name);
      const reach = glyphPx(view.scale, mark.status) / 2 + 3;
      const bold = mark.status === "offline";
      const tone: Tone = mark.status === null ? "text-low" : mark.status === "online" ? "text-medium" : "text-high";
      const half = this.#width(text, bold ? `600 ${palette.font}` : palette.font) / 2;
      const place = (x: number, y: number): Area => ({ left: x - half, top: y - LINE_PX / 2, right: x + half, bottom: y + LINE_PX / 2 });
      const [above, below] = [place(at.x, at.y - reach - LINE_PX / 2), place(at.x, at.y + reach + LINE_PX / 2)];
      const insists = weight >= 300;
      // What hangs below others has its name below: a field of leaves is read in rows.
      const sides = [0, -LINE_PX / 2].flatMap((up) => [place(at.x + reach + half, at.y + up), place(at.x - reach - half, at.y + up)]);
      const own = lines.get(mark.key)?.map((other) => [at, toScreen(view, size, other)] as const) ?? [];
      const areas = mark.leads ? leastCrossed([above, ...sides, below], own) : insists ? [below, above, ...sides] : [below];
      return { key: mark.key, text, areas, weight, insists, face: { tone, ground, bold, dim: mark.dim } };
    });
  }

  #sites(scene: Scene, view: View, size: Size, palette: Palette): Candidate[] {
    return outlinesOf(scene).flatMap(({ siteId, marks, area }) => {
      const name = scene.sites.get(siteId);
      if (name === undefined) return [];
      const text = shortened(name);
      const middle = toScreen(view, size, { x: (area.left + area.right) / 2, y: area.top - SITE_PAD });
      const half = this.#width(text, `600 ${palette.font}`) / 2;
      const place = { left: middle.x - half, top: middle.y - LINE_PX - 3, right: middle.x + half, bottom: middle.y - 3 };
      const face = { tone: "text-medium", ground: "page", bold: true, dim: marks.every((mark) => mark.dim) } as const;
      return { key: `site ${siteId}`, text, areas: [place], weight: 250 + marks.length, insists: true, face };
    });
  }

  #width(text: string, font: string): number {
    const known = `${font} ${text}`;
    let width = this.#widths.get(known);
    if (width === undefined) {
      this.#pen.font = font;
      width = this.#pen.measureText(text).width + 6;
      this.#widths.set(known, width);
    }
    return width;
  }
}

/** The ends of the lines from each, by key. */
function linesOf({ strokes }: Scene): Map<Key, Mark[]> {
  const lines = new Map<Key, Mark[]>();
  for (const { from, to } of strokes) {
    for (const [one, other] of [[from, to], [to, from]] as const) {
      const there = lines.get(one.key);
      if (there === undefined) lines.set(one.key, [other]);
      else there.push(other);
    }
  }
  return lines;
}

const around = ({ x, y }: Point, reach: number): Area => ({ left: x - reach, top: y - reach, right: x + reach, bottom: y + reach });

/** Whether a name there could reach into the picture. */
const isNear = ({ x, y }: Point, { width, height }: Size): boolean => x > -FAR_PX && y > -FAR_PX && x < width + FAR_PX && y < height + FAR_PX;

function weightOf(mark: Mark, focus: string | null): number {
  if (mark.key === focus) return 2000;
  if (mark.found) return 1000 + mark.degree;
  if (mark.status === null) return 0;
  if (mark.dim) return 1;
  // The nearer to the core, the more a name tells where one is.
  const place = mark.degree + (mark.leads ? Math.max(0, 100 - 20 * mark.rank) : 0);
  return place + (TROUBLE.has(mark.status) ? (mark.status === "offline" ? 600 : 400) : mark.status === "online" ? 2 : 50);
}

function shortened(text: string): string {
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS - 1)}…`;
}

/** Returns the areas of the labels that one of two sets has and the other has not, or has otherwise or elsewhere. */
export function differing(before: readonly Label[], after: readonly Label[]): Area[] {
  const differs = (a: Label | undefined, b: Label): boolean =>
    a === undefined || a.tone !== b.tone || a.bold !== b.bold || a.dim !== b.dim || a.text !== b.text || Math.abs(a.area.left - b.area.left) + Math.abs(a.area.top - b.area.top) > 1;
  const [old, now] = [new Map(before.map((label) => [label.key, label])), new Map(after.map((label) => [label.key, label]))];
  return [...after.filter((label) => differs(old.get(label.key), label)), ...before.filter((label) => differs(now.get(label.key), label))].map(({ area }) => area);
}
