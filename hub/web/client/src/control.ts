// What a hub says of the connection itself, and its answers to calls.

import type { ErrorBody, LogPosition } from "./generated/events.js";

/** `delivered` counts the logged events that were sent on this connection. */
export interface PositionEvent extends LogPosition {
  delivered: number;
}

/** Network logs that were not replayed, because they are too old or too many; `url` has them. */
export interface LostLogs {
  recovered: false;
  reason: string;
  url: string;
}

/**
 * Ends what the handshake asked for. `recovered` false: what `since` asked for is not in the log any more; `snapshots`
 * are then the paths by room where the present state is read.
 */
export interface ReplayDoneEvent extends PositionEvent {
  rooms: string[];
  recovered?: boolean;
  replayed?: number;
  snapshots?: Record<string, string>;
  logs?: LostLogs;
  denied?: { room: string; reason: string }[];
}

/** Network logs that came too fast for `room` and were not sent to it; they are at `/api/v1/logs`. */
export interface LogsSkippedEvent {
  timestamp: string;
  room: string;
  count: number;
  fromSeq: number;
  toSeq: number;
}

export interface ControlEvents {
  position: PositionEvent;
  "replay:done": ReplayDoneEvent;
  "logs:skipped": LogsSkippedEvent;
}

/** The error shape of every refusal, over HTTP and sockets. */
export type HubError = ErrorBody;

export interface Ack {
  ok: boolean;
  error?: HubError;
}

/** What the client says where the hub said nothing: it was closed, or the room left, before. */
export interface Unanswered {
  code: "closed" | "left";
  message: string;
}

/**
 * `snapshotUrl`: where the room's present state is read, when it was joined without what came before. Of a room that was
 * joined by the handshake `recovered` and `logs` are those of all its rooms, and `replayed` is left out.
 */
export interface SubscribeAck extends Omit<Ack, "error">, Partial<LogPosition> {
  error?: HubError | Unanswered;
  room?: string;
  head?: number;
  recovered?: boolean;
  replayed?: number;
  snapshotUrl?: string;
  logs?: LostLogs;
}

/** `until` is when the device is measured as ever again, null: it is now. `intervalS`: how often until then. */
export interface FocusAck extends Ack {
  until?: string | null;
  intervalS?: number | null;
}

/** `expiresAt`: when the new token ends by the hub's clock, null: never. */
export interface ReauthAck extends Ack {
  rooms?: string[];
  expiresAt?: string | null;
}
