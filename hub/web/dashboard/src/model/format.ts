// Numbers and times as people read them: three significant digits, SI units, the viewer's own zone. Pure.

import { texts } from "../texts";

/** A number and its unit apart, so that the unit can be shown dimmer. */
export interface Figure {
  readonly value: string;
  readonly unit: string;
}

const NONE: Figure = { value: "–", unit: "" };

/** Returns `value` with three significant digits and no exponent: 0.0424, 1.24, 12.4, 943. */
export function threeDigits(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 999.5) return Math.round(value).toString();
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return pointed(value.toFixed(digits));
}

/** Returns decimals with the chosen language's own mark. */
export function pointed(text: string): string {
  return text.replace(".", texts.decimal);
}

/** Returns a rate in bits per second, e.g. `943 Mb/s`; null (unknown) is a dash, never zero. */
export function rate(bps: number | null): Figure {
  if (bps === null || !Number.isFinite(bps)) return NONE;
  for (const [unit, size] of RATES) {
    if (bps >= size * 0.9995) return { value: threeDigits(bps / size), unit };
  }
  return { value: Math.round(bps).toString(), unit: "b/s" };
}

const RATES: readonly (readonly [string, number])[] = [
  ["Tb/s", 1e12],
  ["Gb/s", 1e9],
  ["Mb/s", 1e6],
  ["kb/s", 1e3],
];

/** Returns a delay given in seconds, e.g. `1.24 ms`; under a microsecond's worth of meaning it stays in µs. */
export function delay(seconds: number | null): Figure {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  if (seconds >= 0.9995) return { value: threeDigits(seconds), unit: "s" };
  if (seconds >= 0.0009995) return { value: threeDigits(seconds * 1e3), unit: "ms" };
  return { value: threeDigits(seconds * 1e6), unit: "µs" };
}

/** Returns a volume given in octets, e.g. `1.24 TB`; decimal prefixes, as rates have. */
export function volume(octets: number | null): Figure {
  if (octets === null || !Number.isFinite(octets)) return NONE;
  for (const [unit, size] of VOLUMES) {
    if (octets >= size * 0.9995) return { value: threeDigits(octets / size), unit };
  }
  return { value: Math.round(octets).toString(), unit: "B" };
}

const VOLUMES: readonly (readonly [string, number])[] = [
  ["PB", 1e15],
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
];

/** Returns how often something happened, e.g. `17`, `1.24 k`. */
export function amount(times: number | null): Figure {
  if (times === null || !Number.isFinite(times)) return NONE;
  if (times >= 999_500) return { value: threeDigits(times / 1e6), unit: "M" };
  if (times >= 999.5) return { value: threeDigits(times / 1e3), unit: "k" };
  return { value: Number.isInteger(times) ? String(times) : threeDigits(times), unit: "" };
}

/** Returns a share in percent. A share that is not zero never reads as 0, one short of all never as 100. */
export function percent(ratio: number | null): Figure {
  if (ratio === null || !Number.isFinite(ratio)) return NONE;
  const share = ratio * 100;
  if (share === 0) return { value: "0", unit: "%" };
  if (share < 0.1) return { value: pointed("<0.1"), unit: "%" };
  if (share < 100 && share > 99.9) return { value: pointed(">99.9"), unit: "%" };
  if (share < 9.95) return { value: pointed(share.toFixed(1)), unit: "%" };
  const whole = Math.round(share);
  return whole === 100 && share < 100 ? { value: pointed(share.toFixed(1)), unit: "%" } : { value: whole.toString(), unit: "%" };
}

/** Returns a length of time in its two largest useful parts: `12 s`, `14 min`, `3 h 20 min`, `2 d 4 h`. */
export function span(ms: number): string {
  const { units } = texts;
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} ${units.s}`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} ${units.min}`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 === 0 ? `${h} ${units.h}` : `${h} ${units.h} ${min % 60} ${units.min}`;
  const d = Math.floor(h / 24);
  return h % 24 === 0 || d >= 14 ? `${d} ${units.d}` : `${d} ${units.d} ${h % 24} ${units.h}`;
}

/** Returns the instant of an ISO 8601 time in epoch milliseconds, null when it is none. */
export function instant(iso: string | null | undefined): number | null {
  if (iso === null || iso === undefined) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}

/** Returns the time of day in UTC, marked as such, with the date when it is not today's there: `3 May 20:12 Z`. */
export function utcClock(ms: number, nowMs: number, options: { seconds?: boolean } = {}): string {
  const at = new Date(ms).toISOString();
  const time = `${at.slice(11, options.seconds === true ? 19 : 16)} Z`;
  if (at.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)) return time;
  const year = at.slice(0, 4) === String(new Date(nowMs).getUTCFullYear()) ? {} : ({ year: "numeric" } as const);
  return `${new Date(ms).toLocaleDateString(texts.locale, { day: "numeric", month: "short", ...year, timeZone: "UTC" })} ${time}`;
}

/** Returns the time of day in the viewer's zone, with the date when it is not today's, the year when it is another: `4 May 03:12`. */
export function clock(ms: number, nowMs: number, options: { seconds?: boolean } = {}): string {
  const time = (options.seconds === true ? TO_THE_SECOND : TO_THE_MINUTE).format(ms);
  if (sameDay(ms, nowMs)) return time;
  const at = new Date(ms);
  const year = at.getFullYear() === new Date(nowMs).getFullYear() ? {} : ({ year: "numeric" } as const);
  return `${at.toLocaleDateString(texts.locale, { day: "numeric", month: "short", ...year })} ${time}`;
}

/** Returns a moment with its date and year, for what is read on another day: `4 May 2026 03:12`. */
export function dated(ms: number): string {
  return `${new Date(ms).toLocaleDateString(texts.locale, { day: "numeric", month: "short", year: "numeric" })} ${TO_THE_MINUTE.format(ms)}`;
}

/** Whether two times are of the same day where the reader is. */
export function sameDay(ms: number, otherMs: number): boolean {
  return new Date(ms).toDateString() === new Date(otherMs).toDateString();
}

/** Returns when the day of a time began where the reader is, in epoch milliseconds. */
export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

// Made once: to make one takes longer than hundreds of times what it formats.
const TO_THE_MINUTE = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const TO_THE_SECOND = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Returns the time in UTC for hovering over a local one. */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Returns text from elsewhere as a sentence: first letter raised, closed by a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  // A name of the field's stays as it is written.
  return closed(/^\p{Ll}+\p{Lu}/u.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1));
}

/** Returns text that begins with a name, closed by a full stop. */
export function closed(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
