// What a page has seen and has not, over reloads, lost connections and logs that do not go back far enough.

import { afterEach, beforeEach, expect, test } from "vitest";

import { createClient, type NoctuleClient } from "../src/index.js";
import { EPOCH, TestHub } from "./support/hub.js";
import { tokenOf, until, within } from "./support/waiting.js";

let hub: TestHub;
let client: NoctuleClient | null = null;

beforeEach(async () => {
  hub = await TestHub.start();
});

afterEach(async () => {
  client?.close();
  client = null;
  await hub.stop();
});

test("a reload goes on where the page was, with nothing missed and nothing doubled", async () => {
  const kept = new Map<string, string>();
  const cursor = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const seqs: (number | undefined)[] = [];
  const load = async (): Promise<void> => {
    client = createClient({ url: hub.url, getToken: () => tokenOf({ sub: "olga" }), cursor });
    client.on("device:status", ({ seq }) => seqs.push(seq));
    client.connect();
    await until("a place in the log", () => client?.cursor?.epoch === EPOCH);
  };
  await load();
  hub.publish();
  hub.publish();
  await until("seq 2", () => seqs.includes(2));
  client?.close();
  hub.publish();
  await load();
  await until("seq 3", () => seqs.includes(3));
  hub.publish();
  await until("seq 4", () => seqs.includes(4));
  expect(seqs).toEqual([1, 2, 3, 4]);
});

test("what cannot be replayed is a gap with a position, and its rooms can be read anew", async () => {
  hub.floor = 50;
  const gap = within<{ kind: string; rooms: readonly string[]; position: object }>("gap", (done) => {
    client = createClient({ url: hub.url, getToken: () => "t", baseRooms: ["devices"] });
    client.seed({ epoch: EPOCH, seq: 5 });
    client.onGap(done);
    client.connect();
  });
  expect(await gap).toMatchObject({ kind: "log", rooms: ["devices"], position: { epoch: EPOCH, seq: 50 } });
  expect(client?.cursor).toEqual({ epoch: EPOCH, seq: 50 });
});

test("a first connection without a place is no gap", async () => {
  hub.floor = 50;
  let gaps = 0;
  client = createClient({ url: hub.url });
  client.onGap(() => (gaps += 1));
  client.connect();
  await until("a place", () => client?.cursor?.seq === 50);
  expect(gaps).toBe(0);
});

test("a connection that is cut again and again loses and doubles nothing", async () => {
  client = createClient({ url: hub.url, getToken: () => "t" });
  const seqs: (number | undefined)[] = [];
  client.on("device:status", ({ seq }) => seqs.push(seq));
  client.connect();
  await until("a place", () => client?.cursor !== null);
  for (let round = 0; round < 5; round += 1) {
    hub.publish();
    for (const socket of hub.io.sockets.sockets.values()) socket.conn.transport.close();
    hub.publish();
    client.retryNow();
    await until("both", () => seqs.includes(2 * round + 2));
  }
  expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
