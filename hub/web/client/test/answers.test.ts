// The answer to `subscribe`: one for each call, whenever and however the hub gives it.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createClient, type ClientOptions, type NoctuleClient, type SubscribeAck } from "../src/index.js";
import { GRACE_MS } from "../src/rooms.js";
import { readSnapshot } from "../src/snapshot.js";
import { Browser } from "./support/browser.js";
import { EPOCH, TestHub } from "./support/hub.js";
import { tokenOf, until } from "./support/waiting.js";

let hub: TestHub;
let clients: NoctuleClient[] = [];

beforeEach(async () => {
  hub = await TestHub.start();
  hub.floor = 5;
  clients = [];
});

afterEach(async () => {
  vi.useRealTimers();
  for (const client of clients) client.close();
  await hub.stop();
});

function made(options: Partial<ClientOptions> = {}): NoctuleClient {
  const client = createClient({ url: hub.url, getToken: () => "t", cursor: "none", ...options });
  clients.push(client);
  return client;
}

/** Holds a room and returns the answers that come. */
function held(client: NoctuleClient, room: string): SubscribeAck[] {
  const acks: SubscribeAck[] = [];
  client.subscribe(room, (ack) => acks.push(ack));
  return acks;
}

/** Waits for an answer each, and for a later one of the hub, after which a second one would be there. */
async function answered(client: NoctuleClient, ...all: SubscribeAck[][]): Promise<void> {
  await until("the answers", () => all.every((acks) => acks.length > 0));
  await until("a live link", () => client.state.phase === "live");
  await client.ping();
  expect(all.map((acks) => acks.length)).toEqual(all.map(() => 1));
}

const asked = (): unknown[] => hub.asked.flatMap((one) => ((one as unknown[])[0] === "subscribe" ? [(one as unknown[])[1]] : []));

test("a room held before the connection is answered by the handshake, each call once", async () => {
  const client = made();
  const acks = [held(client, "device:7"), held(client, "device:7"), held(client, "devices")];
  client.connect();
  await answered(client, ...acks);
  const joined = { ok: true, epoch: EPOCH, head: 5, recovered: false };
  expect(acks.flat()).toEqual([{ room: "device:7", ...joined }, { room: "device:7", ...joined }, { room: "devices", ...joined }]);
  expect(asked()).toEqual([]);
});

test("what the handshake caught up is answered as such", async () => {
  const client = made();
  client.seed({ epoch: EPOCH, seq: 5 });
  const acks = held(client, "device:7");
  client.connect();
  await answered(client, acks);
  expect(acks).toEqual([{ ok: true, room: "device:7", epoch: EPOCH, head: 5, recovered: true }]);
});

test("a refusal of a room held before the connection is the hub's own", async () => {
  hub.forbidden.add("user:1");
  const client = made();
  const acks = held(client, "user:1");
  client.connect();
  await answered(client, acks);
  expect(acks).toEqual([{ ok: false, error: { code: "forbidden", message: "user:1", field: "room" } }]);
});

test.each([{ since: null }, { since: { epoch: EPOCH, seq: 5 } }])("a room held during the handshake is answered once: $since", async ({ since }) => {
  hub.forbidden.add("user:1");
  const client = made();
  if (since !== null) client.seed(since);
  const acks: SubscribeAck[][] = [];
  hub.refuse = () => {
    acks.push(held(client, "device:7"), held(client, "user:1"));
    return null;
  };
  client.connect();
  await until("a handshake", () => acks.length > 0);
  await answered(client, ...acks);
  expect(acks.flat()).toMatchObject([{ ok: true, recovered: since !== null }, { ok: false, error: { code: "forbidden" } }]);
  if (since !== null) expect(asked().slice(0, 2)).toEqual([{ room: "device:7", since }, { room: "user:1", since }]);
});

test("a question that is lost with its connection is answered by the next one", async () => {
  const client = made();
  client.connect();
  await until("a live link", () => client.state.phase === "live");
  hub.breakSubscribes = 1;
  const acks = held(client, "device:7");
  await answered(client, acks);
  expect(acks).toMatchObject([{ ok: true, room: "device:7", recovered: true }]);
  expect(hub.handshakes).toHaveLength(2);
});

test("a client that is closed before the answer says so, and the room is joined when it connects again", async () => {
  hub.mute = true;
  const client = made();
  client.connect();
  const acks = [held(client, "device:7"), held(client, "device:7")];
  await until("a handshake", () => hub.unanswered === 1);
  client.close();
  const error = { code: "closed", message: "the client was closed before device:7 was joined" };
  expect(acks).toEqual([[{ ok: false, error }], [{ ok: false, error }]]);
  hub.mute = false;
  client.connect();
  await answered(client, ...acks);
  expect(hub.handshakes).toMatchObject([{ also: ["device:7"] }]);
});

test("a room that is left before the answer has one all the same", () => {
  vi.useFakeTimers();
  const client = made();
  const acks: SubscribeAck[] = [];
  client.subscribe("device:7", (ack) => acks.push(ack))();
  vi.advanceTimersByTime(GRACE_MS - 1);
  expect(acks).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(acks).toEqual([{ ok: false, error: { code: "left", message: "device:7 was left meanwhile" } }]);
});

test("an answer that throws keeps none from the others", async () => {
  const uncaught = new Promise((resolve) => process.once("uncaughtException", resolve));
  const client = made();
  client.subscribe("device:7", () => {
    throw new Error("of the page");
  });
  const acks = held(client, "device:7");
  client.connect();
  await answered(client, acks);
  expect(await uncaught).toMatchObject({ message: "of the page" });
});

function tabs(): { open: () => NoctuleClient; crash: (client: NoctuleClient) => void } {
  const browser = new Browser();
  const platforms = new Map<NoctuleClient, ReturnType<Browser["tab"]>>();
  return {
    open: () => {
      const share = browser.tab();
      const client = made({ share, getToken: () => tokenOf({ sub: "olga" }) });
      platforms.set(client, share);
      return client;
    },
    crash: (client) => platforms.get(client)?.crash(),
  };
}

test("tabs that begin together have their answers from the one handshake", async () => {
  hub.forbidden.add("user:1");
  const { open } = tabs();
  const pages = [open(), open()] as const;
  const acks = pages.map((client) => [held(client, "device:7"), held(client, "user:1")]);
  for (const client of pages) client.connect();
  for (const [at, client] of pages.entries()) await answered(client, ...(acks[at] ?? []));
  for (const [ok, no] of acks) expect([ok, no]).toMatchObject([[{ ok: true, room: "device:7" }], [{ ok: false, error: { code: "forbidden" } }]]);
  expect(hub.handshakes).toHaveLength(1);
});

test("a tab that comes to a running connection has its answers, on rooms that are there and on new ones", async () => {
  hub.forbidden.add("user:1");
  const { open } = tabs();
  const first = open();
  const own = held(first, "device:7");
  first.connect();
  await answered(first, own);
  const second = open();
  const acks = [held(second, "device:7"), held(second, "device:8"), held(second, "user:1")];
  second.connect();
  await answered(second, ...acks);
  const later = [held(second, "device:9"), held(second, "device:7")];
  await answered(second, ...later);
  expect([...acks, ...later].map(([ack]) => ack?.ok)).toEqual([true, true, false, true, true]);
  expect([hub.handshakes.length, own.length]).toEqual([1, 1]);
});

test.each(["crashed", "closed"] as const)("a tab whose leader is %s before it has asked is answered through the next one", async (how) => {
  const { open, crash } = tabs();
  const first = open();
  first.connect();
  await until("a leader", () => first.leads && first.state.phase === "live");
  const second = open();
  second.connect();
  await until("a follower", () => second.state.phase === "live");
  if (how === "crashed") crash(first);
  const acks = held(second, "device:7");
  first.close();
  await answered(second, acks);
  expect(acks).toMatchObject([{ ok: true, room: "device:7" }]);
  expect(second.leads).toBe(true);
});

test("a tab whose question is lost with the leader's connection is answered by the next one", async () => {
  const { open } = tabs();
  const first = open();
  first.connect();
  await until("a leader", () => first.leads && first.state.phase === "live");
  const second = open();
  second.connect();
  await until("a follower", () => second.state.phase === "live");
  hub.breakSubscribes = 1;
  const acks = held(second, "device:7");
  await until("a second connection", () => hub.handshakes.length === 2);
  await answered(second, acks);
  expect(acks).toMatchObject([{ ok: true, room: "device:7" }]);
});

test("a present state is read at the address of an answer that brought nothing of the past", async () => {
  const answers: SubscribeAck[] = [{ ok: true, recovered: true }, { ok: true, recovered: false }];
  const ports = {
    url: hub.url,
    join: (_room: string, onAck: (ack: SubscribeAck) => void) => onAck(answers.shift() ?? { ok: false }),
    token: () => Promise.resolve(null),
  };
  expect(await readSnapshot("logs", ports)).toBeNull();
  expect(answers).toEqual([]);
});
