// What happened to a device within a time, as marks of its charts: alerts, changes of its state, reboots.

import type { AlertEvent, DeviceStatusEvent } from "@noctule/client";
import { useMemo } from "react";

import type { LogRow } from "../model/logs";
import type { Span } from "../model/span";
import type { Mark } from "../parts/chart/model";
import { texts } from "../texts";
import { useObservable, usePage } from "./context";
import { toneOf, type Happening } from "./journal";
import { useQuery } from "./useQuery";

/** What is older than this is asked of the hub anew; what is newer came live. */
const STEP_MS = 300_000;
const MOST = 200;

interface Items<T> {
  items: T[];
}

export function useMarks(deviceId: number, span: Span): readonly Mark[] {
  const fromMs = span.live ? Math.floor(span.fromMs / STEP_MS) * STEP_MS : span.fromMs;
  const range = `from=${new Date(fromMs).toISOString()}${span.live ? "" : `&to=${new Date(span.toMs).toISOString()}`}`;
  const events = useQuery<Items<{ name: string; data: AlertEvent | DeviceStatusEvent }>>(`/events?device=${deviceId}&names=alert:new,device:status&limit=${MOST}&${range}`);
  const reboots = useQuery<Items<LogRow & { change: string | null }>>(`/logs?device=${deviceId}&source=inventory&limit=${MOST}&${range}`);
  const entries = useObservable(usePage().live.journal.entries);
  return useMemo(() => {
    const marks = new Map<string, Mark>();
    const put = (happening: Happening): void => {
      const mark = markOf(happening, deviceId);
      if (mark !== null) marks.set(`${mark.ms} ${mark.text}`, mark);
    };
    if (events.phase === "ready") for (const { name, data } of events.data.items) put((name === "alert:new" ? { kind: "alert", event: data } : { kind: "device", event: data }) as Happening);
    for (const entry of entries) put(entry);
    if (reboots.phase === "ready") {
      for (const row of reboots.data.items) {
        if (row.change === "rebooted") marks.set(`${row.timestamp} reboot`, { ms: Date.parse(row.timestamp), text: `${texts.deviceChart.reboot}: ${texts.hubSays(row.message)}`, status: "maintenance" });
      }
    }
    return [...marks.values()].filter(({ ms }) => ms >= span.fromMs && ms <= span.toMs + STEP_MS);
  }, [events, reboots, entries, deviceId, span.fromMs, span.toMs]);
}

function markOf(happening: Happening, deviceId: number): Mark | null {
  if (happening.event.test === true) return null;
  if (happening.kind === "alert") {
    const { event } = happening;
    if (event.deviceId !== deviceId || event.state !== "firing") return null;
    return { ms: Date.parse(event.startedAt), text: texts.deviceChart.alert(texts.hubSays(event.title)), status: toneOf(happening) };
  }
  if (happening.kind === "device" && happening.event.deviceId === deviceId) {
    const { status, reason = "", timestamp } = happening.event;
    return { ms: Date.parse(timestamp), text: texts.deviceChart.state(texts.status[status], texts.hubSays(reason)), status };
  }
  return null;
}
