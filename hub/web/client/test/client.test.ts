// The client against a real Socket.IO server on this machine.

import type { Socket } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createClient, type LinkPhase, type NoctuleClient } from "../src/index.js";
import { GRACE_MS } from "../src/rooms.js";
import { EPOCH, status as statusEvent, TestHub } from "./support/hub.js";
import { tokenOf, until, within } from "./support/waiting.js";

let hub: TestHub;
let client: NoctuleClient | null = null;

beforeEach(async () => {
  hub = await TestHub.start();
});

afterEach(async () => {
  vi.useRealTimers();
  client?.close();
  client = null;
  await hub.stop();
});

function reached(phase: LinkPhase): Promise<void> {
  return within(phase, (done) => {
    if (client?.state.phase === phase) done();
    client?.onStateChange((state) => {
      if (state.phase === phase) done();
    });
  });
}

function connected(): Promise<Socket> {
  return within("a connection", (done) => hub.io.once("connection", done));
}

test("a plain client names no rooms, so that the hub joins those of its role", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t") });
  client.connect();
  await reached("live");
  expect(hub.handshakes[0]).toMatchObject({ token: "t" });
  expect(hub.handshakes[0]).not.toHaveProperty("subscribe");
  expect(hub.handshakes[0]).not.toHaveProperty("since");
});

test("null instead of a token connects anonymously", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve(null) });
  client.connect();
  await reached("live");
  expect(hub.handshakes[0]).not.toHaveProperty("token");
});

test("an expired token is replaced by a fresh one at once", async () => {
  hub.refuse = (auth) => (auth["token"] === "old" ? "token_expired" : null);
  const asks: boolean[] = [];
  client = createClient({
    url: hub.url,
    getToken: ({ fresh }) => {
      asks.push(fresh);
      return Promise.resolve(fresh ? "new" : "old");
    },
  });
  client.connect();
  await reached("live");
  expect(asks).toEqual([false, true]);
  expect(hub.handshakes).toHaveLength(1);
  expect(hub.handshakes[0]).toMatchObject({ token: "new" });
});

test("a token that is never taken ends in refused", async () => {
  hub.refuse = () => "token_invalid";
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("bad") });
  client.connect();
  await reached("refused");
  expect(hub.handshakes).toEqual([]);
});

test("after a loss the client asks for what followed the last event it saw", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t"), baseRooms: ["devices"] });
  hub.floor = 40;
  client.seed({ epoch: EPOCH, seq: 40 });
  const release = client.subscribe("device:7");
  const first = connected();
  client.connect();
  const socket = await first;
  await reached("live");
  const seen = within("event", (done) => client?.on("device:status", () => done()));
  hub.publish();
  await seen;
  const second = connected();
  socket.conn.close();
  await second;
  await reached("live");
  expect(hub.handshakes[0]).toMatchObject({ subscribe: ["devices", "device:7"], since: { epoch: EPOCH, seq: 40 } });
  expect(hub.handshakes[1]).toMatchObject({ subscribe: ["devices", "device:7"], since: { epoch: EPOCH, seq: 41 } });
  release();
});

test("rooms of a client without base rooms are named beside the role's, so that one place in the log is good for all", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t") });
  hub.floor = 5;
  client.seed({ epoch: EPOCH, seq: 5 });
  client.connect();
  await reached("live");
  await within("answer", (done) => client?.subscribe("device:7", () => done()));
  expect(hub.asked).toEqual([["subscribe", "device:7"]]);
  const second = connected();
  hub.io.disconnectSockets(true);
  await second;
  await reached("live");
  await client.ping();
  expect(hub.handshakes[1]).toMatchObject({ also: ["device:7"], since: { epoch: EPOCH, seq: 5 } });
  expect(hub.handshakes[1]).not.toHaveProperty("subscribe");
  expect(hub.asked).toHaveLength(1);
});

test("two holds of a room are one subscription, which ends some seconds after the last of them", async () => {
  client = createClient({ url: hub.url, getToken: () => "t" });
  client.connect();
  await reached("live");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const one = client.subscribe("device:7");
  const two = client.subscribe("device:7");
  one();
  one();
  two();
  vi.advanceTimersByTime(GRACE_MS - 1);
  const three = client.subscribe("device:7");
  vi.advanceTimersByTime(GRACE_MS);
  three();
  vi.advanceTimersByTime(GRACE_MS);
  vi.useRealTimers();
  await client.ping();
  expect(hub.asked).toEqual([
    ["subscribe", "device:7"],
    ["unsubscribe", "device:7"],
  ]);
});

test("a room that is held again before the hub has answered for the last time is asked for again", async () => {
  client = createClient({ url: hub.url, getToken: () => "t" });
  client.connect();
  await reached("live");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  client.subscribe("device:7")();
  vi.advanceTimersByTime(GRACE_MS);
  client.subscribe("device:7");
  vi.useRealTimers();
  await client.ping();
  expect(hub.asked).toEqual([
    ["subscribe", "device:7"],
    ["unsubscribe", "device:7"],
    ["subscribe", "device:7"],
  ]);
});

test("a position of another epoch becomes the cursor", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t") });
  client.seed({ epoch: EPOCH, seq: 900 });
  const first = connected();
  client.connect();
  const socket = await first;
  await reached("live");
  const seen = within("position", (done) => client?.on("position", () => done()));
  socket.emit("position", { epoch: "00000000000000bb", seq: 3, delivered: 0 });
  await seen;
  expect(client.cursor).toEqual({ epoch: "00000000000000bb", seq: 3 });
});

test("a client that counted fewer events than it was sent comes back for them", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t") });
  hub.floor = 5;
  client.seed({ epoch: EPOCH, seq: 5 });
  const first = connected();
  client.connect();
  const socket = await first;
  await reached("live");
  const second = connected();
  socket.emit("device:status", statusEvent(7));
  socket.emit("position", { epoch: EPOCH, seq: 7, delivered: 2 });
  await second;
  expect(hub.handshakes[1]).toMatchObject({ since: { epoch: EPOCH, seq: 5 } });
});

test("a malformed event reaches no handler, is counted, and still moves the cursor", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t") });
  hub.floor = 5;
  client.seed({ epoch: EPOCH, seq: 5 });
  const first = connected();
  client.connect();
  const socket = await first;
  await reached("live");
  let handled = 0;
  client.on("device:status", () => (handled += 1));
  const seen = within<string | null>("event", (done) => client?.onAny((_name, _payload, misfit) => done(misfit)));
  socket.emit("device:status", { deviceId: "seven", seq: 6 });
  expect(await seen).toBe("timestamp");
  expect([handled, client.malformed, client.cursor?.seq]).toEqual([0, 1, 6]);
});

test("a closed client stays closed", async () => {
  client = createClient({ url: hub.url, getToken: () => Promise.resolve("t") });
  client.connect();
  await reached("live");
  client.close();
  expect(client.state.phase).toBe("idle");
  client.retryNow();
  expect(client.state.phase).toBe("idle");
});

test("getToken may read a storage and answer at once, or be left out", async () => {
  client = createClient({ url: hub.url, getToken: () => "kept" });
  client.connect();
  await reached("live");
  client.close();
  client = createClient({ url: hub.url });
  client.connect();
  await reached("live");
  expect(hub.handshakes[0]).toMatchObject({ token: "kept" });
  expect(hub.handshakes[1]).not.toHaveProperty("token");
});

test("sockets may be elsewhere than the HTTP interface", async () => {
  client = createClient({ url: "http://127.0.0.1:9", wsUrl: hub.url });
  client.connect();
  await reached("live");
});

test("a token that is not to be had is asked for again", async () => {
  let asked = 0;
  const getToken = (): string => {
    asked += 1;
    if (asked === 1) throw new Error("the sign-in is away");
    return "t";
  };
  client = createClient({ url: hub.url, getToken });
  client.connect();
  await until("a loss", () => client?.state.reason === "the sign-in is away");
  await reached("live");
  expect(asked).toBe(2);
});

test("a token is replaced on the running connection before it ends", async () => {
  const ending = (inS: number): string => tokenOf({ sub: "olga", exp: Date.now() / 1000 + inS });
  const tokens = [ending(1.5), ending(600)];
  client = createClient({ url: hub.url, getToken: ({ fresh }) => tokens[fresh ? 1 : 0] });
  client.connect();
  await reached("live");
  await until("reauth", () => hub.asked.length > 0);
  expect(hub.asked).toEqual([["reauth", tokens[1]]]);
  expect(hub.handshakes).toHaveLength(1);
});

test("a closed client connects again where it ended", async () => {
  client = createClient({ url: hub.url, getToken: () => "t" });
  const seqs: (number | undefined)[] = [];
  client.on("device:status", ({ seq }) => seqs.push(seq));
  client.connect();
  client.close();
  client.connect();
  await until("a place", () => client?.cursor !== null);
  client.close();
  hub.publish();
  client.connect();
  await until("seq 1", () => seqs.includes(1));
  expect(hub.connected).toBe(1);
});
