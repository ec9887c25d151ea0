import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { LogPosition } from "../src/index.js";
import { IDLE, nextLink } from "../src/link.js";
import { Follower, SILENT_MS } from "../src/tabs/follower.js";
import type { FromFollower, FromLeader } from "../src/tabs/messages.js";

const LIVE = nextLink(IDLE, { kind: "up" }, 0);
const NO_LINK = { transport: null, socketId: undefined };
const at = (seq: number): LogPosition => ({ epoch: "00000000000000aa", seq });

const said: FromFollower[] = [];
const heard: unknown[] = [];
let silent = 0;
let follower: Follower;

beforeEach(() => {
  vi.useFakeTimers();
  said.length = heard.length = 0;
  silent = 0;
  follower = new Follower({
    tab: "me",
    owner: {
      token: () => Promise.resolve(null),
      wants: () => ({ ofRole: true, rooms: [] }),
      position: () => at(10),
      onState: () => undefined,
      onEvent: (_name, payload) => heard.push(payload),
      onAnswer: (room, ack) => heard.push([room, ack]),
    },
    post: (message) => said.push(message),
    place: () => undefined,
    onSilent: () => (silent += 1),
  });
  follower.follow();
});

afterEach(() => {
  follower.end();
  vi.useRealTimers();
});

function welcome(n: number, replay: unknown[] = [], term = "t1"): FromLeader {
  const events = replay.map((payload) => ({ name: "x", payload }));
  return { t: "welcome", tab: "me", term, n, state: LIVE, link: NO_LINK, position: at(10), replay: events };
}

const event = (n: number, payload: unknown, term = "t1"): FromLeader => ({ t: "event", term, n, name: "x", payload });
const asked = (): number => said.filter(({ t }) => t === "want").length;

test("nothing is taken before the welcome, and what was missed comes before what is new", () => {
  follower.take(event(4, "early"));
  follower.take(welcome(5, ["missed"]));
  follower.take(event(5, "new"));
  expect(heard).toEqual(["missed", "new"]);
});

test("a message that is missing is asked for, and nothing is taken until it has come", () => {
  follower.take(welcome(5));
  follower.take(event(5, "a"));
  follower.take(event(7, "c"));
  follower.take(event(8, "d"));
  expect([heard, asked()]).toEqual([["a"], 2]);
  follower.take(welcome(9, ["b", "c", "d"]));
  follower.take(event(9, "e"));
  expect(heard).toEqual(["a", "b", "c", "d", "e"]);
});

test("a second answer to one question is not taken", () => {
  follower.take(welcome(5, ["a"]));
  follower.take(welcome(5, ["a"]));
  expect(heard).toEqual(["a"]);
});

test("what an older leader says is not heard any more", () => {
  follower.take(welcome(5));
  follower.take({ t: "lead", term: "t2" });
  follower.take(event(5, "of the old"));
  follower.take(welcome(0, [], "t2"));
  follower.take(event(5, "of the old"));
  follower.take(event(0, "of the new", "t2"));
  expect(heard).toEqual(["of the new"]);
});

test("a leader that says nothing is asked, and replaced only when it does not answer", () => {
  follower.take(welcome(5));
  vi.advanceTimersByTime(SILENT_MS);
  expect([asked(), silent]).toEqual([2, 0]);
  follower.take(welcome(5));
  vi.advanceTimersByTime(SILENT_MS);
  expect(silent).toBe(0);
  vi.advanceTimersByTime(SILENT_MS + 5_000);
  expect(silent).toBe(1);
});

test("a question that nobody answers ends, and one that is answered is answered once", async () => {
  const unanswered = follower.ping();
  const told = expect(unanswered).rejects.toThrow(/did not answer/u);
  await vi.advanceTimersByTimeAsync(10_000);
  await told;
  const answered = follower.ping();
  const call = said.flatMap((one) => (one.t === "call" ? [one.call] : [])).at(-1) ?? 0;
  follower.take({ t: "answer", tab: "other", call, ok: false, value: null });
  follower.take({ t: "answer", tab: "me", call, ok: true, value: null });
  await expect(answered).resolves.toBeUndefined();
});

test("an end leaves no timer behind", () => {
  void follower.ping().catch(() => undefined);
  follower.end();
  expect(vi.getTimerCount()).toBe(0);
});
