// Months in somebody's time zone, what was measured in one, and volumes. Pure.

import { pointed, threeDigits, type Figure } from "./format";

/** As `GET /api/v1/interfaces/{id}/months/{month}` answers. */
export interface TrafficMonth {
  month: string;
  tz: string;
  complete: boolean;
  coverage: number;
  inOctets: number;
  outOctets: number;
  inP95Bps: number | null;
  outP95Bps: number | null;
  maxP95Bps: number | null;
}

/** As `GET /api/v1/devices/{id}/availability/{month}` answers. */
export interface AvailabilityMonth {
  month: string;
  tz: string;
  complete: boolean;
  ratio: number | null;
  outages: { from: string; to: string; status: string }[];
  outagesTotal: number;
}

/** Returns the month that it is in a zone, as `2026-11`; an unknown zone is UTC. */
export function monthAt(ms: number, tz: string): string {
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = new Intl.DateTimeFormat("en-GB", { timeZone: tz, year: "numeric", month: "2-digit" }).formatToParts(ms);
  } catch {
    return new Date(ms).toISOString().slice(0, 7);
  }
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}

/** Returns the month so many before another. */
export function monthsBefore(month: string, n: number): string {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const all = year * 12 + number - 1 - n;
  return `${Math.floor(all / 12)}-${String((all % 12) + 1).padStart(2, "0")}`;
}

/** Returns a month as people of a language write it: `November 2026`. */
export function monthWord(month: string, locale: string): string {
  return new Date(`${month}-15T00:00:00Z`).toLocaleDateString(locale, { month: "long", year: "numeric", timeZone: "UTC" });
}

const SIZES: readonly (readonly [string, number])[] = [
  ["PB", 1e15],
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
];

/** Returns a volume given in octets, e.g. `1.24 TB`. */
export function volume(octets: number | null): Figure {
  if (octets === null || !Number.isFinite(octets)) return { value: "–", unit: "" };
  for (const [unit, size] of SIZES) if (octets >= size * 0.9995) return { value: threeDigits(octets / size), unit };
  return { value: Math.round(octets).toString(), unit: "B" };
}

/** Returns an availability in percent, with as many nines as it has: never 100 when it is less. */
export function availabilityFigure(ratio: number | null): Figure {
  if (ratio === null) return { value: "–", unit: "" };
  if (ratio >= 1) return { value: "100", unit: "%" };
  const cut = Math.floor(ratio * 1e5) / 1e3;
  return { value: pointed(cut.toFixed(3)), unit: "%" };
}
