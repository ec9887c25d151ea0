// Sentences about devices and events, made of the page's texts. Pure.

import type { About } from "@noctule/client";

import type { Entry } from "../data/journal";
import { texts } from "../texts";
import { STATUS_ORDER, type Counts, type Device, type Interface, type Row } from "./device";
import { clock, instant, sentence, span } from "./format";

/** Returns what a person wants to know first: the state, since when, for how long, and why. */
export function answerFor(device: Device, nowMs: number): string {
  const word = texts.status[device.status];
  const sinceMs = instant(device.statusSince);
  const first =
    sinceMs === null ? texts.device.noSince(word) : texts.device.since(word, clock(sinceMs, nowMs), span(nowMs - sinceMs));
  const why = device.status === "online" ? "" : sentence(texts.hubSays(device.statusReason));
  const under = device.underlying === null ? "" : texts.device.underlying(texts.status[device.underlying]);
  return [first, why, under].filter((part) => part !== "").join(" ");
}

/** Returns one sentence on all devices: how many are not well, and which became so last (`latest`, see `latestFault`). */
export function answerForAll(total: number, counts: Counts, latest: Device | null, nowMs: number): string {
  const faults = STATUS_ORDER.filter((status) => status !== "online" && counts[status] > 0);
  if (faults.length === 0) return texts.devices.allWell(total);
  const parts = faults.map((status) => texts.devices.part(counts[status], status, texts.status[status]));
  const first = texts.devices.of(texts.devices.and(parts), total);
  const sinceMs = latest === null ? null : instant(latest.statusSince);
  if (latest === null || sinceMs === null) return first;
  return `${first} ${texts.devices.latest(latest.name, texts.status[latest.status], span(nowMs - sinceMs))}`;
}

const WORRYING: ReadonlySet<string> = new Set(["offline", "degraded", "unreachable"]);

/** Returns the device that left its good state last, of those that are not well: one that is behind a fault only where there is no fault. Null when all are well. */
export function latestFault(rows: Iterable<Row>): Device | null {
  let latest: Device | null = null;
  for (const { device } of rows) {
    if (WORRYING.has(device.status) && device.statusSince !== null && (latest === null || isBefore(latest, device))) latest = device;
  }
  return latest;
}

function isBefore(a: Device, b: Device): boolean {
  const [aBehind, bBehind] = [a.status === "unreachable", b.status === "unreachable"];
  return aBehind === bBehind ? Date.parse(a.statusSince ?? "") < Date.parse(b.statusSince ?? "") : aBehind;
}

/** Returns the faults for the window's title, e.g. `2 offline`; null when there are none. */
export function faultTitle(counts: Counts): string | null {
  const worst = (["offline", "unreachable", "degraded"] as const).find((status) => counts[status] > 0);
  return worst === undefined ? null : texts.devices.part(counts[worst], worst, texts.status[worst]);
}

export interface EntryWords {
  /** What stands before the subject, empty for none. */
  readonly lead: string;
  readonly subject: string;
  readonly text: string;
  readonly why: string;
  readonly deviceId: number | null;
}

/** Returns an event in words. Names and reasons come from devices and are text, nothing more. */
export function entryWords(entry: Entry): EntryWords {
  switch (entry.kind) {
    case "device": {
      const { status, previous, reason = "", detail, deviceId } = entry.event;
      const [now, was] = [texts.status[status].toLowerCase(), texts.status[previous].toLowerCase()];
      const text = status === previous ? texts.strip.still(now) : texts.strip.became(now, was);
      const why = [reason, detail ?? ""].filter((part) => part !== "").map((part) => texts.hubSays(part));
      return { lead: "", subject: subjectOf(entry.event), text, why: why.join(" · "), deviceId };
    }
    case "interface": {
      const { interfaceName = "", ifAdminStatus, ifOperStatus, reason = "", deviceId } = entry.event;
      const state = ifAdminStatus === "down" ? texts.ifDisabled : texts.ifStatus[ifOperStatus];
      return { lead: "", subject: subjectOf(entry.event), text: `${interfaceName} ${state.toLowerCase()}`.trim(), why: texts.hubSays(reason), deviceId };
    }
    case "agent": {
      const { agentName, status, reason } = entry.event;
      return { lead: "", subject: agentName, text: texts.strip.agent(status), why: texts.hubSays(reason), deviceId: null };
    }
    case "alert": {
      const { title, state, reason = "", deviceId } = entry.event;
      return { lead: texts.strip.alert[state], subject: texts.hubSays(title), text: "", why: texts.hubSays(reason), deviceId };
    }
  }
}

/** Returns what an event is about: the device, or for a customer its services. */
function subjectOf(event: About): string {
  return event.deviceName ?? (event.services ?? []).map((service) => service.label).join(", ");
}

/** Returns an interface's state as a person means it: disabled by someone is not the same as down. */
export function ifWord(row: Interface): string {
  return row.ifAdminStatus === "down" ? texts.ifDisabled : texts.ifStatus[row.ifOperStatus];
}
