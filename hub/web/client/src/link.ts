// What is known of the connection to the hub, as a value that a page can show.

export type LinkPhase = "idle" | "connecting" | "live" | "reconnecting" | "refused";

/**
 * `sinceMs`: when this phase began (for `reconnecting`: when the link was lost). `retryAtMs`: when the next attempt
 * begins, null while one runs or none is planned. `reason`: why the link is not there, for people.
 */
export interface LinkState {
  readonly phase: LinkPhase;
  readonly sinceMs: number;
  readonly attempt: number;
  readonly retryAtMs: number | null;
  readonly reason: string | null;
}

export type LinkChange = { readonly kind: "dial" } | { readonly kind: "up" } | { readonly kind: "close" } | LinkLoss;

export interface LinkLoss {
  readonly kind: "lost" | "refused";
  readonly reason: string;
  readonly retryAtMs: number | null;
}

export const IDLE: LinkState = { phase: "idle", sinceMs: 0, attempt: 0, retryAtMs: null, reason: null };

/** Returns the state after `change`. A loss keeps the moment of the first one until the link is up again. */
export function nextLink(state: LinkState, change: LinkChange, nowMs: number): LinkState {
  switch (change.kind) {
    case "dial":
      if (state.phase === "reconnecting") return { ...state, retryAtMs: null };
      return { phase: "connecting", sinceMs: nowMs, attempt: state.attempt, retryAtMs: null, reason: null };
    case "up":
      return { phase: "live", sinceMs: nowMs, attempt: 0, retryAtMs: null, reason: null };
    case "close":
      return { ...IDLE, sinceMs: nowMs };
    case "refused":
      return { phase: "refused", sinceMs: nowMs, attempt: state.attempt, retryAtMs: null, reason: change.reason };
    case "lost": {
      const sinceMs = state.phase === "reconnecting" || state.phase === "connecting" ? state.sinceMs : nowMs;
      return {
        phase: "reconnecting",
        sinceMs,
        attempt: state.attempt + 1,
        retryAtMs: change.retryAtMs,
        reason: change.reason,
      };
    }
  }
}

/** Socket.IO's reasons for a lost connection, in words for people. */
export const LOSSES: Readonly<Record<string, string>> = {
  "io server disconnect": "the hub closed the connection",
  "transport close": "the connection broke",
  "transport error": "the connection broke",
  "ping timeout": "the hub fell silent",
};
