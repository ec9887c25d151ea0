// What a page or several want of a hub, and what a connection asks of whoever it serves.

import type { FocusAck, LogPosition, ReauthAck, SubscribeAck } from "./events.js";
import type { AnyHistory, HistoryOptions } from "./history.js";
import type { LinkState } from "./link.js";

/** `rooms` are wanted besides those that the hub gives the role, if `ofRole`. */
export interface Wants {
  readonly ofRole: boolean;
  readonly rooms: readonly string[];
}

/** Returns what several pages want together. Pure. */
export function union(wants: Iterable<Wants>): Wants {
  const all = [...wants];
  return { ofRole: all.some(({ ofRole }) => ofRole), rooms: [...new Set(all.flatMap(({ rooms }) => rooms))] };
}

/** Returns the position of the lower seq of those in `epoch`, null when one of them has none there. Pure. */
export function lowest(positions: Iterable<LogPosition | null>): LogPosition | null {
  let least: LogPosition | null = null;
  for (const position of positions) {
    if (position === null) continue;
    if (least === null || (position.epoch === least.epoch && position.seq < least.seq)) least = position;
  }
  return least;
}

export interface HistoryQuery extends HistoryOptions {
  readonly series: string;
}

/** Whom a link serves. */
export interface LinkOwner {
  /** Returns a token, null for none. Throwing is taken as "not now". */
  token(ask: { fresh: boolean }): Promise<string | null>;
  wants(): Wants;
  /** What the next connection is to ask `since`. */
  position(): LogPosition | null;
  onState(state: LinkState): void;
  onEvent(name: string, payload: unknown): void;
  /** What the hub answers on a room that it was asked for. Those of the handshake are in `replay:done`. */
  onAnswer(room: string, ack: SubscribeAck): void;
}

/** A way to a hub: a connection of one's own, or a share in another tab's. */
export interface Link {
  readonly transport: string | null;
  readonly socketId: string | undefined;
  readonly leads: boolean;
  open(): void;
  close(): void;
  retryNow(): void;
  /** Asks for a room if it can be asked now; what is wanted when a connection begins is asked for by that. */
  join(room: string): void;
  leave(room: string): void;
  reauth(token: string): Promise<ReauthAck>;
  /** Rejects when there is no answer; a refusal is one. */
  focus(deviceId: number, on: boolean): Promise<FocusAck>;
  /** Rejects when there is no answer, or none as promised; a refusal is one. */
  history(query: HistoryQuery): Promise<AnyHistory>;
  /** Rejects when there is no answer. */
  ping(): Promise<void>;
}

const notConnected = (): Promise<never> => Promise.reject(new Error("not connected"));

/** What is asked while there is no link has no answer. */
export const NO_LINK: Pick<Link, "reauth" | "focus" | "history" | "ping"> = {
  reauth: notConnected,
  focus: notConnected,
  history: notConnected,
  ping: notConnected,
};
