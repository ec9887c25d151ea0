import { describe, expect, it } from "vitest";

import { id } from "../src/texts/id";
import { en } from "../src/texts/en";
import { SAYINGS } from "./sayings";

describe("the hub's sentences", () => {
  it.each(SAYINGS)("%s", (english, indonesian) => {
    expect(id.hubSays(english)).toBe(indonesian);
    expect(en.hubSays(english)).toBe(english);
  });

  it("are translated in no time, whatever is written into them", () => {
    const began = performance.now();
    for (const part of [": ", "; ", ", ", " is ", "it is ", "alert 1 is pending: ", "("]) id.hubSays(part.repeat(1_000).slice(0, 1_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
