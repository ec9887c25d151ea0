// The end of what is drawn of a list, which tells when it comes near.

import { useEffect, useRef, type ReactNode } from "react";

const NEAR = "800px";

/** Give it a `key` that changes with what is drawn: an end that is still near tells again. */
export function NearEnd({ onNear }: { onNear: () => void }): ReactNode {
  const mark = useRef<HTMLDivElement>(null);
  const newest = useRef(onNear);
  useEffect(() => {
    newest.current = onNear;
  });
  useEffect(() => {
    const element = mark.current;
    if (element === null) return undefined;
    const sight = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && newest.current(), { root: element.parentElement, rootMargin: NEAR });
    sight.observe(element);
    return () => sight.disconnect();
  }, []);
  return <div ref={mark} aria-hidden="true" />;
}
