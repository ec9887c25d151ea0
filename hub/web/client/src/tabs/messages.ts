// What tabs of one origin say to each other. One channel for one hub and one user; everybody hears everything.

import type { LogPosition, SubscribeAck } from "../events.js";
import type { LinkState } from "../link.js";
import type { HistoryQuery, Wants } from "../wants.js";

/** Tabs of another version of this protocol are not heard; they keep a channel of their own by its name. */
export const PROTOCOL = 3;

export type Broadcast = { readonly name: string; readonly payload: unknown };

/** What a follower has the leader ask the hub. */
export type Question =
  | { readonly kind: "ping" }
  | { readonly kind: "focus"; readonly deviceId: number; readonly on: boolean }
  | { readonly kind: "history"; readonly query: HistoryQuery };

/**
 * To the leader. `want`: who I am, what I want and how far I am; asks to be (or remain) served. `join`: one room more,
 * whose answer everybody is told. `call`: one question, answered by `answer` with the same number.
 */
export type FromFollower =
  | { readonly t: "want"; readonly tab: string; readonly wants: Wants; readonly position: LogPosition | null }
  | { readonly t: "rooms"; readonly tab: string; readonly wants: Wants }
  | { readonly t: "join"; readonly tab: string; readonly room: string }
  | ({ readonly t: "call"; readonly tab: string; readonly call: number } & Question)
  | { readonly t: "retry"; readonly tab: string }
  | { readonly t: "bye"; readonly tab: string };

/**
 * From the leader. `term` names one leadership; `n` counts its `event`, `joined` and `state` messages, so that who
 * missed one knows. `welcome` answers `want`: events from `n` on are the follower's, `replay` is what it missed before.
 */
export type FromLeader =
  | { readonly t: "lead"; readonly term: string }
  | ({ readonly t: "event"; readonly term: string; readonly n: number } & Broadcast)
  | { readonly t: "joined"; readonly term: string; readonly n: number; readonly room: string; readonly ack: SubscribeAck }
  | { readonly t: "state"; readonly term: string; readonly n: number; readonly state: LinkState; readonly link: LinkFacts }
  | {
      readonly t: "welcome";
      readonly tab: string;
      readonly term: string;
      readonly n: number;
      readonly state: LinkState;
      readonly link: LinkFacts;
      readonly position: LogPosition | null;
      readonly replay: readonly Broadcast[];
    }
  | { readonly t: "answer"; readonly tab: string; readonly call: number; readonly ok: boolean; readonly value: unknown };

/** What followers show of the leader's connection. */
export interface LinkFacts {
  readonly transport: string | null;
  readonly socketId: string | undefined;
}

export type Message = FromFollower | FromLeader;

/** Returns a message of this protocol, null for anything else. */
export function messageFrom(data: unknown): Message | null {
  const t: unknown = typeof data === "object" && data !== null ? (data as { t?: unknown }).t : undefined;
  return typeof t === "string" ? (data as Message) : null;
}
