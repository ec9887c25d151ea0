// As much of a hub as its clients need: a log, replay from it, and counts. The real one is in tests/e2e.

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Server, type Socket } from "socket.io";

export const EPOCH = "00000000000000aa";

export class TestHub {
  readonly #http: HttpServer = createServer();
  readonly io = new Server(this.#http);
  readonly handshakes: Record<string, unknown>[] = [];
  readonly asked: unknown[] = [];
  readonly log: { seq: number; name: string; payload: object }[] = [];
  epoch = EPOCH;
  floor = 0;
  /** How many events of its replay the next connection is sent before it breaks, null: it does not. */
  breakAfter: number | null = null;
  /** How many handshakes were left without any answer, which they are while `mute`. */
  unanswered = 0;
  mute = false;
  /** Returns the code to refuse a handshake with, null for a welcome. */
  refuse: (auth: Record<string, unknown>) => string | null = () => null;

  /** Rooms that nobody may join. */
  readonly forbidden = new Set<string>();
  /** How many calls of `subscribe` break the connection in place of an answer. */
  breakSubscribes = 0;

  /** Answers a call of that name. */
  history: (query: { series: string }) => object = () => ({ ok: false, error: { code: "forbidden", message: "no" } });

  static async start(): Promise<TestHub> {
    const hub = new TestHub();
    hub.io.use((socket, next) => {
      if (hub.mute) return void (hub.unanswered += 1);
      const code = hub.refuse(socket.handshake.auth);
      next(code === null ? undefined : Object.assign(new Error(code), { data: { code } }));
    });
    hub.io.on("connection", (socket) => hub.#welcome(socket));
    await new Promise<void>((done) => hub.#http.listen(0, "127.0.0.1", done));
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get connected(): number {
    return this.io.sockets.sockets.size;
  }

  get head(): number {
    return this.log.at(-1)?.seq ?? this.floor;
  }

  /** Commits the next event of the log and sends it to everybody. */
  publish(): number {
    const seq = this.lose();
    this.io.emit("device:status", status(seq));
    return seq;
  }

  /** Commits the next event of the log, which is lost on the way to everybody. */
  lose(): number {
    const seq = this.head + 1;
    this.log.push({ seq, name: "device:status", payload: status(seq) });
    return seq;
  }

  async stop(): Promise<void> {
    await this.io.close();
  }

  #welcome(socket: Socket): void {
    const { auth } = socket.handshake;
    this.handshakes.push({ ...auth });
    const since = auth["since"] as { epoch: string; seq: number } | undefined;
    const recovered = since !== undefined && since.epoch === this.epoch && since.seq >= this.floor && since.seq <= this.head;
    const missed = recovered ? this.log.filter(({ seq }) => seq > since.seq) : [];
    const cut = this.breakAfter;
    this.breakAfter = null;
    for (const { name, payload } of missed.slice(0, cut ?? undefined)) socket.emit(name, payload);
    if (cut !== null) {
      socket.conn.close();
      return;
    }
    const named = ["subscribe", "also"].flatMap((field) => (auth[field] as string[] | undefined) ?? []);
    const wanted = auth["subscribe"] === undefined ? ["devices", ...named] : named;
    const rooms = wanted.filter((room) => !this.forbidden.has(room));
    const denied = wanted.filter((room) => this.forbidden.has(room)).map((room) => ({ room, reason: "not-for-role" }));
    const replayed = missed.length;
    const place = { epoch: this.epoch, seq: this.head, delivered: replayed };
    socket.emit("replay:done", { ...place, rooms, recovered, replayed, ...(denied.length > 0 ? { denied } : {}) });
    socket.on("subscribe", (room: unknown, ack: (answer: object) => void) => {
      this.asked.push(["subscribe", room]);
      const name = typeof room === "string" ? room : (room as { room: string }).room;
      if (this.breakSubscribes > 0) {
        this.breakSubscribes -= 1;
        socket.conn.close();
      } else if (this.forbidden.has(name)) ack({ ok: false, error: { code: "forbidden", message: name, field: "room" } });
      else ack({ ok: true, room: name, epoch: this.epoch, head: this.head, recovered: name !== room, replayed: 0 });
    });
    socket.on("unsubscribe", (room: unknown) => this.asked.push(["unsubscribe", room]));
    socket.on("reauth", ({ token }: { token: string }, ack: (answer: object) => void) => {
      this.asked.push(["reauth", token]);
      ack({ ok: true });
    });
    socket.on("focus", ({ deviceId, on }: { deviceId: number; on: boolean }, ack: (answer: object) => void) => {
      this.asked.push(["focus", deviceId, on]);
      const taken = { ok: true, until: on ? "2026-01-01T00:05:00.000Z" : null, intervalS: on ? 1 : null };
      ack(deviceId === 7 ? taken : { ok: false, error: { code: "too-many", message: "5 devices at most" } });
    });
    socket.on("history", (query: { series: string }, ack: (answer: object) => void) => {
      this.asked.push(["history", query]);
      ack(this.history(query));
    });
    socket.on("ping", (_n: number, ack: (answer: object) => void) => ack({ ok: true }));
  }
}

export function status(seq: number): object {
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
