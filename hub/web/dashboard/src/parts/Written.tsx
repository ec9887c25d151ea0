// Texts that write themselves: a change costs no more than the few texts that are other ones.

import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";

import { currentMs, listenToClock } from "../data/clock";

/** `read` says what stands there; it is asked again whenever `listen` tells. */
export function Written({ listen, read, className }: { listen: (listener: () => void) => () => void; read: () => string; className?: string }): ReactNode {
  const span = useRef<HTMLSpanElement>(null);
  const newest = useRef(read);
  useLayoutEffect(() => {
    newest.current = read;
    write(span.current, read());
  });
  useEffect(() => {
    const show = (): void => write(span.current, newest.current());
    // What has been told since it was drawn.
    show();
    return listen(show);
  }, [listen]);
  return <span ref={span} {...(className === undefined ? {} : { className })} />;
}

/** A text that the time alone changes; `read` says what stands there at a time, in epoch milliseconds. */
export function Ticking({ read, className }: { read: (nowMs: number) => string; className?: string }): ReactNode {
  return <Written listen={listenToClock} read={() => read(currentMs())} {...(className === undefined ? {} : { className })} />;
}

function write(span: HTMLSpanElement | null, words: string): void {
  if (span === null || span.textContent === words) return;
  // The text of a node is exchanged for less than the node.
  if (span.firstChild instanceof Text) span.firstChild.data = words;
  else span.textContent = words;
}
