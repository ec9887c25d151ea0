// What is typed and not saved: whoever is about to lose it is asked once. The question itself is `parts/Discard`.

import { useEffect, useRef, useState, type RefObject } from "react";

import { askBeforeBack } from "./entries";
import { Observable } from "./observable";

/** Where something is lost: in these parts of the page, or in all of it. */
export type Lost = readonly Node[] | "all";

interface Leaving {
  readonly act: () => void;
  readonly lost: Lost;
}

const held = new Set<Node>();
/** What is to be done once what was typed may go; null: nobody is asked. */
export const leaving = new Observable<Leaving | null>(null);

const heldIn = (lost: Lost): Node[] => [...held].filter((form) => lost === "all" || lost.some((part) => part.contains(form)));

export const isUnsaved = (lost: Lost): boolean => heldIn(lost).length > 0;

/** Does what loses parts of the page: at once where nothing was typed in them, else when a person lets that go. */
export function leave(act: () => void, lost: Lost): void {
  if (isUnsaved(lost)) leaving.set({ act, lost });
  else act();
}

export function stay(): void {
  leaving.set(null);
}

export function discard(): void {
  const asked = leaving.get();
  if (asked === null) return;
  for (const form of heldIn(asked.lost)) held.delete(form);
  leaving.set(null);
  // The question gives the focus back before what it was asked of goes.
  setTimeout(asked.act);
}

/** Holds a form while what is typed into it is not saved. */
export function useHold(form: RefObject<HTMLElement | null>, unsaved: boolean): void {
  useEffect(() => {
    const element = form.current;
    if (!unsaved || element === null) return undefined;
    held.add(element);
    return () => void held.delete(element);
  }, [form, unsaved]);
}

/** Returns what a form takes to be held from its first change until it is saved; while it is being saved it is not. */
export function useUnsaved({ busy, refusal }: { busy: boolean; refusal: object | null }): { ref: RefObject<HTMLFormElement | null>; onChange: () => void } {
  const form = useRef<HTMLFormElement>(null);
  const [changed, setChanged] = useState(false);
  const sent = useRef(false);
  useEffect(() => {
    if (!busy && sent.current && refusal === null) setChanged(false);
    sent.current = busy;
  }, [busy, refusal]);
  useHold(form, changed && !busy);
  return { ref: form, onChange: () => setChanged(true) };
}

askBeforeBack((lost, act) => {
  if (!isUnsaved(lost)) return false;
  leaving.set({ act, lost });
  return true;
});
// The browser asks in its own words before the whole page goes.
window.addEventListener("beforeunload", (event) => {
  if (isUnsaved("all")) event.preventDefault();
});
