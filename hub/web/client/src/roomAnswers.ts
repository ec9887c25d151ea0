// Who waits for the hub's answer on a room. Whichever connection or tab brings one, all who wait for it are told, once.

import type { ReplayDoneEvent, SubscribeAck, Unanswered } from "./events.js";
import { Listeners } from "./listeners.js";

export class RoomAnswers {
  readonly #waiting = new Map<string, Listeners<[SubscribeAck]>>();

  /** The rooms whose answer is waited for. */
  get rooms(): string[] {
    return [...this.#waiting.keys()];
  }

  wait(room: string, onAck: (ack: SubscribeAck) => void): void {
    let waiting = this.#waiting.get(room);
    if (waiting === undefined) this.#waiting.set(room, (waiting = new Listeners()));
    waiting.add(onAck);
  }

  take(room: string, ack: SubscribeAck): void {
    const waiting = this.#waiting.get(room);
    this.#waiting.delete(room);
    waiting?.tell(ack);
  }

  /** Says of a room that there is no answer to come. */
  end(room: string, code: Unanswered["code"]): void {
    const message = code === "left" ? `${room} was left meanwhile` : `the client was closed before ${room} was joined`;
    this.take(room, { ok: false, error: { code, message } });
  }
}

/** Returns what `replay:done` says of a room that it names, as the hub answers `subscribe`. Pure. */
export function joinedBy(done: ReplayDoneEvent, room: string): SubscribeAck {
  const { epoch, seq, recovered, snapshots, logs } = done;
  const snapshotUrl = snapshots?.[room];
  return {
    ok: true,
    room,
    epoch,
    head: seq,
    recovered: recovered === true,
    ...(snapshotUrl === undefined ? {} : { snapshotUrl }),
    ...(logs === undefined ? {} : { logs }),
  };
}
