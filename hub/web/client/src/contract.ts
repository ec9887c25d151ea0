// What users of the client see of it: its options and its methods. How it keeps a connection is `client.ts`.

import type { Socket } from "socket.io-client";

import type { Ack, EventName, HubEvents, LogPosition, SubscribeAck } from "./events.js";
import type { LinkState } from "./link.js";

export interface ClientOptions {
  /** The hub's address, e.g. `https://noc.example.net`. */
  url: string;
  /** Where its sockets are, when they are elsewhere. */
  wsUrl?: string;
  /**
   * Returns an access token, or null to connect anonymously. `fresh`: the last one was refused, get another. A promise
   * that rejects is taken as "not now" and asked again later.
   */
  getToken: (ask: { fresh: boolean }) => Promise<string | null>;
  /** Rooms to name at the handshake; left out, the hub joins the rooms of the role. */
  baseRooms?: readonly string[];
  /** Identifies this tab in the hub's list of clients; made up when left out. */
  tab?: string;
}

export type Handler<N extends EventName> = (payload: HubEvents[N]) => void;
/** `misfit` names the first field that is not as the event's type promises; null: the payload can be relied on. */
export type AnyHandler = (name: string, payload: unknown, misfit: string | null) => void;

export interface NoctuleClient {
  readonly socket: Socket;
  readonly state: LinkState;
  /** The position after the last event that arrived, null when none is known yet. */
  readonly cursor: LogPosition | null;
  /** When anything last came from the hub, null before the first time. */
  readonly heardAtMs: number | null;
  /** How many events were dropped because their payload is not what their type promises. */
  readonly malformed: number;
  /** Starts connecting, and keeps at it; calling it again does nothing. */
  connect(): void;
  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void;
  close(): void;
  on<N extends EventName>(name: N, handler: Handler<N>): () => void;
  onAny(handler: AnyHandler): () => void;
  onStateChange(listener: (state: LinkState) => void): () => void;
  /** Holds a room until the returned function is called. Throws RangeError past the hub's limit of rooms. */
  subscribe(room: string, onAck?: (ack: SubscribeAck) => void): () => void;
  unsubscribe(room: string): void;
  /** Takes the position that a snapshot was read at, so that the first connection asks for what followed. */
  seed(position: LogPosition): void;
  /** Hands the hub a newer token on the running connection. */
  reauth(token: string): Promise<Ack>;
  /** Returns the round trip to the hub in milliseconds; rejects when there is no answer. */
  ping(): Promise<number>;
}
