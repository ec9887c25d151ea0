// A measurement history as a chart needs it: read whole once, and while it is live only what is new.

import { useEffect, useMemo, useState } from "react";

import { joined, since, type Columns } from "../model/series";
import { historyQuery, type Span } from "../model/span";
import { usePage } from "./context";
import { messageOf } from "./session";

/** What is live is completed this often; steps no more often than one of them takes. */
const TAIL_MS = 10_000;
const MOST_TAIL_MS = 300_000;
const RETRY_MS = 5_000;

export interface History<C> {
  /** null: still being read, or it could not be read. */
  readonly columns: C | null;
  readonly trouble: string | null;
}

/** Reads `/devices/7/latency` and its like. `path` null: nothing. The span's length and end decide what is read. */
export function useHistory<C extends Columns>(path: string | null, span: Span, points: number): History<C> {
  const { live } = usePage();
  const [kept, setKept] = useState<History<C> & { key: string }>({ key: "", columns: null, trouble: null });
  const lengthMs = span.toMs - span.fromMs;
  // A live span moves on by itself: it stays the same question.
  const key = `${path} ${points} ${span.live ? `live ${lengthMs}` : `${span.fromMs} ${span.toMs}`}`;
  useEffect(() => {
    if (path === null) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let columns: C | null = null;
    const read = async (whole: boolean): Promise<void> => {
      clearTimeout(timer);
      const toMs = Math.max(span.toMs, span.live ? Date.now() : 0);
      const lastMs = columns?.tsMs.at(-1);
      const tail = !whole && columns !== null && columns.stepS === null && lastMs !== undefined && toMs - lastMs < lengthMs / 2;
      const asked: Span = span.live ? { fromMs: tail ? lastMs : toMs - lengthMs, toMs, live: true } : span;
      let waitMs = TAIL_MS;
      try {
        const found = await live.get<C>(`${path}?${historyQuery(asked, points)}`);
        if (over) return;
        columns = tail && columns !== null && found.stepS === null ? { ...since(joined(columns, found), toMs - lengthMs), gaps: columns.gaps } : found;
        setKept({ key, columns, trouble: null });
        waitMs = Math.min(MOST_TAIL_MS, Math.max(TAIL_MS, (columns.stepS ?? 0) * 1000));
      } catch (error) {
        if (over) return;
        const had = columns;
        setKept({ key, columns: had, trouble: messageOf(error) });
        waitMs = RETRY_MS;
        if (!span.live && had !== null) return;
      }
      if (span.live || columns === null) timer = setTimeout(() => void read(false), waitMs);
    };
    void read(true);
    let wasLive = live.client.state.phase === "live";
    const forget = live.client.onStateChange(({ phase }) => {
      // What was measured meanwhile was not told: all is read again.
      if (phase === "live" && !wasLive) void read(true);
      wasLive = phase === "live";
    });
    return () => {
      over = true;
      clearTimeout(timer);
      forget();
    };
    // The key stands for the path, the points and the span.
  }, [live, key]);
  return useMemo(() => (kept.key === key ? kept : { columns: kept.key.split(" ")[0] === key.split(" ")[0] ? kept.columns : null, trouble: null }), [kept, key]);
}
