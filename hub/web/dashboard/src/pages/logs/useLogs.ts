// The network logs: the newest of the past, older ones on demand, and what comes live.

import { useHubEvent, useRoom } from "@noctule/client/hooks";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { usePage } from "../../data/context";
import { isPassing } from "../../data/queries";
import { refusalOf } from "../../data/useQuery";
import { logQuery, matcherOf, rowOf, withNew, type LogFilter, type LogRow } from "../../model/logs";

const PAGE = 200;
/** Rows that come live are shown in one go this often: a storm must not draw the page for each. */
const DRAW_MS = 250;
const RETRY_MS = 5_000;
const WAITING_MAX = 5_000;

export interface Logs {
  readonly rows: readonly LogRow[];
  readonly waiting: number;
  /** Rows that came too fast to be told live; a new search finds them. */
  readonly skipped: number;
  readonly more: boolean;
  readonly loading: boolean;
  readonly trouble: string | null;
  readonly older: () => void;
  readonly again: () => void;
}

interface Past {
  items: LogRow[];
  nextCursor: string | null;
}

export function useLogs(filter: LogFilter, paused: boolean): Logs {
  const { live } = usePage();
  const [rows, setRows] = useState<readonly LogRow[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(0);
  const [skipped, setSkipped] = useState(0);
  const [loading, setLoading] = useState(true);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [asked, setAsked] = useState(0);
  const came = useRef<LogRow[]>([]);
  const query = logQuery(filter, PAGE);
  const matches = useMemo(() => matcherOf(filter), [query]);
  useRoom("logs");
  useHubEvent("network:log", (event) => {
    const row = rowOf(event);
    if (row === null || !matches(row)) return;
    came.current.push(row);
    if (came.current.length > WAITING_MAX) setSkipped((before) => before + came.current.splice(0, came.current.length - WAITING_MAX).length);
  });
  useHubEvent("logs:skipped", ({ room, count }) => {
    if (room === "logs") setSkipped((before) => before + count);
  });

  useEffect(() => {
    let over = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    came.current = [];
    setLoading(true);
    setWaiting(0);
    setSkipped(0);
    live
      .get<Past>(`/logs?${query}`)
      .then(({ items, nextCursor }) => {
        if (over) return;
        setRows(items);
        setCursor(nextCursor);
        setTrouble(null);
      })
      .catch((error: unknown) => {
        if (over) return;
        const { message, status } = refusalOf(error);
        setTrouble(message);
        if (isPassing(status)) retry = setTimeout(() => setAsked((times) => times + 1), RETRY_MS);
      })
      .finally(() => {
        if (!over) setLoading(false);
      });
    return () => {
      over = true;
      clearTimeout(retry);
    };
  }, [live, query, asked]);

  // What came while there was no link was not told: it is read again, once nobody reads what is there.
  const missed = useRef(false);
  useEffect(
    () =>
      live.client.onGap(({ rooms }) => {
        if (rooms.includes("logs")) missed.current = true;
      }),
    [live],
  );

  useEffect(() => {
    const timer = setInterval(() => {
      setWaiting(paused ? came.current.length : 0);
      if (!paused && missed.current) {
        missed.current = false;
        setAsked((times) => times + 1);
      }
      if (paused || came.current.length === 0) return;
      const fresh = came.current;
      came.current = [];
      setRows((before) => withNew(before, fresh));
    }, DRAW_MS);
    return () => clearInterval(timer);
  }, [paused]);

  const older = useCallback(() => {
    if (cursor === null || loading) return;
    setLoading(true);
    live
      .get<Past>(`/logs?${query}&cursor=${encodeURIComponent(cursor)}`)
      .then(({ items, nextCursor }) => {
        setRows((before) => [...before, ...items]);
        setCursor(nextCursor);
      })
      .catch((error: unknown) => setTrouble(refusalOf(error).message))
      .finally(() => setLoading(false));
  }, [live, query, cursor, loading]);
  const again = useCallback(() => setAsked((times) => times + 1), []);
  return { rows, waiting, skipped, more: cursor !== null, loading, trouble, older, again };
}
