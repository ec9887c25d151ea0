import { expect, test } from "vitest";

import { identityOf, NOBODY } from "../src/identity.js";
import { tokenOf } from "./support/waiting.js";

test("a token says whose it is and until when", () => {
  expect(identityOf(tokenOf({ sub: "user:7", iss: "noctule", role: "viewer", exp: 100 }))).toEqual({
    who: "noctule|user:7|viewer",
    expiresMs: 100_000,
  });
});

test("an existing backend's userId will do, and text beyond ASCII too", () => {
  expect(identityOf(tokenOf({ userId: 7 })).who).toBe("|7|");
  expect(identityOf(tokenOf({ sub: "ölga?>" })).who).toBe(`|${Buffer.from("ölga?>").toString("latin1")}|`);
});

test("without a token one is nobody, for ever", () => {
  expect(identityOf(null)).toEqual({ who: NOBODY, expiresMs: null });
  expect(identityOf("")).toEqual({ who: NOBODY, expiresMs: null });
});

test.each(["opaque", "a.b.c", "a..c", "a.bnVsbA.c", tokenOf({ exp: 100 })])("nothing is made up for %s", (token) => {
  expect(identityOf(token).who).toBeNull();
});
