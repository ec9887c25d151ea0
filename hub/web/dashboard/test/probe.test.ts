import { expect, test } from "vitest";

import { icmpVerdict, namesFor, reachedAs, snmpVerdict, type Found, type Probe } from "../src/model/probe";

const probe = (sent: number, received: number, snmp: Probe["snmp"] = null): Probe => ({
  address: "10.0.0.1",
  icmp: { sent, received, rttS: { median: null }, reason: null },
  snmp,
  interfaceCount: 0,
  advice: [],
});
const found = (address: string, sysName: string | null): Found => ({ address, icmp: true, rttS: 0.001, snmp: { ok: sysName !== null, reason: null, credential: null, sysName, sysDescr: null } });

test("no echo sent is no answer of the device, and some lost are said", () => {
  expect([probe(0, 0), probe(5, 0), probe(5, 4), probe(5, 5)].map(icmpVerdict)).toEqual(["unknown", "offline", "degraded", "online"]);
});

test("SNMP that is not asked for is neither good nor bad", () => {
  const snmp = { ok: true, reason: null, version: "2c", sysName: "a", sysDescr: null, detail: null };
  expect([probe(1, 1), probe(1, 1, snmp), probe(1, 1, { ...snmp, ok: false })].map(snmpVerdict)).toEqual(["unknown", "online", "offline"]);
});

test("found devices are offered names that no other has", () => {
  const names = namesFor([found("10.0.0.1", "sw1"), found("10.0.0.2", "SW1"), found("10.0.0.3", " "), found("10.0.0.4", "core")], new Set(["Core"]));
  expect([...names.values()]).toEqual(["sw1", "SW1 10.0.0.2", "10.0.0.3", "core 10.0.0.4"]);
});

test("found devices are measured by what they answered to", () => {
  const offers = [{ name: "credentials 1", version: "2c", community: "x" }];
  const snmp = { ok: true, reason: null, credential: "credentials 1", sysName: null, sysDescr: null };
  const one = { address: "10.0.0.1", rttS: null };
  expect(reachedAs({ ...one, icmp: true, snmp }, offers)).toEqual({ address: "10.0.0.1", snmp: { version: "2c", community: "x" } });
  expect(reachedAs({ ...one, icmp: true, snmp: null }, offers)).toEqual({ address: "10.0.0.1" });
  // An agent that may not ping finds by SNMP, and judges by it.
  expect(reachedAs({ ...one, icmp: null, snmp }, offers)).toMatchObject({ reachability: "snmp" });
});
