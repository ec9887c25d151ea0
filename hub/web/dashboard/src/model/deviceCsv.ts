// Devices as a CSV with a header: read into what an import takes, and written for a spreadsheet. Pure.
//
// The columns are those of `noctule device import`. As there, a file holds no secrets: what opens devices is given apart.

import type { Row } from "./device";
import { csvText } from "./csv";

export const COLUMNS = ["name", "address", "site", "agent", "reachability", "icmp_interval", "snmp_version", "snmp_port", "snmp_interval", "role", "tags", "parents", "note"] as const;
const SECRETS: ReadonlySet<string> = new Set(["community", "snmp_community", "password", "secret", "auth_secret", "priv_secret"]);
/** What the hub takes at once. */
export const MAX_ROWS = 1_000;

export interface ImportSnmp {
  version?: string;
  port?: number;
  intervalS?: number;
  community?: string;
  v3?: object;
}

/** A row of `POST /api/v1/devices/import`. */
export interface ImportRow {
  name: string;
  address: string;
  site: string;
  agent?: string;
  reachability?: string;
  icmpIntervalS?: number;
  snmp?: ImportSnmp;
  role?: string;
  tags?: string[];
  parents?: string[];
  note?: string;
}

/** Why a file, or one line of it, cannot be used. `what` names the column where there is one. */
export interface Fault {
  readonly line: number;
  readonly kind: "empty" | "missing" | "unknown" | "secret" | "twice" | "cells" | "needed" | "number" | "many" | "quote";
  readonly what: string;
}

export interface Parsed {
  readonly rows: readonly ImportRow[];
  /** The line of each row. */
  readonly lines: readonly number[];
  readonly faults: readonly Fault[];
  /** Lines with faults without what cannot be used of them: the hub tells what else is wrong. */
  readonly half: readonly { readonly line: number; readonly row: ImportRow }[];
}

/** Returns what the hub says of lines that are faulty here, beside that. */
export function alsoWrong<F extends { readonly field: string | null }>(parsed: Parsed, answers: readonly { readonly faults: readonly F[] }[]): (F & { readonly line: number })[] {
  return parsed.half.flatMap(({ line }, index) => {
    const told: ReadonlySet<string> = new Set(parsed.faults.flatMap((fault) => (fault.line === line ? [FIELDS[fault.what] ?? fault.what] : [])));
    return (answers[index]?.faults ?? []).filter(({ field }) => !told.has(field ?? "")).map((fault) => ({ ...fault, line }));
  });
}

/** How an import spells columns of another name. */
const FIELDS: Readonly<Record<string, string>> = { icmp_interval: "icmpIntervalS", snmp_port: "snmp.port", snmp_interval: "snmp.intervalS" };

/** Reads a file; `site` is that of lines that name none. With a fault in the header there are no rows. */
export function parseDevices(text: string, site: string): Parsed {
  const records = recordsOf(text.replace(/^\uFEFF/u, ""));
  if (records === null) return { rows: [], lines: [], half: [], faults: [{ line: 1, kind: "quote", what: "" }] };
  const [header, ...lines] = records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  if (header === undefined) return { rows: [], lines: [], half: [], faults: [{ line: 1, kind: "empty", what: "" }] };
  const columns = header.cells.map((cell) => cell.trim().toLowerCase().replaceAll(/[ -]/gu, "_"));
  const faults: Fault[] = headerFaults(columns);
  if (lines.length > MAX_ROWS) faults.push({ line: lines[MAX_ROWS]?.line ?? 1, kind: "many", what: String(lines.length) });
  if (faults.length > 0) return { rows: [], lines: [], half: [], faults };
  const rows: ImportRow[] = [];
  const kept: number[] = [];
  const half: { line: number; row: ImportRow }[] = [];
  for (const { line, cells } of lines) {
    const { row, faults: own } = rowOf(columns, cells, site);
    faults.push(...own.map((fault) => ({ ...fault, line })));
    if (own.length === 0) {
      rows.push(row);
      kept.push(line);
    } else if (own[0]?.kind !== "cells") half.push({ line, row: withoutParents(row) });
  }
  return { rows, lines: kept, half, faults };
}

function headerFaults(columns: readonly string[]): Fault[] {
  const known: ReadonlySet<string> = new Set(COLUMNS);
  const faults = columns.flatMap((what, index): Fault[] => {
    if (SECRETS.has(what)) return [{ line: 1, kind: "secret", what }];
    if (!known.has(what)) return [{ line: 1, kind: "unknown", what }];
    return columns.indexOf(what) === index ? [] : [{ line: 1, kind: "twice", what }];
  });
  const missing = ["name", "address"].filter((what) => !columns.includes(what));
  return [...faults, ...missing.map((what): Fault => ({ line: 1, kind: "missing", what }))];
}

/** Behind whom a line stands is not looked at where that may be a faulty line, too. */
function withoutParents({ parents: _, ...row }: ImportRow): ImportRow {
  return row;
}

function rowOf(columns: readonly string[], cells: readonly string[], site: string): { row: ImportRow; faults: Omit<Fault, "line">[] } {
  const found = Object.fromEntries(columns.map((column, index) => [column, (cells[index] ?? "").trim()]));
  const text = (column: (typeof COLUMNS)[number]): string => found[column] ?? "";
  const row: ImportRow = { name: text("name"), address: text("address"), site: text("site") || site };
  // With more cells than columns it is not certain which cell is of which column.
  if (cells.slice(columns.length).some((cell) => cell.trim() !== "")) return { row, faults: [{ kind: "cells", what: String(cells.length) }] };
  const faults: Omit<Fault, "line">[] = [];
  for (const column of ["name", "address", "site"] as const) if (row[column] === "") faults.push({ kind: "needed", what: column });
  const numbers: Partial<Record<string, number>> = {};
  for (const column of ["icmp_interval", "snmp_port", "snmp_interval"] as const) {
    if (text(column) === "") continue;
    const value = Number(text(column).replace(",", "."));
    if (Number.isFinite(value)) numbers[column] = value;
    else faults.push({ kind: "number", what: column });
  }
  const several = (column: "tags" | "parents"): string[] => text(column).split("|").map((one) => one.trim()).filter((one) => one !== "");
  if (text("agent") !== "") row.agent = text("agent");
  if (text("reachability") !== "") row.reachability = text("reachability").toLowerCase();
  if (text("note") !== "") row.note = text("note");
  if (text("role") !== "") row.role = text("role");
  if (text("tags") !== "") row.tags = several("tags");
  if (text("parents") !== "") row.parents = several("parents");
  if (numbers["icmp_interval"] !== undefined) row.icmpIntervalS = numbers["icmp_interval"];
  const version = text("snmp_version").toLowerCase().replace(/^v/u, "");
  const snmp: ImportSnmp = {
    ...(version === "" ? {} : { version }),
    ...(numbers["snmp_port"] === undefined ? {} : { port: numbers["snmp_port"] }),
    ...(numbers["snmp_interval"] === undefined ? {} : { intervalS: numbers["snmp_interval"] }),
  };
  if (Object.keys(snmp).length > 0 || row.reachability === "snmp" || row.reachability === "both") row.snmp = snmp;
  return { row, faults };
}

/** Returns the cells of each record with the line it begins in; null when a quote is never closed. */
function recordsOf(text: string): { line: number; cells: string[] }[] | null {
  const first = text.replace(/^[\r\n]+/u, "").split("\n", 1)[0] ?? "";
  const delimiter = [",", ";", "\t"].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best));
  const records: { line: number; cells: string[] }[] = [];
  let [cells, cell, quoted, line, begins]: [string[], string, boolean, number, number] = [[], "", false, 1, 1];
  const end = (): void => {
    records.push({ line: begins, cells: [...cells, cell] });
    [cells, cell, begins] = [[], "", line];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (letter === "\n") line += 1;
    if (quoted && letter === '"' && text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
    else if (quoted) letter === '"' ? (quoted = false) : (cell += letter);
    else if (letter === '"' && cell.trim() === "") [quoted, cell] = [true, ""];
    else if (letter === delimiter) [cells, cell] = [[...cells, cell], ""];
    else if (letter === "\n") end();
    else if (letter !== "\r") cell += letter;
  }
  if (cell !== "" || cells.length > 0) end();
  return quoted ? null : records;
}

const EXPORTED = ["name", "address", "site", "agent", "reachability", "icmp_interval", "snmp_version", "snmp_port", "snmp_interval", "role", "tags"] as const;

/** Returns the devices as a file that an import takes again; it holds no secrets. */
export function devicesCsv(rows: Iterable<Row>): string {
  return csvText(
    EXPORTED,
    [...rows].map(({ device }) => [
      device.name,
      device.address,
      device.siteName,
      device.agentName,
      device.reachability,
      device.icmp?.intervalS ?? null,
      device.snmp?.version ?? null,
      device.snmp?.port ?? null,
      device.snmp?.intervalS ?? null,
      device.role,
      device.tags.join("|"),
    ]),
  );
}
