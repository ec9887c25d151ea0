// Who is signed in. The access token lives in memory only; the session is the hub's refresh cookie.

import { texts } from "../texts";
import { API, ask, HttpError, type Ask } from "./http";
import { Observable } from "./observable";

export interface Me {
  subject: string;
  name: string;
  role: string;
  /** null: no user of this hub, but one of the own backend. */
  userId: number | null;
  /** Whose user this is, for role customer. */
  customerId: number | null;
}

export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable"; readonly message: string }
  | { readonly phase: "signed-out" }
  /** `ended`: the hub has ended the session; what is on the screen waits for the same person to sign in again. */
  | { readonly phase: "signed-in"; readonly me: Me; readonly ended: boolean };

interface Grant {
  accessToken: string;
  expiresIn: number;
}

/** A new token is fetched this long before the old one ends. */
const AHEAD_MS = 60_000;
const RETRY_MS = 3_000;
const MARKED: Ask = { method: "POST", headers: { "X-Noctule": "1" } };

export class Session {
  readonly state = new Observable<SessionState>({ phase: "starting" });
  #token: string | null = null;
  #endsAtMs = 0;
  #renewal: Promise<string> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onToken: (token: string) => void;

  /** `onToken` is handed each token that replaces another, for the running connection. */
  constructor(onToken: (token: string) => void) {
    this.#onToken = onToken;
  }

  /** Takes up the session of the cookie, if there is one; without one the hub is not asked. */
  async start(): Promise<void> {
    clearTimeout(this.#timer);
    if (!hasSession(document.cookie)) {
      this.state.set({ phase: "signed-out" });
      return;
    }
    try {
      await this.#renew();
      await this.#identify();
    } catch (error) {
      if (error instanceof HttpError && REFUSED.has(error.status)) {
        this.state.set({ phase: "signed-out" });
        return;
      }
      this.state.set({ phase: "unreachable", message: messageOf(error) });
      this.#timer = setTimeout(() => void this.start(), RETRY_MS);
    }
  }

  /** Throws HttpError when the hub does not take the name and the password. */
  async signIn(username: string, password: string): Promise<void> {
    this.#take(await ask<Grant>(`${API}/auth/login`, { method: "POST", body: { username, password } }));
    await this.#identify();
  }

  /** Ends all other sessions of this person. Throws HttpError, naming the field that is not right. */
  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    this.#take(await this.ask<Grant>(`${API}/me/password`, { method: "POST", body: { oldPassword, newPassword } }));
  }

  /** Forgets the token whether or not the hub can be told. */
  async signOut(): Promise<void> {
    const token = this.#token;
    this.#drop({ phase: "signed-out" });
    await ask(`${API}/auth/logout`, { ...MARKED, token }).catch(() => undefined);
  }

  /** Returns a token that is still good; `fresh` asks for another one in any case. Throws HttpError. */
  async token(options: { fresh: boolean } = { fresh: false }): Promise<string> {
    const state = this.state.get();
    // Only a person can do something about it: the hub is not asked for each figure of the page.
    if (state.phase === "signed-in" && state.ended) throw ended();
    if (!options.fresh && this.#token !== null && Date.now() < this.#endsAtMs - 5_000) return this.#token;
    return this.#renew();
  }

  /** Asks with the token, once more with a new one when the hub does not take it. Throws HttpError. */
  async ask<T>(path: string, options: Ask = {}): Promise<T> {
    try {
      return await ask<T>(path, { ...options, token: await this.token() });
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401) throw error;
      return ask<T>(path, { ...options, token: await this.token({ fresh: true }) });
    }
  }

  async #identify(): Promise<void> {
    const me = await ask<Me>(`${API}/me`, { token: this.#token });
    this.state.set({ phase: "signed-in", me, ended: false });
  }

  #renew(): Promise<string> {
    this.#renewal ??= this.#refresh().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #refresh(): Promise<string> {
    try {
      this.#take(await ask<Grant>(`${API}/auth/refresh`, MARKED));
    } catch (error) {
      const refused = error instanceof HttpError && REFUSED.has(error.status);
      const state = this.state.get();
      if (!refused || state.phase !== "signed-in") throw error;
      this.#drop({ ...state, ended: true });
      throw ended();
    }
    return this.#token ?? "";
  }

  #take(grant: Grant): void {
    const replaced = this.#token !== null;
    this.#token = grant.accessToken;
    this.#endsAtMs = Date.now() + grant.expiresIn * 1000;
    if (replaced) this.#onToken(grant.accessToken);
    this.#plan(Math.max(5_000, grant.expiresIn * 1000 - AHEAD_MS) * (0.9 + Math.random() / 10));
  }

  #plan(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#renew().catch(() => {
        if (this.#token !== null) this.#plan(RETRY_MS);
      });
    }, delayMs);
  }

  #drop(state: SessionState): void {
    clearTimeout(this.#timer);
    this.#token = null;
    this.#endsAtMs = 0;
    this.state.set(state);
  }
}

const ended = (): HttpError => new HttpError(401, "session_ended", texts.signIn.ended);

const REFUSED: ReadonlySet<number> = new Set([400, 401, 403]);

/** Whether the hub's hint says that there is a refresh cookie, which pages cannot see. */
export function hasSession(cookies: string): boolean {
  return cookies.split(";").some((cookie) => cookie.trim() === "noctule_session=1");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
