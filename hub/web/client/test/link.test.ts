import { expect, test } from "vitest";

import { IDLE, nextLink } from "../src/link.js";

const lost = { kind: "lost", reason: "the connection broke", retryAtMs: 5_000 } as const;

test("a loss keeps the moment of the first one through every attempt", () => {
  let state = nextLink(nextLink(IDLE, { kind: "dial" }, 0), { kind: "up" }, 100);
  state = nextLink(state, lost, 1_000);
  state = nextLink(state, { kind: "dial" }, 5_000);
  expect(state).toMatchObject({ phase: "reconnecting", sinceMs: 1_000, retryAtMs: null, attempt: 1 });
  state = nextLink(state, lost, 6_000);
  expect(state).toMatchObject({ phase: "reconnecting", sinceMs: 1_000, attempt: 2 });
});

test("being up again forgets the attempts", () => {
  const state = nextLink(nextLink(IDLE, lost, 1_000), { kind: "up" }, 2_000);
  expect(state).toEqual({ phase: "live", sinceMs: 2_000, attempt: 0, retryAtMs: null, reason: null });
});

test("a client that was closed is idle, not lost", () => {
  expect(nextLink(nextLink(IDLE, { kind: "up" }, 1), { kind: "close" }, 2).phase).toBe("idle");
});
