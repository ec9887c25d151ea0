// What hands do on the map: drag, pinch, wheel, click. What follows is left to whoever listens.

import type { Point } from "../../model/topology/answer";

export interface Hands {
  /** Returns whether what is under the pixel is taken along instead of the map. */
  readonly grab: (pixel: Point) => boolean;
  readonly carry: (pixel: Point) => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly zoom: (pixel: Point, factor: number) => void;
  readonly point: (pixel: Point | null) => void;
  readonly click: (pixel: Point) => void;
}

/** Shorter than this is a click, in pixels. */
const CLICK_PX = 5;
const WHEEL_STEP = 0.0016;
/** Pixels of a wheel that counts in lines. */
const LINE_PX = 32;

/** Listens on an element; returns what ends that. */
export function listen(element: HTMLElement, hands: Hands): () => void {
  const pointers = new Map<number, Point>();
  let grabbed = false;
  let travelPx = 0;
  const pixelOf = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const pixel = pixelOf(event);
    pointers.set(event.pointerId, pixel);
    if (pointers.size === 1) {
      travelPx = 0;
      grabbed = hands.grab(pixel);
    } else {
      travelPx = Infinity;
      grabbed = false;
    }
  };
  const move = (event: PointerEvent): void => {
    const pixel = pixelOf(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      hands.point(pixel);
      return;
    }
    travelPx += Math.hypot(pixel.x - before.x, pixel.y - before.y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) pinch(before, pixel, other);
    else if (travelPx < CLICK_PX) return;
    else if (grabbed) hands.carry(pixel);
    else hands.pan(pixel.x - before.x, pixel.y - before.y);
    pointers.set(event.pointerId, pixel);
  };
  const pinch = (before: Point, now: Point, other: Point): void => {
    const [apart, apartNow] = [Math.hypot(before.x - other.x, before.y - other.y), Math.hypot(now.x - other.x, now.y - other.y)];
    hands.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    if (apart > 0 && apartNow > 0) hands.zoom({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, apartNow / apart);
  };
  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (event.type === "pointerup" && pointers.size === 0 && travelPx < CLICK_PX) hands.click(pixelOf(event));
  };
  const leave = (): void => hands.point(null);
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    if (event.shiftKey && !event.ctrlKey) hands.pan(-(event.deltaX + event.deltaY) * unit, 0);
    // A pinch on a touchpad arrives as a wheel with Ctrl, in small steps.
    else hands.zoom(pixelOf(event), Math.exp(-event.deltaY * unit * WHEEL_STEP * (event.ctrlKey ? 5 : 1)));
  };
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, pointerleave: leave, wheel } as Record<string, (event: never) => void>;
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener as EventListener, { passive: false });
  return () => {
    for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener as EventListener);
  };
}
