// Whether a payload has what its event's type promises. Checked once, where it enters; handlers then rely on it.

import { firstMisfit, listOf, number, text, time, type Fields } from "./check.js";
import type { EventName } from "./events.js";
import { CHECKS, FRAGMENT_CHECKS } from "./generated/checks.js";

const FRAGMENTS: Readonly<Partial<Record<EventName, Fields>>> = FRAGMENT_CHECKS;

const FIELDS: Readonly<Record<EventName, Fields>> = {
  ...CHECKS,
  position: { epoch: text, seq: number, delivered: number },
  "replay:done": { epoch: text, seq: number, delivered: number, rooms: listOf(text) },
  "logs:skipped": { timestamp: time, room: text, count: number },
};

export const EVENT_NAMES = Object.keys(FIELDS) as readonly EventName[];

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(FIELDS, name);
}

/** Returns the name of the first field of `payload` that is not as the event promises, null when all are. */
export function misfit(name: EventName, payload: unknown): string | null {
  const field = firstMisfit(FIELDS[name], payload);
  const fragment = FRAGMENTS[name];
  return field === null || (fragment !== undefined && firstMisfit(fragment, payload) === null) ? null : field;
}

/** What a hub says of its log; their `seq` is a place and not an event's. */
export function isPlace(name: string): name is "position" | "replay:done" {
  return name === "position" || name === "replay:done";
}

/** Returns the place in the log of a logged event, undefined for what is not logged. */
export function seqOf(name: string, payload: unknown): number | undefined {
  if (isPlace(name) || typeof payload !== "object" || payload === null) return undefined;
  const { seq } = payload as { seq?: unknown };
  return typeof seq === "number" ? seq : undefined;
}
