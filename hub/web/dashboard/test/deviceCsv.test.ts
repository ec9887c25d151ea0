import { expect, test } from "vitest";

import { alsoWrong, devicesCsv, MAX_ROWS, parseDevices } from "../src/model/deviceCsv";
import { row } from "./samples";

test("columns are found by their names, several tags with a bar between", () => {
  const text = "Name;Address;Site;SNMP Version;tags;icmp-interval\r\ncore1;10.0.0.1;hq;v2c;core|mpls;2,5\r\n\r\nedge;10.0.0.2;;;;\r\n";
  expect(parseDevices(text, "north")).toEqual({
    rows: [
      { name: "core1", address: "10.0.0.1", site: "hq", tags: ["core", "mpls"], icmpIntervalS: 2.5, snmp: { version: "2c" } },
      { name: "edge", address: "10.0.0.2", site: "north" },
    ],
    lines: [2, 4],
    half: [],
    faults: [],
  });
});

test("quotes hold commas, line ends and quotes, and lines are still counted", () => {
  const { rows, lines } = parseDevices('name,address,note\n"a, ""b""",10.0.0.1,"one\ntwo"\nc,10.0.0.3,\n', "hq");
  expect(rows.map(({ name, note }) => [name, note])).toEqual([['a, "b"', "one\ntwo"], ["c", undefined]]);
  expect(lines).toEqual([2, 4]);
});

test.each([
  ["", "empty", ""],
  ["name,address,comunity\na,1,", "unknown", "comunity"],
  ["name,address,community\na,1,public", "secret", "community"],
  ["name,name,address\na,b,1", "twice", "name"],
  ["name\na", "missing", "address"],
  ['name,address\n"a,1', "quote", ""],
  [`name,address\n${"a,1\n".repeat(MAX_ROWS + 1)}`, "many", String(MAX_ROWS + 1)],
])("a file that cannot be meant is refused whole: %j", (text, kind, what) => {
  const { rows, faults } = parseDevices(text, "hq");
  expect(rows).toEqual([]);
  expect(faults[0]).toMatchObject({ kind, what });
});

test("a line that cannot be used is told by its number, the others stand", () => {
  const { rows, faults } = parseDevices("name,address,snmp_port\na,,\nb,10.0.0.2,x\nc,10.0.0.3,,9\nd,10.0.0.4,1161", "hq");
  expect(rows.map(({ name }) => name)).toEqual(["d"]);
  expect(faults).toEqual([
    { line: 2, kind: "needed", what: "address" },
    { line: 3, kind: "number", what: "snmp_port" },
    { line: 4, kind: "cells", what: "4" },
  ]);
  expect(parseDevices("name,address\na,10.0.0.1", "").faults).toEqual([{ line: 2, kind: "needed", what: "site" }]);
});

test("what is exported is what an import takes", () => {
  const { rows, faults } = parseDevices(devicesCsv([row({ name: "a, b", tags: ["x", "y"] })]), "");
  expect(faults).toEqual([]);
  expect(rows[0]).toEqual({
    name: "a, b",
    address: "10.0.0.1",
    site: "hq",
    agent: "hq-agent",
    reachability: "icmp",
    icmpIntervalS: 10,
    snmp: { version: "2c", port: 161, intervalS: 30 },
    tags: ["x", "y"],
  });
});

test("all that is wrong with a line is told, and what the hub says of the rest of it", () => {
  const parsed = parseDevices("name,address,snmp_port,icmp_interval,parents\n,10.0.0.300,x,y,gone\na,10.0.0.1,,,\n", "hq");
  expect(parsed.faults.map(({ line, kind, what }) => [line, kind, what])).toEqual([
    [2, "needed", "name"],
    [2, "number", "icmp_interval"],
    [2, "number", "snmp_port"],
  ]);
  expect(parsed.half).toEqual([{ line: 2, row: { name: "", address: "10.0.0.300", site: "hq" } }]);
  const said = [{ faults: [{ field: "name", message: "must have 1 to 200 characters" }, { field: "address", message: "looks like one" }] }];
  expect(alsoWrong(parsed, said)).toEqual([{ field: "address", message: "looks like one", line: 2 }]);
});
