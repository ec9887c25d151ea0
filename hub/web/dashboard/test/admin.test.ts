import { describe, expect, it } from "vitest";

import { auditQuery, differenceLine, differences, fieldWords, subjectOf, type AuditEntry } from "../src/model/audit";
import { availabilityFigure, monthAt, monthsBefore, monthWord, volume } from "../src/model/months";
import { clientWord, connectionsOf, tokenState, type Token } from "../src/model/people";
import { trafficPlot } from "../src/model/traffic";

const entry = (before: AuditEntry["before"], after: AuditEntry["after"]): AuditEntry => ({ id: 1, at: "", subject: "", actor: "", address: null, action: "changed", kind: "device", objectId: 1, name: "", before, after });

describe("what a change has changed", () => {
  it("are the fields that differ, parts of parts by their own names, without what says nothing", () => {
    const found = differences(entry({ name: "a", revision: 1, icmp: { count: 5, intervalS: 1 }, tags: ["x"] }, { name: "a", revision: 2, icmp: { count: 9, intervalS: 1 }, tags: ["x", "y"] }));
    expect(found).toEqual([
      { field: "icmp.count", before: "5", after: "9" },
      { field: "tags", before: "x", after: "x, y" },
    ]);
  });

  it("tells nothing from null, and times as times", () => {
    expect(differences(entry({ note: "", untilMs: null }, { note: "", untilMs: 1_795_694_400_000 }))).toEqual([{ field: "untilMs", before: null, after: "2026-11-26T12:00:00Z" }]);
    expect(differences(entry(null, { schedule: { starts_ms: 1_795_694_400_000 } }))[0]?.after).toBe("2026-11-26T12:00:00Z");
  });

  it("of what was added or removed is all of it, and no line", () => {
    expect(differences(entry(null, { name: "a" }))).toEqual([{ field: "name", before: null, after: "a" }]);
    expect(differenceLine(entry(null, { name: "a" }))).toBe("");
    expect(differenceLine(entry({ name: "a" }, { name: "b" }))).toBe("name: a → b");
  });

  it("names the items of a list by what they are called, and fields by words", () => {
    const found = differences(entry({ components: [{ label: "Fibre", device_ids: [1] }] }, { components: [{ label: "Radio", device_ids: [2] }, { label: "Fibre", device_ids: [1, 3] }] }));
    expect(found.map(({ field, before, after }) => [fieldWords(field), before, after])).toEqual([
      ["components “Fibre”: device ids", "1", "1, 3"],
      ["components “Radio”: label", null, "Radio"],
      ["components “Radio”: device ids", null, "2"],
    ]);
    const names = ["icmp.interval_s", "revokedMs", "schedule.starts_ms", "committedBps", "snmp.max_requests_per_s", "fields.steps 1.after_s", "name"];
    expect(names.map(fieldWords)).toEqual(["icmp: interval (s)", "revoked", "schedule: starts", "committed (bit/s)", "snmp: max requests per s", "fields: steps 1: after (s)", "name"]);
  });

  it("finds who did it by name, subject or word", () => {
    const people = new Map([["user:7", "Ann"], ["token:7", "wall"]]);
    expect(["ann", "user:7", " local ", "wall", "ext:portal:9", ""].map((text) => subjectOf(text, people))).toEqual(["user:7", "user:7", "local", "token:7", "ext:portal:9", ""]);
  });

  it("is asked for by days of the viewer's own zone, the last one included", () => {
    const query = new URLSearchParams(auditQuery({ subject: "user:7", kind: "", objectId: "x", since: "2026-11-26", until: "2026-11-26" }, 50));
    expect(query.get("subject")).toBe("user:7");
    expect(query.has("kind") || query.has("objectId")).toBe(false);
    expect(Date.parse(query.get("to") ?? "") - Date.parse(query.get("from") ?? "")).toBe(86_400_000);
    expect(auditQuery({ subject: "", kind: "", objectId: "", since: "26.11.", until: "" }, 50)).toBe("limit=50");
  });
});

describe("months", () => {
  it("begin in the customer's own zone", () => {
    const ms = Date.parse("2026-11-30T20:00:00Z");
    expect([monthAt(ms, "UTC"), monthAt(ms, "Asia/Jakarta"), monthAt(ms, "Mars/Olympus")]).toEqual(["2026-11", "2026-12", "2026-11"]);
  });

  it("go back over the year", () => {
    expect([0, 1, 11, 12].map((n) => monthsBefore("2026-11", n))).toEqual(["2026-11", "2026-10", "2025-12", "2025-11"]);
    expect(monthWord("2026-11", "en-GB")).toBe("November 2026");
  });

  it("say volumes in decimal units", () => {
    expect(volume(1_236_000_000_000)).toEqual({ value: "1.24", unit: "TB" });
    expect(volume(999)).toEqual({ value: "999", unit: "B" });
    expect(volume(null).value).toBe("–");
  });

  it("never round an availability up to all", () => {
    expect(availabilityFigure(0.9999999)).toEqual({ value: "99.999", unit: "%" });
    expect(availabilityFigure(1)).toEqual({ value: "100", unit: "%" });
    expect(availabilityFigure(null).value).toBe("–");
  });
});

describe("people and programs", () => {
  const token = (more: Partial<Token>): Token => ({ id: 1, name: "wall", role: "viewer", createdAt: "", issuedAt: "", expiresAt: "2027-01-01T00:00:00Z", formerUntil: null, revokedAt: null, usedAt: null, usedFrom: null, ...more });
  const NOW_MS = Date.parse("2026-11-26T12:00:00Z");

  it.each([
    [token({}), "good"],
    [token({ expiresAt: "2026-12-01T00:00:00Z" }), "soon"],
    [token({ expiresAt: "2026-11-26T12:00:00Z" }), "expired"],
    [token({ revokedAt: "2026-11-01T00:00:00Z" }), "revoked"],
  ])("a token is as good as it is", (one, state) => {
    expect(tokenState(one, NOW_MS)).toBe(state);
  });

  it("are counted by role and name", () => {
    const found = connectionsOf([{ user: "a", role: "admin" }, { user: "a", role: "admin" }, { user: "a", role: "viewer" }]);
    expect([found.get("admin a"), found.get("viewer a")]).toEqual([2, 1]);
  });

  it("sign in with browsers that have short names", () => {
    expect(clientWord("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")).toBe("Firefox on Linux");
    expect(clientWord("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0")).toBe("Edge on Windows");
    expect(clientWord("noctule/0.1.0")).toBe("noctule/0.1.0");
  });
});

describe("a plot of traffic", () => {
  const columns = { stepS: 300, tsMs: [1, 2], inBps: [5, null], outBps: [6, 7], inMinBps: [4, null], inMaxBps: [9, null], outMinBps: [5, 6], outMaxBps: [7, 8] };

  it("draws out downwards, holes as holes, and what is committed both ways", () => {
    const plot = trafficPlot(columns, 50, { in: "in", out: "out", committed: "committed" });
    expect(plot.lines.map(({ key, mirrored }) => [key, mirrored === true])).toEqual([["in", false], ["out", true]]);
    expect(plot.lines[0]?.values).toEqual([5, null]);
    expect(plot.levels?.map(({ value, mirrored }) => [value, mirrored === true])).toEqual([[50, false], [50, true]]);
  });

  it("has no envelope of what was measured once each", () => {
    const plot = trafficPlot({ ...columns, stepS: null }, null, { in: "in", out: "out", committed: "" });
    expect(plot.bands?.flatMap(({ low, high }) => [...low, ...high]).every((value) => value === null)).toBe(true);
    expect(trafficPlot(null, null, { in: "", out: "", committed: "" }).times).toEqual([]);
  });
});
