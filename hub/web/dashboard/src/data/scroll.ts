// How far the lists of each place were scrolled, so that the way back leads to the line that one left.

import { useEffect } from "react";

import { listenToMoves } from "./entries";

/** Lists are often read anew before they are as high as they were. */
const PATIENCE_MS = 3_000;
const KEPT_PLACES = 50;
const WITHIN_PX = 2;

/** By place, then by the first class of what scrolls there. */
const places = new Map<string, Map<string, number>>();
let here = "";
let going: (() => void) | null = null;

const nameOf = (box: Element): string => box.classList.item(0) ?? "";
const firstWord = (): string => location.pathname.split("/")[1] ?? "";
let page = firstWord();

function placeOf(key: string): Map<string, number> {
  const known = places.get(key) ?? new Map<string, number>();
  places.delete(key);
  places.set(key, known);
  for (const old of places.keys()) if (places.size > KEPT_PLACES) places.delete(old);
  return known;
}

listenToMoves((move) => {
  if (move.kind === "same") return;
  going?.();
  const stays = firstWord() === page;
  page = firstWord();
  const was = placeOf(here);
  here = move.to;
  // A list that stays on the screen stays where it is, whatever is opened and closed beside it.
  if (stays) for (const [name, topPx] of was) placeOf(here).set(name, topPx);
  else if (move.kind === "again") goBackTo(placeOf(here));
});

function onScroll({ target }: Event): void {
  if (going !== null || !(target instanceof HTMLElement) || target.closest("#content") === null) return;
  const name = nameOf(target);
  if (name !== "") placeOf(here).set(name, target.scrollTop);
}

/** Scrolls what there is to where it was, as soon as it is high enough; gives up when somebody scrolls. */
function goBackTo(place: ReadonlyMap<string, number>): void {
  const wanted = new Map([...place].filter(([, topPx]) => topPx > 0));
  if (wanted.size === 0) return;
  const untilMs = performance.now() + PATIENCE_MS;
  let frame = 0;
  const stop = (): void => {
    cancelAnimationFrame(frame);
    for (const gesture of GESTURES) window.removeEventListener(gesture, stop, true);
    going = null;
  };
  const step = (): void => {
    for (const [name, topPx] of wanted) {
      const box = document.querySelector(`#content .${CSS.escape(name)}`);
      if (box === null) continue;
      box.scrollTop = topPx;
      if (Math.abs(box.scrollTop - topPx) <= WITHIN_PX) wanted.delete(name);
    }
    if (wanted.size === 0 || performance.now() > untilMs) stop();
    else frame = requestAnimationFrame(step);
  };
  for (const gesture of GESTURES) window.addEventListener(gesture, stop, true);
  going = stop;
  frame = requestAnimationFrame(step);
}

const GESTURES = ["wheel", "pointerdown", "touchstart", "keydown"] as const;

/** Remembers where things are scrolled to while the page is shown. */
export function useScrollMemory(): void {
  useEffect(() => {
    document.addEventListener("scroll", onScroll, { capture: true, passive: true });
    return () => {
      going?.();
      document.removeEventListener("scroll", onScroll, { capture: true });
    };
  }, []);
}
