import { expect, test } from "vitest";

import { batches, bulkChange, tally } from "../src/model/bulk";
import { credentialsOf, deviceBody, words, type EditedDevice } from "../src/model/deviceForm";

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

const DEVICE: EditedDevice = {
  id: 7,
  revision: 3,
  name: "core1",
  address: "10.0.0.1",
  siteId: 1,
  siteName: "hq",
  agentId: 4,
  agentName: "a",
  reachability: "icmp",
  icmp: { intervalS: 10, count: 5, thresholds: { retries: 5 } },
  snmp: { version: "2c", port: 161, intervalS: 30, failedPolls: 4 },
  role: "core",
  tags: [],
  parents: [],
  note: "",
};
const ENTERED = { name: " core1 ", address: "10.0.0.1", siteId: "1", agentId: "4", reachability: "icmp", pinged: "on", icmpIntervalS: "5", icmpCount: "", snmpVersion: "2c", snmpPort: "161", snmpIntervalS: "60", role: " border ", tags: "a, b,a", note: "" };

test("what the form does not show stays, and credentials stay unless others are entered", () => {
  const body = deviceBody(form(ENTERED), [9], DEVICE);
  expect(body).toEqual({
    revision: 3,
    name: "core1",
    address: "10.0.0.1",
    siteId: 1,
    reachability: "icmp",
    icmp: { intervalS: 5, count: 5, thresholds: { retries: 5 } },
    snmp: { version: "2c", port: 161, intervalS: 60, failedPolls: 4 },
    role: "border",
    tags: ["a", "b"],
    parents: [9],
    note: "",
  });
  expect(deviceBody(form({ ...ENTERED, community: " c " }), [], DEVICE)["snmp"]).toMatchObject({ community: " c " });
});

test("a new device has no revision, and what is switched off is null", () => {
  const { pinged: _, ...rest } = ENTERED;
  const body = deviceBody(form({ ...rest, snmpVersion: "none", agentId: "" }), [], null);
  expect(body).not.toHaveProperty("revision");
  expect(body).not.toHaveProperty("agentId");
  expect(body).toMatchObject({ icmp: null, snmp: null });
});

test("another site takes the agent that is named with it", () => {
  expect(deviceBody(form({ ...ENTERED, siteId: "2" }), [], DEVICE)).toMatchObject({ siteId: 2, agentId: 4 });
  expect(deviceBody(form({ ...ENTERED, siteId: "2", agentId: "" }), [], DEVICE)).not.toHaveProperty("agentId");
});

test("a v3 user is sent with what was entered of it", () => {
  const user = { user: "noc", authProtocol: "SHA-256", authSecret: "secret 12", privProtocol: "", privSecret: "", context: "" };
  expect(credentialsOf(form(user), "3")).toEqual({ v3: { user: "noc", authProtocol: "SHA-256", authSecret: "secret 12" } });
  expect(credentialsOf(form({ ...user, user: "" }), "3")).toEqual({});
  expect(credentialsOf(form({ community: "x" }), "none")).toEqual({});
});

test("words are told once each", () => {
  expect(words(" a, b,,a ")).toEqual(["a", "b"]);
});

test("a change of many holds only what was entered; percent become ratios", () => {
  expect(bulkChange(form({ addTags: "", removeTags: "", siteId: "" }))).toBeNull();
  expect(bulkChange(form({ addTags: "x, y", siteId: "4", "icmp.intervalS": "20", degradedLossRatio: "25", retries: "5", "snmp.intervalS": "60" }))).toEqual({
    addTags: ["x", "y"],
    siteId: 4,
    icmp: { intervalS: 20, thresholds: { retries: 5, degradedLossRatio: 0.25 } },
    snmp: { intervalS: 60 },
  });
});

test("refusals are gathered by what the hub says", () => {
  const told = (deviceId: number, outcome: "changed" | "refused", message: string | null = null) => ({ deviceId, outcome, field: null, message });
  expect(tally([told(1, "changed"), told(2, "refused", "a"), told(3, "refused", "b"), told(4, "refused", "b")])).toEqual({
    done: 1,
    unchanged: 0,
    refused: [
      { message: "b", deviceIds: [3, 4] },
      { message: "a", deviceIds: [2] },
    ],
  });
  expect(batches([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
});
