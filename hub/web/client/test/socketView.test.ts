import { expect, test } from "vitest";

import { Dispatch } from "../src/dispatch.js";
import { IDLE, nextLink, type LinkState } from "../src/link.js";
import { Listeners } from "../src/listeners.js";
import { SocketView } from "../src/socketView.js";

class Source {
  state: LinkState = IDLE;
  socketId: string | undefined = "s1";
  readonly #dispatch = new Dispatch();
  readonly #states = new Listeners<[LinkState]>();
  readonly onAny = this.#dispatch.onAny.bind(this.#dispatch);
  readonly onStateChange = this.#states.add.bind(this.#states);
  readonly emit = this.#dispatch.emit.bind(this.#dispatch);

  go(kind: "up" | "close"): void {
    this.state = nextLink(this.state, { kind }, 0);
    this.#states.tell(this.state);
  }
}

test("it listens in the words of socket.io-client", () => {
  const source = new Source();
  const socket = new SocketView(source);
  const told: unknown[] = [];
  const listener = (payload: { n: number }): void => void told.push(payload.n);
  socket.on("custom", listener).once("custom", (payload: { n: number }) => told.push(`once ${payload.n}`));
  source.emit("custom", { n: 1 });
  source.emit("custom", { n: 2 });
  socket.off("custom", listener);
  source.emit("custom", { n: 3 });
  expect(told).toEqual([1, "once 1", 2]);
});

test("it tells of connections once, and says whether there is one", () => {
  const source = new Source();
  const socket = new SocketView(source);
  const told: string[] = [];
  socket.on("connect", () => told.push("connect")).on("disconnect", () => told.push("disconnect"));
  source.go("up");
  source.go("up");
  expect([socket.connected, socket.id]).toEqual([true, "s1"]);
  source.go("close");
  expect(told).toEqual(["connect", "disconnect"]);
  expect(socket.connected).toBe(false);
});

test("one handler that throws keeps none of the others from being called", async () => {
  const listeners = new Listeners<[number]>();
  const told: number[] = [];
  const uncaught = new Promise((resolve) => process.once("uncaughtException", resolve));
  const standing = process.listeners("uncaughtException").filter((one) => one !== process.listeners("uncaughtException").at(-1));
  for (const one of standing) process.removeListener("uncaughtException", one);
  listeners.add(() => {
    throw new Error("a handler's own fault");
  });
  listeners.add((n) => told.push(n));
  listeners.tell(1);
  expect(told).toEqual([1]);
  expect(await uncaught).toMatchObject({ message: "a handler's own fault" });
  for (const one of standing) process.on("uncaughtException", one);
});
