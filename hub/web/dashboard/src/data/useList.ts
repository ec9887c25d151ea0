// A list that grows while somebody scrolls to its end.

import type { EventName } from "@noctule/client";
import { useCallback, useEffect, useRef, useState } from "react";

import { MAX_PAGES } from "./live";
import { useQuery, type Answer } from "./useQuery";

interface Items<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface List<T> {
  /** The pages read so far as one; they are read anew together, so that no row is of another time than the rest. */
  readonly answer: Answer<Items<T>>;
  /** The hub has more than is listed. */
  readonly more: boolean;
  /** Reads on. Each time as much again, so that reading all anew does not add up; 20 pages are the most. */
  readonly older: () => void;
}

export function useList<T>(path: string, watch: { everyMs?: number; on?: readonly EventName[] } = {}): List<T> {
  const [depth, setDepth] = useState({ path, pages: 1 });
  const pages = depth.path === path ? depth.pages : 1;
  const asked = useQuery<Items<T>>(`${path}#${pages}`, watch);
  const before = useRef<{ path: string; answer: Answer<Items<T>> } | null>(null);
  useEffect(() => {
    if (asked.phase === "ready") before.current = { path, answer: asked };
  }, [path, asked]);
  const kept = before.current?.path === path ? before.current.answer : null;
  // While more is read, what was there stays.
  const answer = asked.phase === "loading" && kept !== null ? kept : asked;
  const more = answer.phase === "ready" && answer.data.nextCursor !== null;
  const ready = asked.phase === "ready" && more;
  const older = useCallback(() => {
    if (ready) setDepth({ path, pages: Math.min(pages * 2, MAX_PAGES) });
  }, [ready, path, pages]);
  return { answer, more, older };
}
