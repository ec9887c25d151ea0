import { describe, expect, it } from "vitest";

import { highlighted, KEPT, logQuery, matcherOf, termsOf, withNew, type LogFilter, type LogRow } from "../src/model/logs";

const ALL: LogFilter = { text: "", severity: "", source: "", deviceId: null };

function row(seq: number, rest: Partial<LogRow> = {}): LogRow {
  return { seq, timestamp: "2026-11-26T08:00:00.000Z", late: false, deviceId: 1, deviceName: "r1", siteId: 1, address: "192.0.2.1", severity: 3, severityName: "error", facility: "local7", source: "syslog", message: "BGP peer 192.0.2.9 down", ...rest };
}

describe("what is looked for in the logs", () => {
  it.each([
    ["bgp", true],
    ["BGP down", true],
    ["bgp up", false],
    ["\"peer 192\"", true],
    ["\"192 peer\"", false],
    ["pee*", true],
    ["pee", false],
    ["\"bgp pe\"*", true],
    ["...", true],
  ])("reads %s as the hub does", (text, found) => {
    expect(matcherOf({ ...ALL, text })(row(1))).toBe(found);
  });

  it("leaves letters with accents alone", () => {
    expect(matcherOf({ ...ALL, text: "zurich" })(row(1, { message: "Zürich: link down" }))).toBe(true);
  });

  it.each([
    [{ severity: "error" }, true],
    [{ severity: "critical" }, false],
    [{ source: "trap" }, false],
    [{ deviceId: 2 }, false],
  ])("goes by %o", (part, found) => {
    expect(matcherOf({ ...ALL, ...part })(row(1))).toBe(found);
  });

  it("asks the hub for nothing that it would refuse", () => {
    expect(logQuery({ ...ALL, text: "..." }, 200)).toBe("limit=200");
    expect(logQuery({ ...ALL, text: "a b", severity: "error", deviceId: 3 }, null)).toBe("text=a+b&severity=error&device=3");
  });
});

describe("logs that come live", () => {
  it("stand newest first, each once, and the oldest of too many go", () => {
    const before = [row(5), row(3)];
    expect(withNew(before, [row(7), row(5), row(6)]).map(({ seq }) => seq)).toEqual([7, 6, 5, 3]);
    expect(withNew(before, [row(5)])).toBe(before);
    const many = Array.from({ length: KEPT }, (_, at) => row(KEPT - at));
    expect(withNew(many, [row(KEPT + 1)])).toHaveLength(KEPT);
  });

  it("show what was looked for as text", () => {
    const parts = highlighted("<b>BGP</b> peer", termsOf("bgp pee*"));
    expect(parts).toEqual([
      { text: "<b>", found: false },
      { text: "BGP", found: true },
      { text: "</b> ", found: false },
      { text: "peer", found: true },
    ]);
    expect(highlighted("plain", [])).toEqual([{ text: "plain", found: false }]);
  });
});
