// Replaces a running connection's token before it ends, so that the hub has no reason to cut it.

import type { ReauthAck } from "./events.js";
import { identityOf } from "./identity.js";

/** A token is replaced so long before its end, or after four fifths of a life shorter than that allows. */
export const AHEAD_MS = 30_000;
/** Between two attempts, when the next token was not to be had or was no later one. */
export const AGAIN_MS = 10_000;
// setTimeout counts to 2^31 ms; a longer wait is looked at again then.
const LONGEST_MS = 2 ** 31 - 1;

/** Returns how long to wait before a token that ends at `expiresMs` is replaced; null: it never ends. Pure. */
export function renewalDelayMs(expiresMs: number | null, nowMs: number): number | null {
  if (expiresMs === null) return null;
  const leftMs = Math.max(0, expiresMs - nowMs);
  return Math.min(LONGEST_MS, Math.max(1_000, leftMs - AHEAD_MS, Math.min(leftMs * 0.8, AHEAD_MS)));
}

export class Renewal {
  readonly #token: () => Promise<string | null>;
  readonly #reauth: (token: string) => Promise<ReauthAck>;
  #expiresMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `token` fetches another one, `reauth` hands it to the hub. */
  constructor(token: () => Promise<string | null>, reauth: (token: string) => Promise<ReauthAck>) {
    this.#token = token;
    this.#reauth = reauth;
  }

  /** Takes the token that the connection runs on now. */
  take(token: string | null): void {
    this.#expiresMs = identityOf(token).expiresMs;
    this.#plan(renewalDelayMs(this.#expiresMs, Date.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #plan(delayMs: number | null): void {
    clearTimeout(this.#timer);
    if (delayMs !== null) this.#timer = setTimeout(() => void this.#renew(), delayMs);
  }

  async #renew(): Promise<void> {
    const before = this.#expiresMs;
    try {
      const token = await this.#token();
      if (token !== null && (await this.#reauth(token)).ok && this.#expiresMs !== before) return;
    } catch {
      // Not now: once the token has ended the hub cuts the connection, and the next one asks anew.
    }
    this.#plan(AGAIN_MS);
  }
}
