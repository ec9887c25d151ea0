// Answers of the hub as components show them, and what people send to it.

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { EventName } from "@noctule/client";

import { usePage } from "./context";
import { HttpError } from "./http";
import type { Answer, Watch } from "./queries";

export type { Answer } from "./queries";

const LOADING: Answer<never> = { phase: "loading" };
const nothing = (): void => undefined;

/** Returns the answer of an address under /api/v1, e.g. `/rules?limit=200`; null asks for nothing. */
export function useQuery<T>(path: string | null, watch: { everyMs?: number; on?: readonly EventName[] } = {}): Answer<T> {
  const { queries } = usePage().live;
  const { everyMs, on } = watch;
  const names = on?.join(" ") ?? "";
  const kept = useMemo<Watch>(
    () => ({
      ...(everyMs === undefined ? {} : { everyMs }),
      ...(names === "" ? {} : { on: names.split(" ") as EventName[] }),
    }),
    [everyMs, names],
  );
  useEffect(() => (path === null ? undefined : queries.watch(path, kept)), [queries, path, kept]);
  const answer = path === null ? null : queries.answer<T>(path);
  return useSyncExternalStore(answer?.listen ?? (() => nothing), answer?.get ?? (() => LOADING));
}

/** Why the hub did not take something; `field` is the part of what was sent that it names. */
export interface Refusal {
  readonly message: string;
  readonly field: string | null;
  readonly status: number;
}

export interface Action<A extends unknown[]> {
  /** Returns whether it was done. */
  readonly run: (...given: A) => Promise<boolean>;
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  readonly forgive: () => void;
}

/** Wraps what a person does: once at a time, and a refusal to show beside what caused it. */
export function useAction<A extends unknown[]>(work: (...given: A) => Promise<unknown>): Action<A> {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const newest = useRef(work);
  const running = useRef(false);
  useEffect(() => {
    newest.current = work;
  });
  const run = useCallback(async (...given: A): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setRefusal(null);
    try {
      await newest.current(...given);
      return true;
    } catch (error) {
      setRefusal(refusalOf(error));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { run, busy, refusal, forgive: useCallback(() => setRefusal(null), []) };
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof HttpError) return { message: error.message, field: error.field, status: error.status };
  return { message: error instanceof Error ? error.message : String(error), field: null, status: 0 };
}
