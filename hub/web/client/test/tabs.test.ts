// Several tabs with one connection, against a real Socket.IO server; locks and channels are the test's.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createClient, type ClientOptions, type NoctuleClient } from "../src/index.js";
import { Browser, type Tab } from "./support/browser.js";
import { EPOCH, TestHub } from "./support/hub.js";
import { tokenOf, until } from "./support/waiting.js";

const OLGA = tokenOf({ sub: "olga" });

let hub: TestHub;
let browser: Browser;
let clients: NoctuleClient[] = [];

beforeEach(async () => {
  hub = await TestHub.start();
  browser = new Browser();
  clients = [];
});

afterEach(async () => {
  vi.useRealTimers();
  for (const client of clients) client.close();
  await hub.stop();
});

interface Page {
  readonly client: NoctuleClient;
  readonly tab: Tab;
  readonly seqs: number[];
  readonly gaps: string[];
}

function open(options: Partial<ClientOptions> = {}): Page {
  const tab = browser.tab();
  const client = createClient({ url: hub.url, getToken: () => OLGA, share: tab, cursor: "none", ...options });
  const page: Page = { client, tab, seqs: [], gaps: [] };
  client.on("device:status", ({ seq }) => page.seqs.push(seq ?? -1));
  client.onGap(({ kind }) => page.gaps.push(kind));
  clients.push(client);
  client.connect();
  return page;
}

const live = (page: Page): Promise<void> =>
  until("the page is live and knows its place", () => page.client.state.phase === "live" && page.client.cursor !== null);
const has = (page: Page, seq: number): Promise<void> => until(`seq ${seq}`, () => page.seqs.includes(seq));
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test("three tabs of one user are one connection, and each hears everything", async () => {
  const pages = [open(), open(), open()];
  for (const page of pages) await live(page);
  expect(hub.connected).toBe(1);
  expect(pages.filter(({ client }) => client.leads)).toHaveLength(1);
  hub.publish();
  hub.publish();
  for (const page of pages) {
    await has(page, 2);
    expect(page.seqs).toEqual([1, 2]);
    expect(page.client.socket.connected).toBe(true);
    expect(page.client.socket.id).toBe(pages[0]?.client.socket.id);
  }
});

test("tabs of two users never share", async () => {
  const pages = [open(), open({ getToken: () => tokenOf({ sub: "kim" }) })];
  for (const page of pages) await live(page);
  expect(hub.connected).toBe(2);
});

test("a token that names nobody is shared with nobody", async () => {
  const pages = [open({ getToken: () => "opaque" }), open({ getToken: () => "opaque" })];
  for (const page of pages) await live(page);
  expect(hub.connected).toBe(2);
});

test.each(["closed", "crashed"] as const)("when the leader is %s another tab goes on, and no event is missed or doubled", async (how) => {
  const first = open();
  await live(first);
  const others = [open(), open()];
  for (const page of others) await live(page);
  hub.publish();
  for (const page of [first, ...others]) await has(page, 1);
  if (how === "crashed") first.tab.crash();
  first.client.close();
  hub.publish();
  hub.publish();
  for (const page of others) await has(page, 3);
  await until("one connection", () => hub.connected === 1);
  hub.publish();
  for (const page of others) {
    await has(page, 4);
    expect(page.seqs).toEqual([1, 2, 3, 4]);
    expect(page.gaps).toEqual([]);
  }
  expect(others.filter(({ client }) => client.leads)).toHaveLength(1);
});

test("events that the leader had and the others had not come to them from the log", async () => {
  const first = open();
  await live(first);
  const second = open();
  await live(second);
  hub.publish();
  await has(second, 1);
  // What is said from here on is lost with the tab that said it.
  first.tab.hang();
  hub.publish();
  await has(first, 2);
  first.tab.crash();
  first.client.close();
  await has(second, 2);
  hub.publish();
  await has(second, 3);
  expect(second.seqs).toEqual([1, 2, 3]);
});

test("a tab that begins a little behind is caught up without a new connection", async () => {
  const first = open();
  await live(first);
  for (let n = 0; n < 5; n += 1) hub.publish();
  await has(first, 5);
  const second = open();
  second.client.seed({ epoch: EPOCH, seq: 2 });
  await live(second);
  await has(second, 5);
  expect(second.seqs).toEqual([3, 4, 5]);
  expect(hub.handshakes).toHaveLength(1);
});

test("a tab that needs more of the log than the leader has gets it, and the leader's page sees nothing twice", async () => {
  for (let n = 0; n < 5; n += 1) hub.publish();
  const first = open();
  await live(first);
  hub.publish();
  await has(first, 6);
  const second = open();
  second.client.seed({ epoch: EPOCH, seq: 2 });
  await has(second, 6);
  hub.publish();
  await has(first, 7);
  await has(second, 7);
  expect(second.seqs).toEqual([3, 4, 5, 6, 7]);
  expect(first.seqs).toEqual([6, 7]);
  expect(hub.handshakes).toHaveLength(2);
});

test("what one tab lacks arrives also when the connection breaks while it is brought", async () => {
  for (let n = 0; n < 5; n += 1) hub.publish();
  const first = open();
  await live(first);
  hub.publish();
  await has(first, 6);
  hub.breakAfter = 2;
  const second = open();
  second.client.seed({ epoch: EPOCH, seq: 0 });
  await has(second, 6);
  expect(second.seqs).toEqual([1, 2, 3, 4, 5, 6]);
  expect(first.seqs).toEqual([6]);
});

test("a new tab hears nothing of what was before it, whatever others ask for", async () => {
  for (let n = 0; n < 3; n += 1) hub.publish();
  const old = open();
  old.client.seed({ epoch: EPOCH, seq: 0 });
  const fresh = open();
  await live(old);
  await live(fresh);
  await has(old, 3);
  hub.publish();
  await has(fresh, 4);
  expect(old.seqs).toEqual([1, 2, 3, 4]);
  expect(fresh.seqs).toEqual([4]);
});

test("rooms of all tabs are held together, and one that nobody wants is left", async () => {
  const first = open({ baseRooms: ["devices"] });
  await live(first);
  const second = open({ baseRooms: ["devices", "alerts"] });
  await live(second);
  await until("alerts", () => hub.asked.some((one) => JSON.stringify(one) === '["subscribe","alerts"]'));
  const ack = await new Promise((done) => second.client.subscribe("device:7", done));
  expect(ack).toMatchObject({ ok: true, room: "device:7" });
  second.client.close();
  await until("left", () => hub.asked.some((one) => JSON.stringify(one) === '["unsubscribe","device:7"]'));
  expect(hub.asked).toContainEqual(["unsubscribe", "alerts"]);
  expect(hub.asked).not.toContainEqual(["unsubscribe", "devices"]);
});

test("a restart of the hub costs all tabs together one connection and no event", async () => {
  const pages = [open(), open()];
  for (const page of pages) await live(page);
  hub.publish();
  for (const page of pages) await has(page, 1);
  hub.io.disconnectSockets(true);
  hub.publish();
  for (const page of pages) {
    await has(page, 2);
    expect(page.seqs).toEqual(range(1, 2));
  }
  expect(hub.handshakes).toHaveLength(2);
  expect(hub.handshakes[1]).toMatchObject({ since: { epoch: EPOCH, seq: 1 } });
});

test("a follower asks the hub through the leader", async () => {
  const pages = [open(), open()];
  for (const page of pages) await live(page);
  for (const { client } of pages) expect(await client.ping()).toBeGreaterThan(0);
});

test("a follower focuses a device through the leader, and is told of a refusal", async () => {
  const pages = [open(), open()];
  for (const page of pages) await live(page);
  for (const { client } of pages) {
    expect(await client.focus(7, true)).toEqual({ ok: true, until: "2026-01-01T00:05:00.000Z", intervalS: 1 });
    expect(await client.focus(8, true)).toMatchObject({ ok: false, error: { code: "too-many" } });
    expect(await client.focus(7, false)).toMatchObject({ ok: true, until: null });
  }
  const asked = [["focus", 7, true], ["focus", 8, true], ["focus", 7, false]];
  expect(hub.asked.filter((one) => (one as unknown[])[0] === "focus")).toEqual([...asked, ...asked]);
});

test("a follower reads a history through the leader, as typed arrays", async () => {
  const tsMs = new Float64Array([1_795_000_000_000, 1_795_000_010_000]);
  const columns = { tsMs, rttS: new Float32Array([0.25, NaN]) };
  hub.history = ({ series }) => ({ ok: true, series, resolution: "raw", stepS: null, gaps: [], columns });
  const pages = [open(), open()];
  for (const page of pages) await live(page);
  for (const { client } of pages) {
    expect(await client.history("latency:7", { points: 50 })).toMatchObject({ ok: true, series: "latency:7", columns });
  }
  expect(hub.asked.slice(-2)).toEqual(Array(2).fill(["history", { series: "latency:7", points: 50 }]));
});

test("a history that is not as promised, or has no answer, rejects", async () => {
  hub.history = ({ series }) => ({ ok: true, series, columns: { tsMs: Buffer.alloc(3) } });
  const pages = [open(), open()];
  await expect(pages[0]?.client.history("latency:7")).rejects.toThrow();
  for (const page of pages) await live(page);
  for (const { client } of pages) await expect(client.history("latency:7")).rejects.toThrow();
});

test("another log is a gap for every tab that had a place in the old one", async () => {
  const pages = [open(), open()];
  for (const page of pages) await live(page);
  hub.publish();
  for (const page of pages) await has(page, 1);
  hub.epoch = "00000000000000bb";
  hub.log.length = 0;
  hub.io.disconnectSockets(true);
  for (const page of pages) await until("a gap", () => page.gaps.length === 1);
  hub.publish();
  for (const page of pages) {
    await until("seq 1 of the other log", () => page.seqs.length === 2);
    expect(page.client.cursor).toEqual({ epoch: "00000000000000bb", seq: 1 });
  }
});

test("who signs in as somebody else in the same page leaves the shared connection", async () => {
  let token = OLGA;
  const first = open({ getToken: () => token });
  await live(first);
  const second = open();
  await live(second);
  token = tokenOf({ sub: "kim" });
  hub.io.disconnectSockets(true);
  await until("two connections", () => hub.connected === 2);
  await until("kim", () => hub.handshakes.some((one) => one["token"] === token));
  expect([first.client.leads, second.client.leads]).toEqual([true, true]);
});

test("a leader that hangs is replaced, and comes back as one of the others", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  const first = open();
  await live(first);
  const second = open();
  await live(second);
  hub.publish();
  await has(second, 1);
  first.tab.hang();
  for (let n = 0; n < 40 && !second.client.leads; n += 1) {
    vi.advanceTimersByTime(2_500);
    await new Promise((later) => setTimeout(later, 5));
  }
  expect([first.client.leads, second.client.leads]).toEqual([false, true]);
  vi.useRealTimers();
  await live(second);
  hub.publish();
  await has(second, 2);
  expect(second.seqs).toEqual([1, 2]);
  await until("one connection", () => hub.connected === 1);
});
