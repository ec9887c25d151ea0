// A text that the time alone changes. It writes itself: a second costs no more than the few texts that are other ones.

import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";

import { currentMs, listenToClock } from "../data/clock";

/** `read` says what stands there at a time, in epoch milliseconds. */
export function Ticking({ read, className }: { read: (nowMs: number) => string; className?: string }): ReactNode {
  const span = useRef<HTMLSpanElement>(null);
  const newest = useRef(read);
  useLayoutEffect(() => {
    newest.current = read;
    write(span.current, read(currentMs()));
  });
  useEffect(() => listenToClock(() => write(span.current, newest.current(currentMs()))), []);
  return <span ref={span} {...(className === undefined ? {} : { className })} />;
}

function write(span: HTMLSpanElement | null, words: string): void {
  if (span === null || span.textContent === words) return;
  // The text of a node is exchanged for less than the node.
  if (span.firstChild instanceof Text) span.firstChild.data = words;
  else span.textContent = words;
}
