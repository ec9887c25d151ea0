// What users of the client see of it: its options and its methods. How it keeps a connection is `hubLink.ts`.

import type { EventName, FocusAck, HubEvents, LogPosition, ReauthAck, SubscribeAck } from "./events.js";
import type { Freshness, FreshnessLimits } from "./freshness.js";
import type { BandwidthSeries, HistoryOf, HistoryOptions, LatencySeries } from "./history.js";
import type { LinkState } from "./link.js";
import type { SocketView } from "./socketView.js";
import type { CursorStorage } from "./cursorStore.js";
import type { TabsPlatform } from "./tabs/platform.js";

type Awaitable<T> = T | Promise<T>;

export interface ClientOptions {
  /** The hub's address for HTTP, e.g. `https://noc.example.net`. */
  url: string;
  /** Where its sockets are, when they are elsewhere. */
  wsUrl?: string;
  /**
   * Returns an access token, or null to connect anonymously; left out: anonymously. `fresh`: the last one was refused
   * or ends soon, get another. Throwing is taken as "not now" and asked again later.
   */
  getToken?: (ask: { fresh: boolean }) => Awaitable<string | null | undefined>;
  /** Rooms to name at the handshake; left out, the hub joins the rooms of the role. */
  baseRooms?: readonly string[];
  /** Identifies this tab in the hub's list of clients; made up when left out. */
  tab?: string;
  /**
   * Whether tabs of one origin and one user share one connection, where the browser can (Web Locks and BroadcastChannel).
   * Left out: in browsers. `TabsPlatform` puts other means in their place.
   */
  share?: boolean | TabsPlatform;
  /** Where the place in the log is kept over reloads; left out: `session` in browsers, nowhere elsewhere. */
  cursor?: "session" | "local" | "none" | CursorStorage;
  /** From which age on data is stale, and from which the hub counts as offline. */
  freshness?: FreshnessLimits;
}

export type Handler<N extends EventName> = (payload: HubEvents[N]) => void;
/** `misfit` names the first field that is not as the event's type promises; null: the payload can be relied on. */
export type AnyHandler = (name: string, payload: unknown, misfit: string | null) => void;

/** What cannot be replayed: what the page shows of `rooms` must be read anew. */
export interface Gap {
  /** `log`: everything in the rooms; `network-logs`: only those, all else was replayed. */
  readonly kind: "log" | "network-logs";
  readonly rooms: readonly string[];
  /** From here on events come again. */
  readonly position: LogPosition;
  /** Reads a room's present state over HTTP; null: it has none. Throws when the hub does not answer. */
  read(room: string): Promise<unknown>;
}

export interface NoctuleClient {
  /** Listens like a Socket.IO socket, also in a tab that shares another tab's connection. Emits nothing. */
  readonly socket: SocketView;
  readonly state: LinkState;
  /** How old what arrived last is, and whether it can still be called live. */
  readonly freshness: Freshness;
  /** How messages come, `websocket` or `polling`; null while there is no connection. */
  readonly transport: string | null;
  /** Whether this tab holds the connection; false while there is none, or another tab's is used. */
  readonly leads: boolean;
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
  /** Ends the connection, or this tab's share of one; `connect` begins anew where it ended. */
  close(): void;
  on<N extends EventName>(name: N, handler: Handler<N>): () => void;
  onAny(handler: AnyHandler): () => void;
  onStateChange(listener: (state: LinkState) => void): () => void;
  /** Calls `handler` when events were lost for good, because the log does not go back far enough. */
  onGap(handler: (gap: Gap) => void): () => void;
  /**
   * Holds a room until the returned function is called; the room is left some seconds later, when nobody holds it.
   * `onAck` is called once: with the hub's answer, however many connections it takes to have one, or with an error of
   * code `closed` or `left` when the client is closed, or the room left, before. Throws RangeError past the hub's limit
   * of rooms.
   */
  subscribe(room: string, onAck?: (ack: SubscribeAck) => void): () => void;
  /** Takes the position that a snapshot was read at, so that the first connection asks for what followed. */
  seed(position: LogPosition): void;
  /** Hands the hub a newer token on the running connection. It renews by itself what `getToken` gives. */
  reauth(token: string): Promise<ReauthAck>;
  /**
   * Has a device measured each second for some minutes, or lets it go; calling it again renews it. A refusal is an
   * answer (`ok` false); rejects when there is no answer.
   */
  focus(deviceId: number, on: boolean): Promise<FocusAck>;
  /**
   * Reads a history as typed arrays, what a chart needs. A refusal is an answer (`ok` false); rejects when there is no
   * answer, or none as promised.
   */
  history<S extends LatencySeries | BandwidthSeries>(series: S, options?: HistoryOptions): Promise<HistoryOf<S>>;
  /** Returns the round trip to the hub in milliseconds; rejects when there is no answer. */
  ping(): Promise<number>;
}
