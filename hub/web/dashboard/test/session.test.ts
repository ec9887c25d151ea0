import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { hasSession, Session } from "../src/data/session";

const answer = (status: number, body: object): Response => new Response(JSON.stringify(body), { status });
const GRANT = { accessToken: "t", expiresIn: 900 };
const ME = { subject: "user:1", name: "ana", role: "operator", userId: 1, customerId: null };

let hub: (path: string) => Response;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return hub(path);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a session is seen by the hub's hint and nothing like it", () => {
  expect(hasSession("noctule_session=1")).toBe(true);
  expect(hasSession("theme=dark; noctule_session=1")).toBe(true);
  for (const cookies of ["", "noctule_session=", "xnoctule_session=1", "noctule_session=10", "a=noctule_session=1"]) {
    expect(hasSession(cookies)).toBe(false);
  }
});

test("a session that the hub has ended keeps who it was, asks for nothing, and goes on with a password", async () => {
  const session = new Session(() => undefined);
  hub = (path) => answer(200, path.endsWith("/me") ? ME : GRANT);
  await session.signIn("ana", "right");
  hub = () => answer(401, { message: "this session has ended" });
  await expect(session.ask("/api/v1/rules")).rejects.toMatchObject({ status: 401, code: "session_ended" });
  expect(session.state.get()).toEqual({ phase: "signed-in", me: ME, ended: true });

  const before = asked.length;
  await expect(session.ask("/api/v1/rules")).rejects.toMatchObject({ code: "session_ended" });
  expect(asked).toHaveLength(before);

  hub = (path) => answer(200, path.endsWith("/me") ? ME : GRANT);
  await session.signIn("ana", "right");
  expect(session.state.get()).toEqual({ phase: "signed-in", me: ME, ended: false });
});

test("a hub that does not answer ends no session", async () => {
  const session = new Session(() => undefined);
  hub = (path) => answer(200, path.endsWith("/me") ? ME : GRANT);
  await session.signIn("ana", "right");
  hub = () => answer(503, {});
  await expect(session.token({ fresh: true })).rejects.toMatchObject({ status: 503 });
  expect(session.state.get()).toMatchObject({ phase: "signed-in", ended: false });
});
