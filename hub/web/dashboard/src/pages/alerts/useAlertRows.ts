// The alerts as they are listed: what is open comes live, what is over page by page, each at the place that it had.

import type { AlertEvent } from "@noctule/client";
import { useAlerts } from "@noctule/client/hooks";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useObservable, usePage } from "../../data/context";
import { refusalOf } from "../../data/useQuery";
import { alertQuery, hold, inPlace, isOpen, NOTHING_HELD, ordered, passes, type AlertFilter, type Held } from "../../model/alertList";
import type { Group } from "../../model/firing";

const PAGE = 100;
/** Alerts that ended while the list is open and stay where they were; the oldest are dropped. */
const ENDED_MAX = 1_000;

export interface AlertRows {
  readonly groups: readonly Group[];
  /** Groups that came while somebody reads. */
  readonly waiting: number;
  readonly loading: boolean;
  /** There are older ones. */
  readonly more: boolean;
  readonly trouble: string | null;
  readonly letIn: () => void;
  readonly older: () => void;
  /** Reads again what could not be read. */
  readonly retry: () => void;
}

interface AlertPage {
  readonly items: readonly AlertEvent[];
  readonly nextCursor: string | null;
}

const NO_PAST: AlertPage = { items: [], nextCursor: null };

/** `reading`: nothing may move. */
export function useAlertRows(filter: AlertFilter, userId: number | null, reading: boolean): AlertRows {
  const { live } = usePage();
  const { journal } = live;
  const open = useObservable(journal.alerts);
  const load = useObservable(journal.alertsLoad);
  const ended = useEnded();
  const query = alertQuery(filter, userId, PAGE);
  const past = usePast(filter.all ? query : null);
  const held = useRef<{ query: string; order: Held }>({ query: "", order: NOTHING_HELD });
  const [asked, setAsked] = useState(0);
  const letInAt = useRef(asked);
  const view = useMemo(() => {
    const order = held.current.query === query ? held.current.order : NOTHING_HELD;
    const stays = reading && letInAt.current === asked && order.places.size > 0;
    const alerts = new Map(past.items.map((alert) => [alert.id, alert]));
    for (const alert of ended.values()) if (filter.all || (stays && order.places.has(alert.id))) alerts.set(alert.id, alert);
    // What is open and older than the last page stands on a page that is yet to be read.
    const oldestId = filter.all && past.nextCursor !== null ? (past.items.at(-1)?.id ?? 0) : 0;
    for (const alert of open.values()) if (alert.id >= oldestId) alerts.set(alert.id, alert);
    const groups = ordered([...alerts.values()].filter((alert) => passes(filter, alert, userId) || (stays && order.places.has(alert.id))), filter.all);
    return stays ? inPlace(groups, order) : { groups, waiting: 0 };
    // The query stands for the filter.
  }, [query, userId, past.items, past.nextCursor, ended, open, reading, asked]);
  useEffect(() => {
    letInAt.current = asked;
    // While somebody reads, what is shown is what is held; otherwise the places are those of now.
    held.current = { query, order: hold(view.groups) };
  }, [query, view, asked]);
  return {
    ...view,
    loading: filter.all ? past.loading : load.phase === "loading",
    more: past.nextCursor !== null,
    trouble: past.trouble ?? (load.phase === "failed" ? load.message : null),
    letIn: useCallback(() => setAsked((times) => times + 1), []),
    older: past.older,
    retry: filter.all ? past.again : () => void live.reloadAlerts(),
  };
}

/** Returns the alerts that ended since the list was opened, as they ended. */
function useEnded(): ReadonlyMap<number, AlertEvent> {
  const [ended, setEnded] = useState<ReadonlyMap<number, AlertEvent>>(new Map());
  useAlerts(
    (alert) => {
      if (alert.test === true || isOpen(alert)) return;
      setEnded((before) => new Map([...[...before].slice(-ENDED_MAX), [alert.id, alert]]));
    },
    { updates: true },
  );
  return ended;
}

/** Reads the pages of a query, null: none. */
function usePast(query: string | null): AlertPage & { loading: boolean; trouble: string | null; older: () => void; again: () => void } {
  const { live } = usePage();
  const [past, setPast] = useState<{ query: string | null; page: AlertPage }>({ query: null, page: NO_PAST });
  const [loading, setLoading] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const wanted = useRef(query);
  wanted.current = query;
  const read = useCallback(
    async (asked: string, cursor: string | null): Promise<void> => {
      setLoading(true);
      try {
        const page = await live.get<AlertPage>(`/alerts?${asked}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
        if (wanted.current !== asked) return;
        setPast((before) => ({ query: asked, page: { items: cursor === null ? page.items : [...before.page.items, ...page.items], nextCursor: page.nextCursor } }));
        setTrouble(null);
      } catch (error) {
        if (wanted.current === asked) setTrouble(refusalOf(error).message);
      } finally {
        if (wanted.current === asked) setLoading(false);
      }
    },
    [live],
  );
  useEffect(() => {
    setTrouble(null);
    if (query !== null) void read(query, null);
  }, [query, read]);
  const page = past.query === query ? past.page : NO_PAST;
  return {
    ...page,
    loading: query !== null && (loading || (past.query !== query && trouble === null)),
    trouble: query === null ? null : trouble,
    again: useCallback(() => {
      if (query !== null) void read(query, null);
    }, [query, read]),
    older: useCallback(() => {
      if (query !== null && page.nextCursor !== null && !loading) void read(query, page.nextCursor);
    }, [query, page.nextCursor, loading, read]),
  };
}
