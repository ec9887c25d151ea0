// The client against a real Socket.IO server on this machine.

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, expect, test } from "vitest";

import { createClient, type LinkPhase, type NoctuleClient } from "../src/index.js";

const EPOCH = "00000000000000aa";
const DEADLINE_MS = 8_000;

let http: HttpServer;
let hub: Server;
let client: NoctuleClient | null = null;
const handshakes: Record<string, unknown>[] = [];
const asked: unknown[] = [];
let refuse: (auth: Record<string, unknown>) => string | null = () => null;

beforeEach(async () => {
  handshakes.length = 0;
  asked.length = 0;
  refuse = () => null;
  http = createServer();
  hub = new Server(http);
  hub.use((socket, next) => {
    const code = refuse(socket.handshake.auth);
    next(code === null ? undefined : Object.assign(new Error(code), { data: { code } }));
  });
  hub.on("connection", (socket: Socket) => {
    handshakes.push({ ...socket.handshake.auth });
    socket.on("subscribe", (room: unknown, ack: (answer: object) => void) => {
      asked.push(["subscribe", room]);
      ack({ ok: true, room, epoch: EPOCH, head: 0, recovered: true, replayed: 0 });
    });
    socket.on("unsubscribe", (room: unknown) => asked.push(["unsubscribe", room]));
    socket.on("ping", (_n: number, ack: (answer: object) => void) => ack({ ok: true }));
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
});

afterEach(async () => {
  client?.close();
  client = null;
  await hub.close();
});

const url = (): string => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

function statusEvent(seq: number): object {
  return {
    deviceId: 7,
    deviceName: "core1",
    siteId: 1,
    status: "offline",
    previous: "online",
    reason: "3 fast retries lost",
    timestamp: "2026-01-01T00:00:00.000Z",
    seq,
  };
}

function reached(phase: LinkPhase): Promise<void> {
  return within(phase, (done) => {
    if (client?.state.phase === phase) done();
    client?.onStateChange((state) => {
      if (state.phase === phase) done();
    });
  });
}

function connected(): Promise<Socket> {
  return within("a connection", (done) => hub.once("connection", done));
}

function within<T = void>(what: string, begin: (done: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

test("a plain client names no rooms, so that the hub joins those of its role", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
  client.connect();
  await reached("live");
  expect(handshakes[0]).toMatchObject({ token: "t" });
  expect(handshakes[0]).not.toHaveProperty("subscribe");
  expect(handshakes[0]).not.toHaveProperty("since");
});

test("null instead of a token connects anonymously", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve(null) });
  client.connect();
  await reached("live");
  expect(handshakes[0]).not.toHaveProperty("token");
});

test("an expired token is replaced by a fresh one at once", async () => {
  refuse = (auth) => (auth["token"] === "old" ? "token_expired" : null);
  const asks: boolean[] = [];
  client = createClient({
    url: url(),
    getToken: ({ fresh }) => {
      asks.push(fresh);
      return Promise.resolve(fresh ? "new" : "old");
    },
  });
  client.connect();
  await reached("live");
  expect(asks).toEqual([false, true]);
  expect(handshakes).toHaveLength(1);
  expect(handshakes[0]).toMatchObject({ token: "new" });
});

test("a token that is never taken ends in refused", async () => {
  refuse = () => "token_invalid";
  client = createClient({ url: url(), getToken: () => Promise.resolve("bad") });
  client.connect();
  await reached("refused");
  expect(handshakes).toEqual([]);
});

test("after a loss the client asks for what followed the last event it saw", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve("t"), baseRooms: ["devices"] });
  client.seed({ epoch: EPOCH, seq: 40 });
  const release = client.subscribe("device:7");
  const first = connected();
  client.connect();
  const socket = await first;
  await reached("live");
  const seen = within("event", (done) => client?.on("device:status", () => done()));
  socket.emit("device:status", statusEvent(41));
  await seen;
  const second = connected();
  socket.conn.close();
  await second;
  await reached("live");
  expect(handshakes[0]).toMatchObject({ subscribe: ["devices", "device:7"], since: { epoch: EPOCH, seq: 40 } });
  expect(handshakes[1]).toMatchObject({ subscribe: ["devices", "device:7"], since: { epoch: EPOCH, seq: 41 } });
  release();
});

test("rooms of a client without base rooms are joined after the handshake, from where the last connection ended", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
  client.seed({ epoch: EPOCH, seq: 5 });
  client.connect();
  await reached("live");
  await within("answer", (done) => client?.subscribe("device:7", () => done()));
  expect(asked).toEqual([["subscribe", "device:7"]]);
  const second = connected();
  hub.disconnectSockets(true);
  await second;
  await reached("live");
  await client.ping();
  expect(asked[1]).toEqual(["subscribe", { room: "device:7", since: { epoch: EPOCH, seq: 5 } }]);
});

test("two holds of a room are one subscription", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
  client.connect();
  await reached("live");
  const one = client.subscribe("device:7");
  const two = client.subscribe("device:7");
  one();
  one();
  await client.ping();
  expect(asked).toEqual([["subscribe", "device:7"]]);
  two();
  await client.ping();
  expect(asked).toEqual([
    ["subscribe", "device:7"],
    ["unsubscribe", "device:7"],
  ]);
});

test("a position of another epoch becomes the cursor", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
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
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
  client.seed({ epoch: EPOCH, seq: 5 });
  const first = connected();
  client.connect();
  const socket = await first;
  await reached("live");
  const second = connected();
  socket.emit("device:status", statusEvent(7));
  socket.emit("position", { epoch: EPOCH, seq: 7, delivered: 2 });
  await second;
  expect(handshakes[1]).toMatchObject({ since: { epoch: EPOCH, seq: 5 } });
});

test("a malformed event reaches no handler, is counted, and still moves the cursor", async () => {
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
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
  client = createClient({ url: url(), getToken: () => Promise.resolve("t") });
  client.connect();
  await reached("live");
  client.close();
  expect(client.state.phase).toBe("idle");
  client.retryNow();
  expect(client.state.phase).toBe("idle");
});
