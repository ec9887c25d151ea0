// The keyboard: what each key does on the page. Typing in a field is left to the field.

import { useEffect, useRef, type RefObject } from "react";

import { go } from "../data/route";
import type { Item } from "./listOrder";

/** Returns whether keys belong to what has the focus, or to a chord of the browser's own. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/u.test(target.tagName);
}

/** Calls `act` for each key that nobody types. `act` is told the key before, for chords such as `g d`. */
export function useKeys(act: (key: string, before: string, event: KeyboardEvent) => void): void {
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  useEffect(() => {
    let before = "";
    let beforeMs = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event)) return;
      newest.current(event.key, event.timeStamp - beforeMs < 1000 ? before : "", event);
      before = event.key;
      beforeMs = event.timeStamp;
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** `j` and `k` move the focus from row to row; with a device open beside the list they open the next one. */
export function useRowKeys(
  items: readonly Item[],
  openId: number | null,
  scroller: RefObject<HTMLDivElement | null>,
  rowPx: number,
): void {
  // The row that the focus is on its way to: it may be drawn only after the list has scrolled to it.
  const aim = useRef<number | null>(null);
  useKeys((key, _before, event) => {
    if (key !== "j" && key !== "k") return;
    const element = scroller.current;
    if (element === null) return;
    const focused = document.activeElement?.closest<HTMLElement>(".device-row")?.dataset["deviceId"];
    const current = aim.current ?? (focused === undefined ? openId : Number(focused));
    const index = items.findIndex((item) => item.kind === "device" && item.id === current);
    const step = key === "j" ? 1 : -1;
    let next = index < 0 ? 0 : index + step;
    while (items[next]?.kind === "site") next += step;
    const item = items[next];
    if (item?.kind !== "device") return;
    event.preventDefault();
    reveal(element, next * rowPx, rowPx);
    if (openId !== null) go({ page: "devices", deviceId: item.id }, { replace: true });
    aim.current = item.id;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (aim.current !== item.id) return;
        aim.current = null;
        element.querySelector<HTMLElement>(`[data-device-id="${item.id}"] a`)?.focus({ preventScroll: true });
      }),
    );
  });
}

function reveal(element: HTMLElement, topPx: number, rowPx: number): void {
  const headPx = element.querySelector<HTMLElement>(".heads")?.offsetHeight ?? 0;
  const seenPx = element.clientHeight - headPx;
  if (topPx < element.scrollTop) element.scrollTop = topPx;
  else if (topPx + rowPx > element.scrollTop + seenPx) element.scrollTop = topPx + rowPx - seenPx;
}
