// A room's present state over HTTP, for a page that lost its place in the log.

import type { SubscribeAck } from "./events.js";

const TIMEOUT_MS = 15_000;

export interface SnapshotPorts {
  readonly url: string;
  /** Has the hub answer on a room, or hands on an answer that is on its way already. */
  join(room: string, onAck: (ack: SubscribeAck) => void): void;
  token(): Promise<string | null>;
}

/**
 * Reads what a room shows now. Joining a room that one is in already changes nothing, and its answer says where the state
 * is. Returns null for a room that has none. Throws when the room is refused or the hub does not answer.
 */
export async function readSnapshot(room: string, ports: SnapshotPorts): Promise<unknown> {
  const join = (): Promise<SubscribeAck> => withDeadline((resolve) => ports.join(room, resolve));
  let ack = await join();
  // Of a question that had what was missed brought: this page is past that.
  if (ack.recovered === true) ack = await join();
  if (!ack.ok) throw new Error(ack.error?.message ?? `${room} was refused`);
  if (ack.snapshotUrl === undefined) return null;
  const token = await ports.token();
  const answer = await fetch(new URL(ack.snapshotUrl, ports.url), {
    headers: { Accept: "application/json", ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`${ack.snapshotUrl}: the hub answered ${answer.status}`);
  return answer.json();
}

function withDeadline<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the hub did not answer")), TIMEOUT_MS);
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
