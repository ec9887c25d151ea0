// The map on its canvas: what of it is seen, what is under the pointer, and painting no more than what changed.

import type { Point } from "../../model/topology/answer";
import { changes, firstOf, type Mark, type Scene, type Stroke } from "../../model/topology/scene";
import { distanceTo, fit, moved, nextTowards, shiftedArea, toMap, toScreen, zoomed, type Area, type Size, type View } from "../../model/topology/view";
import { readPalette, type Palette } from "../../parts/chart/tones";
import { listen } from "./gestures";
import { differing, Labelling, type Label } from "./labelling";
import { areaOfMark, areaOfStroke, endsOf, glyphPx, paint, type Frame } from "./paint";

/** What is pointed at: a device (or what is outside), or a link; `pixel` is where to tell about it. */
export interface Hit {
  readonly kind: "mark" | "stroke";
  readonly key: string;
  readonly pixel: Point;
}

export interface MapEvents {
  readonly onHit: (hit: Hit | null) => void;
  readonly onOpen: (key: string) => void;
  readonly onCarry: (key: string, point: Point) => void;
}

const FINGER_PX = 12;
const LINE_REACH_PX = 6;
/** More changes than this are painted all at once. */
const MOST_AREAS = 60;
const STEP_PX = 80;
const EMPTY: Scene = { marks: [], byKey: new Map(), strokes: [], sites: new Map() };

export class MapCanvas {
  /** Whether devices are taken along by dragging them. */
  mayCarry = false;
  readonly #host: HTMLElement;
  readonly #canvas = document.createElement("canvas");
  readonly #pen: CanvasRenderingContext2D;
  readonly #labelling: Labelling;
  readonly #events: MapEvents;
  readonly #forget: () => void;
  readonly #sizes: ResizeObserver;
  #scene = EMPTY;
  #view: View = { x: 0, y: 0, scale: 1 };
  #size: Size = { width: 0, height: 0 };
  #palette: Palette;
  #labels: readonly Label[] = [];
  /** They are another scene's until the next painting. */
  #labelsOld = false;
  #focus: string | null = null;
  #carried: string | null = null;
  /** The device that is told of at the moment. */
  #told: string | null = null;
  /** Nobody has moved the view yet: it follows the map. */
  #fitted = true;
  #areas: Area[] | "all" = "all";
  #next = 0;

  constructor(host: HTMLElement, events: MapEvents) {
    this.#host = host;
    this.#events = events;
    this.#canvas.setAttribute("aria-hidden", "true");
    host.append(this.#canvas);
    const pen = this.#canvas.getContext("2d");
    if (pen === null) throw new Error("this browser draws on no canvas");
    this.#pen = pen;
    this.#labelling = new Labelling(pen);
    this.#palette = readPalette(host);
    this.#forget = listen(host, {
      grab: (pixel) => this.#grab(pixel),
      carry: (pixel) => this.#carried !== null && events.onCarry(this.#carried, this.#rounded(pixel)),
      pan: (dx, dy) => this.#pan(Math.round(dx), Math.round(dy)),
      zoom: (pixel, factor) => this.#look(zoomed(this.#view, this.#size, pixel, factor)),
      point: (pixel) => this.#point(pixel),
      click: (pixel) => this.#click(pixel),
    });
    this.#sizes = new ResizeObserver(() => this.#resize());
    this.#sizes.observe(host);
    this.#resize();
  }

  close(): void {
    cancelAnimationFrame(this.#next);
    this.#sizes.disconnect();
    this.#forget();
    this.#canvas.remove();
  }

  /** Shows a scene; of one that differs in states and traffic only, no more than that is painted. */
  show(scene: Scene): void {
    const before = this.#frame();
    const found = changes(this.#scene, scene);
    const grown = this.#scene.marks.length !== scene.marks.length;
    this.#scene = scene;
    if (this.#fitted && grown) this.#view = fit(scene.marks, this.#size);
    if (found === null) {
      this.#labelsOld = true;
      this.#repaint("all");
      // What has moved is told of where it is now.
      const mark = this.#told === null ? undefined : scene.byKey.get(this.#told);
      if (mark !== undefined) this.#tell({ kind: "mark", key: mark.key, pixel: toScreen(this.#view, this.#size, mark) });
    } else {
      const labelsBefore = this.#labels;
      this.#relabel();
      const frame = this.#frame();
      this.#repaint([
        ...found.marks.flatMap((mark) => [areaOfMark(before, before.scene.byKey.get(mark.key) ?? mark), areaOfMark(frame, mark)]),
        ...found.strokes.map((stroke) => areaOfStroke(frame, stroke)),
        ...differing(labelsBefore, this.#labels),
      ]);
    }
  }

  /** Reads the colours again, after the theme has changed, and for paper. */
  recolour(): void {
    this.#palette = readPalette(this.#host);
    this.#paint("all");
  }

  fit(): void {
    this.#fitted = true;
    this.#view = fit(this.#scene.marks, this.#size);
    this.#looked();
  }

  zoom(factor: number): void {
    this.#look(zoomed(this.#view, this.#size, { x: this.#size.width / 2, y: this.#size.height / 2 }, factor));
  }

  /** Brings a device into the middle, close enough to read its name. */
  centre(key: string): void {
    const mark = this.#scene.byKey.get(key);
    if (mark !== undefined) this.#look({ x: mark.x, y: mark.y, scale: Math.max(this.#view.scale, 0.7) });
  }

  /** Marks what the keyboard is at; null marks nothing. */
  focus(key: string | null): void {
    this.#setFocus(key);
    const mark = key === null ? undefined : this.#scene.byKey.get(key);
    if (mark === undefined) this.#tell(null);
    else {
      const pixel = toScreen(this.#view, this.#size, mark);
      const inside = pixel.x > 0 && pixel.y > 0 && pixel.x < this.#size.width && pixel.y < this.#size.height;
      if (!inside) this.#look({ ...this.#view, x: mark.x, y: mark.y });
      this.#tell({ kind: "mark", key: mark.key, pixel: toScreen(this.#view, this.#size, mark) });
    }
  }

  /** Goes on from what the keyboard is at to the nearest in a direction; the first time to the worst, or the core. */
  step(dx: number, dy: number): void {
    const here = this.#focus === null ? undefined : this.#scene.byKey.get(this.#focus);
    const next = here === undefined ? firstOf(this.#scene.marks) : nextTowards(here, this.#scene.marks, dx, dy);
    if (next !== null) this.focus(next.key);
    else if (here === undefined) this.#look(moved(this.#view, -dx * STEP_PX, -dy * STEP_PX));
  }

  get focused(): string | null {
    return this.#focus;
  }

  #frame(): Frame {
    return { scene: this.#scene, view: this.#view, size: this.#size, palette: this.#palette, labels: this.#labels, focus: this.#focus };
  }

  #look(view: View): void {
    this.#fitted = false;
    this.#view = view;
    this.#looked();
  }

  /** What is painted already is shifted, and only what comes into sight is painted. */
  #pan(dx: number, dy: number): void {
    const ratio = devicePixelRatio;
    const { width, height } = this.#size;
    if (this.#areas === "all" || !Number.isInteger(dx * ratio) || !Number.isInteger(dy * ratio)) {
      this.#look(moved(this.#view, dx, dy));
      return;
    }
    this.#fitted = false;
    this.#view = moved(this.#view, dx, dy);
    this.#pen.save();
    this.#pen.resetTransform();
    this.#pen.globalCompositeOperation = "copy";
    this.#pen.drawImage(this.#canvas, dx * ratio, dy * ratio);
    this.#pen.restore();
    const before = this.#labels.map((label) => ({ ...label, area: shiftedArea(label.area, dx, dy) }));
    const waiting = this.#areas.map((area) => shiftedArea(area, dx, dy));
    this.#relabel();
    this.#tell(null);
    this.#areas = [];
    this.#repaint([
      ...waiting,
      ...differing(before, this.#labels),
      dx > 0 ? { left: 0, top: 0, right: dx, bottom: height } : { left: width + dx, top: 0, right: width, bottom: height },
      dy > 0 ? { left: 0, top: 0, right: width, bottom: dy } : { left: 0, top: height + dy, right: width, bottom: height },
    ]);
  }

  #looked(): void {
    this.#relabel();
    this.#tell(null);
    this.#repaint("all");
  }

  #setFocus(key: string | null): void {
    if (key === this.#focus) return;
    this.#focus = key;
    this.#relabel();
    this.#repaint("all");
  }

  #relabel(): void {
    this.#labelsOld = false;
    this.#labels = this.#labelling.labels(this.#scene, this.#view, this.#size, this.#palette, this.#focus);
  }

  #resize(): void {
    const ratio = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#canvas.width = Math.round(this.#size.width * ratio);
    this.#canvas.height = Math.round(this.#size.height * ratio);
    this.#pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.#fitted) this.#view = fit(this.#scene.marks, this.#size);
    this.#relabel();
    // A canvas of another size is empty: it is painted before the browser shows it.
    this.#paint("all");
  }

  #repaint(areas: Area[] | "all"): void {
    if (areas.length === 0) return;
    const all = areas === "all" || this.#areas === "all" ? "all" : [...this.#areas, ...areas];
    this.#areas = all.length > MOST_AREAS ? "all" : all;
    if (this.#next === 0) this.#next = requestAnimationFrame(() => this.#paint(this.#areas));
  }

  #paint(areas: Area[] | "all"): void {
    cancelAnimationFrame(this.#next);
    this.#next = 0;
    this.#areas = [];
    if (this.#labelsOld) this.#relabel();
    const frame = this.#frame();
    if (areas === "all") paint(this.#pen, frame, { left: 0, top: 0, right: this.#size.width, bottom: this.#size.height });
    else for (const area of areas) paint(this.#pen, frame, { left: Math.floor(area.left), top: Math.floor(area.top), right: Math.ceil(area.right), bottom: Math.ceil(area.bottom) });
  }

  #markAt(pixel: Point): Mark | null {
    let best: Mark | null = null;
    let least = Infinity;
    for (const mark of this.#scene.marks) {
      const at = toScreen(this.#view, this.#size, mark);
      const far = Math.hypot(at.x - pixel.x, at.y - pixel.y);
      if (far < least && far <= Math.max(FINGER_PX, glyphPx(this.#view.scale, mark.status))) [best, least] = [mark, far];
    }
    return best;
  }

  #strokeAt(pixel: Point): Stroke | null {
    let best: Stroke | null = null;
    let least = LINE_REACH_PX;
    for (const stroke of this.#scene.strokes) {
      const { a, b } = endsOf({ view: this.#view, size: this.#size }, stroke);
      const far = distanceTo(pixel, a, b);
      if (far <= least) [best, least] = [stroke, far];
    }
    return best;
  }

  #tell(hit: Hit | null): void {
    this.#told = hit?.kind === "mark" ? hit.key : null;
    this.#events.onHit(hit);
  }

  #point(pixel: Point | null): void {
    const mark = pixel === null ? null : this.#markAt(pixel);
    const stroke = pixel === null || mark !== null ? null : this.#strokeAt(pixel);
    this.#host.classList.toggle("over", mark !== null);
    this.#setFocus(mark?.key ?? stroke?.key ?? null);
    if (mark !== null) this.#tell({ kind: "mark", key: mark.key, pixel: toScreen(this.#view, this.#size, mark) });
    else if (stroke !== null && pixel !== null) this.#tell({ kind: "stroke", key: stroke.key, pixel });
    else this.#tell(null);
  }

  #click(pixel: Point): void {
    const mark = this.#markAt(pixel);
    if (mark !== null) this.#events.onOpen(mark.key);
    else this.#point(pixel);
  }

  #grab(pixel: Point): boolean {
    const mark = this.mayCarry ? this.#markAt(pixel) : null;
    this.#carried = mark === null || mark.status === null ? null : mark.key;
    return this.#carried !== null;
  }

  #rounded(pixel: Point): Point {
    const { x, y } = toMap(this.#view, this.#size, pixel);
    return { x: Math.round(x), y: Math.round(y) };
  }
}
