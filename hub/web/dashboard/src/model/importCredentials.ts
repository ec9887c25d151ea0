// What opens the devices of a file: entered once, put to those that are polled by SNMP of that version. Pure.

import type { ImportRow } from "./deviceCsv";
import { credentialsOf, type SnmpChoice } from "./deviceForm";

/** Returns the rows with credentials: those of rows that are polled, in that version or in none that is named. */
export function withCredentials(rows: readonly ImportRow[], form: FormData, version: SnmpChoice): ImportRow[] {
  const entered = credentialsOf(form, version);
  if (Object.keys(entered).length === 0) return [...rows];
  return rows.map((row) => {
    const { snmp } = row;
    if (snmp === undefined || (snmp.version !== undefined && (snmp.version === "3") !== (version === "3"))) return row;
    return { ...row, snmp: { version, ...snmp, ...entered } };
  });
}
