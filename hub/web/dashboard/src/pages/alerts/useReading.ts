// Whether somebody reads a list, so that it must not move: it is scrolled, or was touched just now.

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

const TOUCHED_MS = 6_000;
const AWAY_PX = 16;
const TOUCHES = ["pointermove", "pointerdown", "keydown", "focusin", "wheel"] as const;

export function useReading(scroller: RefObject<HTMLElement | null>): { now: boolean; over: () => void } {
  const [now, setNow] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const over = useCallback(() => {
    clearTimeout(timer.current);
    setNow(false);
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const isAway = (): boolean => element.scrollTop > AWAY_PX;
    const touched = (): void => {
      setNow(true);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setNow(isAway()), TOUCHED_MS);
    };
    const scrolled = (): void => {
      if (isAway()) touched();
    };
    for (const name of TOUCHES) element.addEventListener(name, touched, { passive: true });
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      clearTimeout(timer.current);
      for (const name of TOUCHES) element.removeEventListener(name, touched);
      element.removeEventListener("scroll", scrolled);
    };
  }, [scroller]);
  return { now, over };
}
