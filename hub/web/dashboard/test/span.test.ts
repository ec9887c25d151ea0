import { describe, expect, it } from "vitest";

import { csvCell, csvText } from "../src/model/csv";
import { historyQuery, lengthWord, spanOf } from "../src/model/span";

const NOW_MS = 1_795_000_000_000;
const of = (text: string): URLSearchParams => new URLSearchParams(text);

describe("the time that charts show", () => {
  it("is a length up to now, or a stretch that somebody zoomed into", () => {
    expect(spanOf(of(""), NOW_MS)).toEqual({ fromMs: NOW_MS - 3_600_000, toMs: NOW_MS, live: true });
    expect(spanOf(of("span=24h"), NOW_MS).fromMs).toBe(NOW_MS - 86_400_000);
    expect(spanOf(of("from=1000000&to=2000000"), NOW_MS)).toEqual({ fromMs: 1e6, toMs: 2e6, live: false });
  });

  it.each(["span=3w", "from=2000000&to=1000000", "from=x&to=y", "from=5&to=6", "from=0&to=1"])("is the usual one for %s", (text) => {
    expect(spanOf(of(text), NOW_MS, "6h")).toEqual({ fromMs: NOW_MS - 21_600_000, toMs: NOW_MS, live: true });
  });

  it("has no word while zoomed", () => {
    expect(lengthWord(of("span=7d"))).toBe("7d");
    expect(lengthWord(of("span=9d"))).toBe("1h");
    expect(lengthWord(of("from=1&to=2"))).toBeNull();
  });

  it("is asked for in whole seconds and a width the hub takes", () => {
    const query = historyQuery({ fromMs: 1_500, toMs: 2_500, live: true }, 9_999);
    expect(query).toBe("from=1970-01-01T00:00:01.000Z&to=1970-01-01T00:00:03.000Z&points=5000");
  });
});

describe("rows as CSV", () => {
  it("never hold a formula, and numbers stay numbers", () => {
    expect(csvCell("=cmd()")).toBe("'=cmd()");
    expect(csvCell("-x")).toBe("'-x");
    expect(csvCell(-1.5)).toBe("-1.5");
    expect(csvCell(null)).toBe("");
    expect(csvCell(Number.NaN)).toBe("");
    expect(csvText(["a", "b,c"], [['x"y', 1]])).toBe('a,"b,c"\r\n"x""y",1\r\n');
  });
});
