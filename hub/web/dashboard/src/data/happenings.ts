// What happened to one device and what it logged, newest first: the past once, then as it comes.

import { useNetworkLogs } from "@noctule/client/hooks";
import { useEffect, useMemo, useState } from "react";

import { rowOf, withNew, type LogRow } from "../model/logs";
import { useObservable, usePage } from "./context";
import { KIND_BY_EVENT, type Entry, type Happening } from "./journal";
import { useQuery } from "./useQuery";

const MOST = 50;

export type Line = { readonly kind: "event"; readonly key: string; readonly atMs: number; readonly entry: Entry } | { readonly kind: "log"; readonly key: string; readonly atMs: number; readonly row: LogRow };

export interface Happenings {
  readonly lines: readonly Line[];
  readonly loading: boolean;
  readonly trouble: string | null;
}

/** Holding the device's room, in which its logs come, is left to who shows them. */
export function useHappenings(deviceId: number): Happenings {
  const names = Object.keys(KIND_BY_EVENT).join(",");
  const events = useQuery<{ items: { seq: number; name: string; data: object }[] }>(`/events?device=${deviceId}&names=${names}&limit=${MOST}`);
  const logs = useQuery<{ items: LogRow[] }>(`/logs?device=${deviceId}&limit=${MOST}`);
  const entries = useObservable(usePage().live.journal.entries);
  const [came, setCame] = useState<readonly LogRow[]>([]);
  useEffect(() => setCame([]), [deviceId]);
  useNetworkLogs((event) => {
    const row = event.deviceId === deviceId ? rowOf(event) : null;
    if (row !== null) setCame((before) => withNew(before, [row]).slice(0, MOST));
  });
  const lines = useMemo(() => {
    const found = new Map<string, Line>();
    for (const row of [...came, ...(logs.phase === "ready" ? logs.data.items : [])]) {
      found.set(`l${row.seq}`, { kind: "log", key: `l${row.seq}`, atMs: Date.parse(row.timestamp), row });
    }
    for (const { seq, name, data } of events.phase === "ready" ? events.data.items : []) {
      const kind = KIND_BY_EVENT[name];
      if (kind === undefined) continue;
      const happening = { kind, event: { ...data, seq } } as Happening;
      const atMs = Date.parse(happening.event.timestamp);
      found.set(`s${seq}`, { kind: "event", key: `s${seq}`, atMs, entry: { ...happening, key: `s${seq}`, atMs } });
    }
    for (const entry of entries) {
      if (entry.kind === "agent" || entry.event.deviceId !== deviceId) continue;
      found.set(entry.key, { kind: "event", key: entry.key, atMs: entry.atMs, entry });
    }
    return [...found.values()].sort((a, b) => b.atMs - a.atMs).slice(0, MOST);
  }, [came, logs, events, entries, deviceId]);
  const trouble = [events, logs].flatMap((answer) => (answer.phase === "failed" ? answer.message : []))[0] ?? null;
  return { lines, loading: events.phase === "loading" || logs.phase === "loading", trouble };
}
