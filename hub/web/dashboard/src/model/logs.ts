// Network logs as the page holds them: what is looked for, what came live and waits, and where the past goes on. Pure.

import type { NetworkLogEvent } from "@noctule/client";

/** As `GET /api/v1/logs` answers, and as an event tells it. */
export interface LogRow {
  readonly seq: number;
  readonly timestamp: string;
  readonly late: boolean;
  readonly deviceId: number | null;
  readonly deviceName: string | null;
  readonly siteId: number | null;
  readonly address: string | null;
  readonly severity: number | null;
  readonly severityName: string | null;
  readonly facility: string | null;
  readonly source: string | null;
  readonly message: string;
}

export interface LogFilter {
  readonly text: string;
  /** RFC 5424's word; that and worse. Empty: all. */
  readonly severity: string;
  readonly source: string;
  readonly deviceId: number | null;
}

/** RFC 5424 table 2, worst first. */
export const SEVERITY_WORDS = ["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"] as const;
export const SOURCES = ["syslog", "trap", "inventory"] as const;

/** Older rows are dropped from the page; the hub keeps them. */
export const KEPT = 5_000;

export interface Term {
  readonly words: readonly string[];
  readonly prefix: boolean;
}

const TERM = /"([^"]*)"?(\*?)|([^\s"]+)/gu;
const WORD = /[\p{L}\p{N}]+/gu;

/** Returns what was typed as the hub reads it: words, "phrases" and prefix*. */
export function termsOf(text: string): Term[] {
  const terms: Term[] = [];
  for (const [, phrase = "", star = "", word] of text.matchAll(TERM)) {
    const prefix = word === undefined ? star !== "" : word.endsWith("*");
    const words = wordsOf(word ?? phrase);
    if (words.length > 0) terms.push({ words, prefix });
  }
  return terms;
}

export function wordsOf(text: string): string[] {
  return [...plain(text).matchAll(WORD)].map(([word]) => word);
}

/** Letters without case and accents, as the hub compares them. */
function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

function holds(message: readonly string[], { words, prefix }: Term): boolean {
  for (let from = 0; from + words.length <= message.length; from += 1) {
    const fits = words.every((word, at) => {
      const there = message[from + at] ?? "";
      return prefix && at === words.length - 1 ? there.startsWith(word) : there === word;
    });
    if (fits) return true;
  }
  return false;
}

/** Returns what tells whether a row that came live is looked for. */
export function matcherOf(filter: LogFilter): (row: LogRow) => boolean {
  const most = SEVERITY_WORDS.indexOf(filter.severity as (typeof SEVERITY_WORDS)[number]);
  const terms = termsOf(filter.text);
  return (row) => {
    if (most >= 0 && (row.severity === null || row.severity > most)) return false;
    if (filter.source !== "" && row.source !== filter.source) return false;
    if (filter.deviceId !== null && row.deviceId !== filter.deviceId) return false;
    if (terms.length === 0) return true;
    const words = wordsOf(row.message);
    return terms.every((term) => holds(words, term));
  };
}

/** Returns the query of a list or an export; `limit` null: an export, which has none. */
export function logQuery(filter: LogFilter, limit: number | null): string {
  const query = new URLSearchParams();
  if (limit !== null) query.set("limit", String(limit));
  if (termsOf(filter.text).length > 0) query.set("text", filter.text);
  if (filter.severity !== "") query.set("severity", filter.severity);
  if (filter.source !== "") query.set("source", filter.source);
  if (filter.deviceId !== null) query.set("device", String(filter.deviceId));
  return query.toString();
}

export function rowOf(event: NetworkLogEvent): LogRow | null {
  if (event.seq === undefined || event.test === true) return null;
  return {
    seq: event.seq,
    timestamp: event.timestamp,
    late: event.late === true,
    deviceId: event.deviceId ?? null,
    deviceName: event.deviceName ?? null,
    siteId: null,
    address: event.address ?? null,
    severity: event.severity,
    severityName: event.severityName ?? SEVERITY_WORDS[event.severity] ?? null,
    facility: event.facility ?? null,
    source: event.source,
    message: event.message,
  };
}

/** Returns rows newest first, each once, with those that came; of too many the oldest go. */
export function withNew(rows: readonly LogRow[], came: readonly LogRow[]): readonly LogRow[] {
  const newest = rows[0]?.seq ?? 0;
  const fresh = came.filter(({ seq }) => seq > newest).sort((a, b) => b.seq - a.seq);
  return fresh.length === 0 ? rows : [...fresh, ...rows].slice(0, KEPT);
}

/** Returns a message in parts, those that are looked for marked. */
export function highlighted(message: string, terms: readonly Term[]): { text: string; found: boolean }[] {
  const wanted = terms.flatMap(({ words, prefix }) => words.map((word, at) => ({ word, prefix: prefix && at === words.length - 1 })));
  if (wanted.length === 0) return [{ text: message, found: false }];
  const parts: { text: string; found: boolean }[] = [];
  let from = 0;
  for (const match of message.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const word = plain(match[0]);
    if (!wanted.some((one) => (one.prefix ? word.startsWith(one.word) : word === one.word))) continue;
    if (match.index > from) parts.push({ text: message.slice(from, match.index), found: false });
    parts.push({ text: match[0], found: true });
    from = match.index + match[0].length;
  }
  if (from < message.length) parts.push({ text: message.slice(from), found: false });
  return parts;
}
