// Maintenance windows as the hub answers them, and while somebody writes one. Pure.

import { idsIn } from "./silences";
import { localMs, localText } from "./until";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Span {
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Recurring {
  readonly weekdays: readonly Weekday[];
  /** HH:MM by the clocks of `timezone`. */
  readonly start: string;
  readonly durationS: number;
  readonly timezone: string;
  readonly firstDate: string;
  readonly lastDate: string | null;
}

export interface Maintenance {
  readonly id: number;
  readonly name: string;
  readonly note: string;
  readonly deviceIds: readonly number[];
  readonly siteIds: readonly number[];
  readonly tags: readonly string[];
  readonly once: Span | null;
  readonly recurring: Recurring | null;
  readonly running: Span | null;
  readonly next: Span | null;
  readonly createdAt: string;
  readonly revision: number;
}

/** As it is written: times as fields have them. */
export interface Draft {
  readonly name: string;
  readonly note: string;
  readonly deviceIds: readonly number[];
  readonly siteIds: readonly number[];
  readonly tags: readonly string[];
  readonly recurs: boolean;
  readonly starts: string;
  readonly ends: string;
  readonly weekdays: readonly Weekday[];
  readonly start: string;
  readonly minutes: string;
  readonly timezone: string;
  readonly firstDate: string;
  readonly lastDate: string;
}

const HOUR_MS = 3_600_000;

export function emptyDraft(nowMs: number, timezone: string): Draft {
  return {
    name: "",
    note: "",
    deviceIds: [],
    siteIds: [],
    tags: [],
    recurs: false,
    starts: localText(nowMs),
    ends: localText(nowMs + 2 * HOUR_MS),
    weekdays: ["sun"],
    start: "02:00",
    minutes: "120",
    timezone,
    firstDate: "",
    lastDate: "",
  };
}

/** Returns the address's query for a window of what an alert is about. */
export function windowQuery({ deviceId, siteId }: { readonly deviceId?: number | null; readonly siteId?: number | null }): Record<string, string> {
  if (deviceId != null) return { devices: String(deviceId) };
  return siteId == null ? {} : { sites: String(siteId) };
}

/** Reads what `windowQuery` wrote. */
export function coveredBy(query: URLSearchParams): Pick<Draft, "deviceIds" | "siteIds"> {
  return { deviceIds: idsIn(query, "devices"), siteIds: idsIn(query, "sites") };
}

export function draftOf(window: Maintenance, nowMs: number): Draft {
  const { name, note, deviceIds, siteIds, tags, once, recurring } = window;
  const empty = emptyDraft(nowMs, recurring?.timezone ?? "UTC");
  return {
    ...empty,
    name,
    note,
    deviceIds,
    siteIds,
    tags,
    recurs: recurring !== null,
    ...(once === null ? {} : { starts: localText(Date.parse(once.startsAt)), ends: localText(Date.parse(once.endsAt)) }),
    ...(recurring === null
      ? {}
      : {
          weekdays: recurring.weekdays,
          start: recurring.start,
          minutes: String(recurring.durationS / 60),
          firstDate: recurring.firstDate,
          lastDate: recurring.lastDate ?? "",
        }),
  };
}

/** Returns what is sent; of a window that is there the schedule only when it was changed, so that what is over stays. */
export function bodyOf(draft: Draft, before: Draft | null): Record<string, unknown> {
  const { name, note, deviceIds, siteIds, tags } = draft;
  const about = { name, note, deviceIds, siteIds, tags };
  if (before !== null && scheduleText(before) === scheduleText(draft)) return about;
  if (!draft.recurs) return { ...about, once: { startsAt: iso(draft.starts), endsAt: iso(draft.ends) } };
  return {
    ...about,
    recurring: {
      weekdays: WEEKDAYS.filter((day) => draft.weekdays.includes(day)),
      start: draft.start,
      durationS: Math.round(Number(draft.minutes) * 60),
      timezone: draft.timezone.trim() || null,
      firstDate: draft.firstDate || null,
      lastDate: draft.lastDate || null,
    },
  };
}

function scheduleText(draft: Draft): string {
  const { recurs, starts, ends, weekdays, start, minutes, timezone, firstDate, lastDate } = draft;
  return JSON.stringify(recurs ? [WEEKDAYS.filter((day) => weekdays.includes(day)), start, minutes, timezone, firstDate, lastDate] : [starts, ends]);
}

/** Returns a field's moment for the hub; what is none is left to it to refuse. */
function iso(text: string): string {
  const ms = localMs(text);
  return ms === null ? text : new Date(ms).toISOString();
}

export type State = "running" | "coming" | "over";

export function stateOf(window: Maintenance, nowMs: number): State {
  const runs = (span: Span | null): boolean => span !== null && Date.parse(span.startsAt) <= nowMs && nowMs < Date.parse(span.endsAt);
  if (runs(window.running) || runs(window.next)) return "running";
  return window.next !== null && Date.parse(window.next.startsAt) > nowMs ? "coming" : "over";
}
