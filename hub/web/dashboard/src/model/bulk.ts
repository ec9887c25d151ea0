// One change for many devices as it is entered, and what became of them. Pure.

import { words } from "./deviceForm";

export interface BulkRow {
  readonly deviceId: number;
  readonly outcome: "changed" | "unchanged" | "removed" | "refused";
  readonly field: string | null;
  readonly message: string | null;
}

/** What the hub takes at once; fewer at a time, so that others may write in between. */
export const BATCH = 250;

export function batches(ids: readonly number[], size: number = BATCH): number[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, index) => ids.slice(index * size, (index + 1) * size));
}

const THRESHOLDS = ["retries", "goodRounds", "degradedLossRatio", "clearLossRatio"] as const;
/** Entered as percent. */
const RATIOS: ReadonlySet<string> = new Set(["degradedLossRatio", "clearLossRatio"]);

/** Returns the `change` of `POST /devices/bulk`; null when nothing was entered. What is left empty stays. */
export function bulkChange(form: FormData): Record<string, unknown> | null {
  const text = (name: string): string => String(form.get(name) ?? "").trim();
  const number = (name: string): Record<string, number> => {
    if (text(name) === "") return {};
    const key = name.replace(/^(?:icmp|snmp)\./u, "");
    return { [key]: RATIOS.has(key) ? Number(text(name)) / 100 : Number(text(name)) };
  };
  const thresholds = Object.assign({}, ...THRESHOLDS.map(number)) as Record<string, number>;
  const icmp = { ...number("icmp.intervalS"), ...number("icmp.count"), ...(Object.keys(thresholds).length > 0 ? { thresholds } : {}) };
  const snmp = { ...number("snmp.intervalS"), ...number("snmp.failedPolls") };
  const change = {
    ...(text("role") === "" ? {} : { role: text("role") }),
    ...(words(text("addTags")).length > 0 ? { addTags: words(text("addTags")) } : {}),
    ...(words(text("removeTags")).length > 0 ? { removeTags: words(text("removeTags")) } : {}),
    ...(text("siteId") === "" ? {} : { siteId: Number(text("siteId")) }),
    ...(text("agentId") === "" ? {} : { agentId: Number(text("agentId")) }),
    ...(Object.keys(icmp).length > 0 ? { icmp } : {}),
    ...(Object.keys(snmp).length > 0 ? { snmp } : {}),
  };
  return Object.keys(change).length > 0 ? change : null;
}

export interface Tally {
  readonly done: number;
  readonly unchanged: number;
  /** Refusals by what the hub says, most devices first. */
  readonly refused: readonly { readonly message: string; readonly deviceIds: readonly number[] }[];
}

export function tally(rows: readonly BulkRow[]): Tally {
  const refused = new Map<string, number[]>();
  for (const { outcome, message, deviceId } of rows) {
    if (outcome !== "refused") continue;
    const of = refused.get(message ?? "") ?? [];
    of.push(deviceId);
    refused.set(message ?? "", of);
  }
  return {
    done: rows.filter(({ outcome }) => outcome === "changed" || outcome === "removed").length,
    unchanged: rows.filter(({ outcome }) => outcome === "unchanged").length,
    refused: [...refused].map(([message, deviceIds]) => ({ message, deviceIds })).sort((a, b) => b.deviceIds.length - a.deviceIds.length),
  };
}
