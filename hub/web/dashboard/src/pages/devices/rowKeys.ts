// Going through the list by keyboard.

import { useRef, type RefObject } from "react";

import { at, go } from "../../data/route";
import { useKeys } from "../../parts/keys";
import type { Item } from "./listOrder";

/** A row that is not drawn in so many is not in the list any more. */
const FRAMES_MAX = 120;

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
    if (key === "Enter" && aim.current !== null) {
      // Faster than the focus: what it is on its way to is meant.
      go(at("devices", aim.current));
      aim.current = null;
      return;
    }
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
    if (openId !== null) go(at("devices", item.id), { replace: true });
    aim.current = item.id;
    let frames = 0;
    const arrive = (): void => {
      if (aim.current !== item.id) return;
      frames += 1;
      const link = element.querySelector<HTMLElement>(`[data-device-id="${item.id}"] a`);
      // A busy browser draws the row later: without the aim the next key would begin at the top again.
      if (link === null && frames < FRAMES_MAX) requestAnimationFrame(arrive);
      else {
        aim.current = null;
        link?.focus({ preventScroll: true });
      }
    };
    requestAnimationFrame(arrive);
  });
}

function reveal(element: HTMLElement, topPx: number, rowPx: number): void {
  const headPx = element.querySelector<HTMLElement>(".heads")?.offsetHeight ?? 0;
  const seenPx = element.clientHeight - headPx;
  if (topPx < element.scrollTop) element.scrollTop = topPx;
  else if (topPx + rowPx > element.scrollTop + seenPx) element.scrollTop = topPx + rowPx - seenPx;
}
