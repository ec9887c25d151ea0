// What the filter box offers while someone types: tokens, and their values among the devices that there are. Pure.

import { STATUS_ORDER, type Row } from "./device";
import { compareNatural } from "./natural";

export interface Suggestion {
  /** The token as it will stand in the box. */
  readonly token: string;
  /** The text of the box with it. */
  readonly text: string;
  /** How many devices have it; null for a token that has no value yet. */
  readonly count: number | null;
}

const KINDS = ["site", "role", "tag", "state"] as const;
const LIMIT = 8;
const LAST = /(?:(site|state|status|role|tag):(?:"([^"]*)|(\S*))|(\S*))$/iu;

/** Returns what may be meant by the last word of the text; nothing once a value is whole. */
export function suggestions(text: string, rows: Iterable<Row>): Suggestion[] {
  const match = LAST.exec(text);
  if (match === null) return [];
  const [whole, word, quoted, bare, plain = ""] = match;
  const before = text.slice(0, text.length - whole.length);
  if (word === undefined) {
    return KINDS.filter((kind) => kind.startsWith(plain.toLowerCase())).map((kind) => ({ token: `${kind}:`, text: `${before}${kind}:`, count: null }));
  }
  const kind = word.toLowerCase() === "status" ? "state" : (word.toLowerCase() as (typeof KINDS)[number]);
  const begun = (quoted ?? bare ?? "").toLowerCase();
  return [...valuesOf(kind, rows)]
    .filter(([value]) => value.toLowerCase().includes(begun) && value.toLowerCase() !== begun)
    .sort(([a, n], [b, m]) => Number(b.toLowerCase().startsWith(begun)) - Number(a.toLowerCase().startsWith(begun)) || m - n || compareNatural(a, b))
    .slice(0, LIMIT)
    .map(([value, count]) => {
      const token = `${kind}:${/\s/u.test(value) ? `"${value}"` : value}`;
      return { token, text: `${before}${token} `, count };
    });
}

function valuesOf(kind: (typeof KINDS)[number], rows: Iterable<Row>): Map<string, number> {
  const values = new Map<string, number>(kind === "state" ? STATUS_ORDER.map((status) => [status, 0]) : []);
  const count = (value: string): void => void values.set(value, (values.get(value) ?? 0) + 1);
  for (const { device } of rows) {
    if (kind === "site") count(device.siteName);
    else if (kind === "state") count(device.status);
    else if (kind === "role") device.role !== "" && count(device.role);
    else for (const tag of device.tags) count(tag);
  }
  return values;
}
