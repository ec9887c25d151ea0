// Which part of a long list is looked at.

import { useLayoutEffect, useState, type RefObject } from "react";

import { useMedia } from "../data/media";

const OVERSCAN = 8;

/** So many rows are printed at most: some hundred pages. */
const PRINTED_MAX = 5_000;

/** Returns which rows are in sight, with a few beyond either edge; on paper all are. */
export function useView(scroller: RefObject<HTMLDivElement | null>, rowPx: number, count: number): { from: number; to: number } {
  const printing = useMedia("print");
  // No more than the window holds, until it is measured: each row is a dozen elements.
  const [range, setRange] = useState(() => ({ from: 0, to: Math.ceil(window.innerHeight / rowPx) + OVERSCAN }));
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const from = Math.max(0, Math.floor(element.scrollTop / rowPx) - OVERSCAN);
      const to = Math.ceil((element.scrollTop + element.clientHeight) / rowPx) + OVERSCAN;
      setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, rowPx, count]);
  return printing ? { from: 0, to: Math.min(count, PRINTED_MAX) } : range;
}
