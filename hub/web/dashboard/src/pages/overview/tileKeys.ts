// The tiles are one stop of the Tab key, from which the arrow keys go on: the roving tabindex of the ARIA practices' grid.
//
// They stay links, so that screen readers tell them as what they are. The stop is set on the elements themselves: there
// may be thousands, and none is drawn anew for it.

import { useEffect, type RefObject } from "react";

import { tileStep } from "../../model/tileSteps";

const TILE = ".tile";

export function useTileKeys(section: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = section.current;
    if (root === null) return undefined;
    let stop: HTMLElement | null = null;
    const stopAt = (tile: HTMLElement | null): void => {
      if (stop !== null) stop.tabIndex = -1;
      if (tile !== null) tile.tabIndex = 0;
      stop = tile;
    };
    const keep = (): void => {
      if (stop === null || !root.contains(stop)) stopAt(root.querySelector<HTMLElement>(TILE));
    };
    const onFocus = (event: FocusEvent): void => {
      if (event.target instanceof HTMLElement && event.target.matches(TILE)) stopAt(event.target);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (stop === null || event.target !== stop || event.altKey || event.metaKey || event.shiftKey) return;
      const tiles = root.querySelectorAll<HTMLElement>(TILE);
      const boxOf = (index: number): DOMRect => (tiles[index] as HTMLElement).getBoundingClientRect();
      const to = tileStep(event.key, event.ctrlKey, [...tiles].indexOf(stop), tiles.length, boxOf);
      if (to === null) return;
      event.preventDefault();
      tiles[to]?.focus();
    };
    // Tiles come and go by themselves, and the one that is the stop may be among them.
    const watch = new MutationObserver(keep);
    watch.observe(root, { childList: true, subtree: true });
    root.addEventListener("focusin", onFocus);
    root.addEventListener("keydown", onKey);
    keep();
    return () => {
      watch.disconnect();
      root.removeEventListener("focusin", onFocus);
      root.removeEventListener("keydown", onKey);
    };
  }, [section]);
}
