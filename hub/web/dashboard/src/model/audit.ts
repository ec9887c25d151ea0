// Changes of configuration as the hub's audit log tells them, and what differs. Pure.

import { texts } from "../texts";

export interface AuditEntry {
  id: number;
  at: string;
  subject: string;
  actor: string;
  address: string | null;
  action: string;
  kind: string;
  objectId: number | null;
  name: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Difference {
  readonly field: string;
  /** null: there was nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Fields that change with every write and say nothing. */
const IDLE: ReadonlySet<string> = new Set(["revision"]);

/** Returns the fields that differ, the parts of a record in a record each by its own name (`icmp.count`). */
export function differences(entry: Pick<AuditEntry, "before" | "after">): readonly Difference[] {
  const [before, after] = [flat(entry.before), flat(entry.after)];
  const fields = new Set([...before.keys(), ...after.keys()]);
  return [...fields].flatMap((field): Difference[] => {
    if (IDLE.has(field)) return [];
    const [was, is] = [before.get(field) ?? null, after.get(field) ?? null];
    return was === is ? [] : [{ field, before: was, after: is }];
  });
}

function flat(record: Record<string, unknown> | null, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(record ?? {})) {
    const field = `${prefix}${key}`;
    if (value === null || value === "") continue;
    if (typeof value === "object" && !Array.isArray(value)) for (const [part, text] of flat(value as Record<string, unknown>, `${field}.`)) found.set(part, text);
    else if (!Array.isArray(value)) found.set(field, shown(field, value));
    else if (value.some((one) => typeof one === "object" && one !== null)) value.forEach((one, place) => { for (const [part, text] of flat(one as Record<string, unknown>, `${field} ${calledOf(one, place)}.`)) found.set(part, text); });
    else if (value.length > 0) found.set(field, value.map((one) => shown(field, one)).join(", "));
  }
  return found;
}

/** An item of a list is known by how it is called: one that is put before it changes nothing of it. */
function calledOf(item: object, place: number): string {
  const { label, name } = item as { label?: unknown; name?: unknown };
  const called = label ?? name;
  return typeof called === "string" && called !== "" ? `“${called}”` : String(place + 1);
}

const UNITS: readonly (readonly [RegExp, () => string])[] = [
  [/(?:_ms|Ms)$/u, () => ""],
  [/(?:_bps|Bps)$/u, () => " (bit/s)"],
  [/(?:(?<!_per)_s|S)$/u, () => ` (${texts.units.s})`],
];

/** Returns a field's name in words: `icmp.interval_s` as `icmp: interval (s)`. What people gave, in quotes, stays. */
export function fieldWords(field: string): string {
  return field
    .split(/(“[^”]*”)/u)
    .map((part, place) => (place % 2 === 1 ? part : part.replace(/[A-Za-z_]+/gu, nameWords).replace(/\./gu, ": ")))
    .join("");
}

function nameWords(name: string): string {
  const [unit, word] = UNITS.find(([pattern]) => pattern.test(name)) ?? [/$/u, () => ""];
  const words = name.replace(unit, "").replace(/([a-z])_?([A-Z])/gu, (_whole, end: string, begin: string) => `${end} ${begin.toLowerCase()}`).replace(/_/gu, " ");
  return texts.audit.field(words) + word();
}

/** Kinds of what has no name that people gave. */
const NAMELESS: ReadonlySet<string> = new Set(["alert", "key", "layout", "secret", "settings"]);

/** Returns how what was changed is called: by its own name, or by the hub's words for what has none. */
export function nameOf({ kind, name }: Pick<AuditEntry, "kind" | "name">): string {
  return NAMELESS.has(kind) ? texts.hubSays(name) : name;
}

/** Returns of what kind it is, with its number. */
export function objectOf({ kind, objectId }: Pick<AuditEntry, "kind" | "objectId">): string {
  const word = texts.audit.kinds[kind] ?? kind;
  return objectId === null ? word : `${word} ${objectId}`;
}

/** Times in milliseconds are said as times, flags as yes and no. */
function shown(field: string, value: unknown): string {
  if (typeof value === "boolean") return (value ? texts.form.yes : texts.form.no).toLowerCase();
  if (typeof value === "number" && /(?:_ms|Ms)$/u.test(field) && value > 1e11 && value < 1e14) return new Date(value).toISOString().replace(".000Z", "Z");
  return String(value);
}

/** Returns one line of what differs, empty when something was added or removed whole. */
export function differenceLine(entry: AuditEntry): string {
  if (entry.before === null || entry.after === null) return "";
  return differences(entry)
    .map(({ field, before, after }) => `${fieldWords(field)}: ${before ?? "–"} → ${after ?? "–"}`)
    .join("; ");
}

export interface AuditFilter {
  readonly subject: string;
  readonly kind: string;
  readonly objectId: string;
  /** Days of the viewer's own zone, `2026-11-26`, both included; empty: open. */
  readonly since: string;
  readonly until: string;
}

/** Returns the query of a filter. */
export function auditQuery(filter: AuditFilter, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (filter.subject !== "") query.set("subject", filter.subject);
  if (filter.kind !== "") query.set("kind", filter.kind);
  if (/^\d+$/u.test(filter.objectId)) query.set("objectId", filter.objectId);
  const [from, to] = [dayStart(filter.since, 0), dayStart(filter.until, 1)];
  if (from !== null) query.set("from", from);
  if (to !== null) query.set("to", to);
  return query.toString();
}

function dayStart(day: string, later: number): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(day);
  if (match === null) return null;
  const at = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + later);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** Returns the subject that is meant by a name or by itself. `names`: those of users and tokens by their subjects. */
export function subjectOf(text: string, names: ReadonlyMap<string, string>): string {
  const wanted = text.trim();
  const folded = wanted.toLocaleLowerCase();
  return [...names].find(([, name]) => name.toLocaleLowerCase() === folded)?.[0] ?? wanted;
}
