// How wide something is drawn, as it changes.

import { useLayoutEffect, useState, type RefObject } from "react";

/** Returns the width in pixels; `otherwise` until it is known. */
export function useWidth(of: RefObject<HTMLElement | null>, otherwise: number): number {
  const [widthPx, setWidthPx] = useState(otherwise);
  useLayoutEffect(() => {
    const element = of.current;
    if (element === null) return undefined;
    const measure = (): void => setWidthPx(element.clientWidth);
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [of]);
  return widthPx;
}
