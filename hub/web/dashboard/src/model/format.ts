// Numbers and times as people read them: three significant digits, SI units, the viewer's own zone. Pure.

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
  return value.toFixed(digits);
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

/** Returns a share in percent. A share that is not zero never reads as 0, one short of all never as 100. */
export function percent(ratio: number | null): Figure {
  if (ratio === null || !Number.isFinite(ratio)) return NONE;
  const share = ratio * 100;
  if (share === 0) return { value: "0", unit: "%" };
  if (share < 0.1) return { value: "<0.1", unit: "%" };
  if (share < 100 && share > 99.9) return { value: ">99.9", unit: "%" };
  if (share < 9.95) return { value: share.toFixed(1), unit: "%" };
  const whole = Math.round(share);
  return whole === 100 && share < 100 ? { value: share.toFixed(1), unit: "%" } : { value: whole.toString(), unit: "%" };
}

/** Returns a length of time in its two largest useful parts: `12 s`, `14 min`, `3 h 20 min`, `2 d 4 h`. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  const d = Math.floor(h / 24);
  return h % 24 === 0 || d >= 14 ? `${d} d` : `${d} d ${h % 24} h`;
}

/** Returns the instant of an ISO 8601 time in epoch milliseconds, null when it is none. */
export function instant(iso: string | null | undefined): number | null {
  if (iso === null || iso === undefined) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}

/** Returns the time of day in the viewer's zone, with the date when it is not today's: `03:12`, `4 May 03:12`. */
export function clock(ms: number, nowMs: number, options: { seconds?: boolean } = {}): string {
  const at = new Date(ms);
  const time = at.toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(options.seconds === true ? { second: "2-digit" } : {}),
  });
  if (at.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

/** Returns the time in UTC for hovering over a local one. */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Returns text from elsewhere as a sentence: first letter raised, closed by a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const raised = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(raised) ? raised : `${raised}.`;
}
