// A client that has no place in the log yet: what it promises, and from when on.

import type { Socket } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ANSWER_MS } from "../src/hubLink.js";
import { createClient, type LinkPhase, type NoctuleClient } from "../src/index.js";
import { QUIET_MS } from "../src/silence.js";
import { EPOCH, TestHub } from "./support/hub.js";
import { until, within } from "./support/waiting.js";

let hub: TestHub;
let client: NoctuleClient;
const phases: LinkPhase[] = [];
const seqs: (number | undefined)[] = [];

beforeEach(async () => {
  hub = await TestHub.start();
  phases.length = seqs.length = 0;
  client = createClient({ url: hub.url, getToken: () => "t" });
  client.onStateChange(({ phase }) => phases.push(phase));
  client.on("device:status", ({ seq }) => seqs.push(seq));
});

afterEach(async () => {
  vi.useRealTimers();
  client.close();
  await hub.stop();
});

test("one that breaks before it has a place in the log was never live", async () => {
  hub.breakAfter = 0;
  // Before the next attempt: nobody who was told that the client listens is missing it.
  const stop = client.onStateChange(({ phase }) => {
    if (phase !== "reconnecting") return;
    stop();
    hub.lose();
  });
  client.connect();
  await until("a live link", () => phases.includes("live"));
  expect(phases.filter((phase) => phase === "live")).toHaveLength(1);
  expect(hub.handshakes).toHaveLength(2);
  expect(client.cursor).toEqual({ epoch: EPOCH, seq: 1 });
  hub.publish();
  await until("seq 2", () => seqs.includes(2));
  expect(seqs).toEqual([2]);
});

test("what is lost before the hub counts comes again", async () => {
  hub.publish();
  const socket = within<Socket>("a connection", (done) => hub.io.once("connection", done));
  client.connect();
  await until("a live link", () => phases.includes("live"));
  hub.lose();
  hub.publish();
  (await socket).emit("position", { epoch: EPOCH, seq: 3, delivered: 2 });
  await until("what was lost", () => seqs.includes(2));
  expect(hub.handshakes[1]).toMatchObject({ since: { epoch: EPOCH, seq: 1 } });
  expect(seqs).toEqual([3, 2]);
});

test("a welcome that never comes is given up and asked for again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const passing = async (what: string, condition: () => boolean): Promise<void> => {
    for (let turn = 0; !condition(); turn += 1) {
      expect(turn, what).toBeLessThan(10_000);
      await new Promise((later) => setImmediate(later));
    }
  };
  hub.mute = true;
  client.connect();
  await passing("a handshake", () => hub.unanswered === 1);
  await vi.advanceTimersByTimeAsync(QUIET_MS + ANSWER_MS - 1);
  expect(client.state.phase).toBe("connecting");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(client.state).toMatchObject({ phase: "reconnecting", reason: "the hub fell silent" });
  hub.mute = false;
  await vi.advanceTimersByTimeAsync(1_000);
  await passing("the next welcome", () => client.state.phase === "live");
});
