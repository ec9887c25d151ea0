// The keyboard: what each key does on the page. Typing in a field is left to the field.

import { useEffect, useRef } from "react";

/** Returns whether keys belong to what has the focus, or to a chord of the browser's own. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  // What lies under a dialog is out of reach for the mouse too.
  if (document.querySelector("dialog:modal") !== null) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  // Nothing is typed into a box that is ticked.
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/u.test(target.type)) return false;
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
