import { describe, expect, it } from "vitest";

import { fileText } from "../src/model/fileText";

describe("a file's text", () => {
  it.each([
    ["UTF-8", [0x5a, 0xc3, 0xbc, 0x72, 0x69]],
    ["UTF-8 with a mark", [0xef, 0xbb, 0xbf, 0x5a, 0xc3, 0xbc, 0x72, 0x69]],
    ["UTF-16", [0xff, 0xfe, 0x5a, 0, 0xfc, 0, 0x72, 0, 0x69, 0]],
    ["UTF-16, large end first", [0xfe, 0xff, 0, 0x5a, 0, 0xfc, 0, 0x72, 0, 0x69]],
    ["Windows", [0x5a, 0xfc, 0x72, 0x69]],
  ])("is read from %s", (_, bytes) => {
    expect(fileText(new Uint8Array(bytes))).toBe("Züri");
  });

  it("is nothing where there is none", () => {
    expect(fileText(new Uint8Array())).toBe("");
  });
});
