import { expect, test } from "vitest";

import { hasSession } from "../src/data/session";

test("a session is seen by the hub's hint and nothing like it", () => {
  expect(hasSession("noctule_session=1")).toBe(true);
  expect(hasSession("theme=dark; noctule_session=1")).toBe(true);
  for (const cookies of ["", "noctule_session=", "xnoctule_session=1", "noctule_session=10", "a=noctule_session=1"]) {
    expect(hasSession(cookies)).toBe(false);
  }
});
