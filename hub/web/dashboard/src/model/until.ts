// Ends of acknowledgements and silences, as people say them. Pure.

export const UNTILS = ["1h", "4h", "morning", "1d", "3d", "7d", "30d"] as const;
export type Until = (typeof UNTILS)[number];

const HOUR_MS = 3_600_000;
const LENGTHS_MS: Readonly<Record<Exclude<Until, "morning">, number>> = {
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  "1d": 24 * HOUR_MS,
  "3d": 72 * HOUR_MS,
  "7d": 168 * HOUR_MS,
  "30d": 720 * HOUR_MS,
};
const MORNING_HOUR = 8;

/** Returns the moment in epoch milliseconds; `morning` is the next 8 o'clock of who looks. */
export function untilMs(until: Until, nowMs: number): number {
  if (until !== "morning") return nowMs + LENGTHS_MS[until];
  const at = new Date(nowMs);
  at.setHours(MORNING_HOUR, 0, 0, 0);
  if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
  return at.getTime();
}

export function isUntil(word: string): word is Until {
  return (UNTILS as readonly string[]).includes(word);
}

/** Returns a moment as `datetime-local` fields have it, in the viewer's zone, to the minute. */
export function localText(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Returns the moment of a `datetime-local` field, null when nothing is there. */
export function localMs(text: string): number | null {
  const ms = Date.parse(text);
  return text === "" || Number.isNaN(ms) ? null : ms;
}
