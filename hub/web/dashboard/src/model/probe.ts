// What a device answered to its agent, as the page says it. Pure.

import { texts } from "../texts";
import type { ImportRow } from "./deviceCsv";

/** As `POST /api/v1/devices/{id}/test` answers. */
export interface Probe {
  readonly address: string;
  readonly icmp: { readonly sent: number; readonly received: number; readonly rttS: { readonly median: number | null }; readonly reason: string | null };
  readonly snmp: { readonly ok: boolean; readonly reason: string | null; readonly version: string; readonly sysName: string | null; readonly sysDescr: string | null; readonly detail: string | null } | null;
  readonly interfaceCount: number;
  readonly advice: readonly string[];
}

export type Verdict = "online" | "degraded" | "offline" | "unknown";

/** Returns how echoes went; none sent is no answer of the device's. */
export function icmpVerdict({ icmp }: Probe): Verdict {
  if (icmp.sent === 0) return "unknown";
  return icmp.received === 0 ? "offline" : icmp.received < icmp.sent ? "degraded" : "online";
}

export function snmpVerdict({ snmp }: Probe): Verdict {
  if (snmp === null) return "unknown";
  return snmp.ok ? "online" : "offline";
}

/** Returns why nothing was measured or nothing answered, in words; what is no reason known here is said as it is. */
export function reasonWord(reason: string | null): string {
  return texts.deviceEdit.reasons[reason ?? ""] ?? texts.hubSays(reason ?? "");
}

/** As `POST /api/v1/agents/{id}/discover` answers. */
export interface Sweep {
  readonly network: string;
  readonly addresses: number;
  readonly swept: number;
  readonly complete: boolean;
  readonly sendError: string | null;
  readonly durationS: number;
  readonly found: readonly Found[];
}

export interface Found {
  readonly address: string;
  readonly icmp: boolean | null;
  readonly rttS: number | null;
  readonly snmp: { readonly ok: boolean; readonly reason: string | null; readonly credential: string | null; readonly sysName: string | null; readonly sysDescr: string | null } | null;
}

/** Credentials as they were offered, under the name by which what answers to them is told. */
export interface Offer {
  readonly name: string;
  readonly version: string;
  readonly community?: string;
  readonly v3?: Readonly<Record<string, string>>;
}

/** Returns how a found device is to be measured: by what it answered to. Where nobody could ping, SNMP judges it. */
export function reachedAs({ address, icmp, snmp }: Found, offers: readonly Offer[]): Pick<ImportRow, "address" | "snmp" | "reachability"> {
  const offer = offers.find(({ name }) => snmp?.ok === true && name === snmp.credential);
  if (offer === undefined) return { address };
  const { name: _, ...opens } = offer;
  return { address, snmp: opens, ...(icmp === true ? {} : { reachability: "snmp" }) };
}

/** Returns the name that a found device is offered: its own, made distinct, or else its address. */
export function namesFor(found: readonly Found[], taken: ReadonlySet<string>): Map<string, string> {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  return new Map(
    found.map(({ address, snmp }) => {
      const own = (snmp?.sysName ?? "").trim().slice(0, 80) || address;
      const name = used.has(own.toLowerCase()) ? `${own} ${address}` : own;
      used.add(name.toLowerCase());
      return [address, name];
    }),
  );
}
