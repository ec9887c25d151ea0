// What has been asked of the hub: one answer per address, shared by all who show it, read again when it may be old.

import type { EventName, NoctuleClient } from "@noctule/client";

import { HttpError } from "./http";
import { Observable } from "./observable";

/** `ready` with `trouble`: the answer is of `atMs`, and could not be read again since. */
export type Answer<T> =
  | { readonly phase: "loading" }
  | { readonly phase: "failed"; readonly message: string; readonly status: number }
  | { readonly phase: "ready"; readonly data: T; readonly atMs: number; readonly trouble: string | null };

/** When an answer is read again, beside a new link to the hub: each `everyMs`, and after events of these names. */
export interface Watch {
  readonly everyMs?: number;
  readonly on?: readonly EventName[];
}

const RETRY_MS = 5_000;
/** Many events in a row are one reason to ask; many pages do not all ask at the same moment. */
const SETTLE_MS = 400;
/** Answers that nobody shows are kept so long, so that the way back shows them at once. */
const KEPT_MS = 120_000;
/** What is shown again and younger than this is not read again. */
const FRESH_MS = 2_000;

/** Whether what failed so may well succeed by itself: no answer at all, too many requests, the hub's own trouble. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

type Show = (act: () => void) => void;
const AT_ONCE: Show = (act) => act();

interface Question {
  readonly answer: Observable<Answer<unknown>>;
  readonly watches: Set<Watch>;
  timer: ReturnType<typeof setTimeout> | undefined;
  asking: boolean;
  /** How often it was asked: an answer that waits to be shown is not once a later one has been asked for. */
  turn: number;
  again: boolean;
}

export class Queries {
  readonly #get: (path: string) => Promise<unknown>;
  readonly #along: Show;
  readonly #questions = new Map<string, Question>();
  readonly #forget: (() => void)[] = [];
  #wasLive = false;

  /** `along` shows what nobody waits for together with something else; at once by default. */
  constructor(get: (path: string) => Promise<unknown>, client: NoctuleClient, along: Show = AT_ONCE) {
    this.#get = get;
    this.#along = along;
    this.#forget.push(
      client.onAny((name) => {
        for (const [path, question] of this.#questions) {
          const concerned = [...question.watches].some((watch) => watch.on?.includes(name as EventName) === true);
          if (concerned) this.#askIn(path, question, SETTLE_MS * (1 + Math.random()));
        }
      }),
      client.onStateChange(({ phase }) => {
        if (phase !== "live") return;
        if (this.#wasLive) for (const [path, question] of this.#questions) if (question.watches.size > 0) this.#askIn(path, question, SETTLE_MS * Math.random());
        this.#wasLive = true;
      }),
    );
  }

  stop(): void {
    for (const forget of this.#forget) forget();
    for (const question of this.#questions.values()) {
      clearTimeout(question.timer);
      question.turn += 1;
    }
    this.#questions.clear();
  }

  /** Returns the answer of an address, as it comes to be known. */
  answer<T>(path: string): Observable<Answer<T>> {
    return this.#of(path).answer as Observable<Answer<T>>;
  }

  /** Asks for an address while it is shown; returns what ends that. */
  watch(path: string, watch: Watch): () => void {
    const question = this.#of(path);
    question.watches.add(watch);
    const answer = question.answer.get();
    const fresh = answer.phase === "ready" && answer.trouble === null && Date.now() - answer.atMs <= FRESH_MS;
    if (fresh) this.#plan(path, question, answer);
    else if (!question.asking) void this.#ask(path, question);
    return () => {
      question.watches.delete(watch);
      if (question.watches.size > 0) return;
      clearTimeout(question.timer);
      question.timer = setTimeout(() => this.#questions.delete(path), KEPT_MS);
    };
  }

  /** Reads again whatever begins with `prefix`, after something was changed there. */
  again(prefix: string): void {
    for (const [path, question] of this.#questions) {
      if (!path.startsWith(prefix)) continue;
      if (question.watches.size > 0) void this.#ask(path, question);
      else this.#questions.delete(path);
    }
  }

  /** Asks at once for whatever is shown and could not be read. */
  retry(): void {
    for (const [path, question] of this.#questions) {
      const answer = question.answer.get();
      const troubled = answer.phase === "failed" || (answer.phase === "ready" && answer.trouble !== null);
      if (troubled && question.watches.size > 0) void this.#ask(path, question);
    }
  }

  #of(path: string): Question {
    let question = this.#questions.get(path);
    if (question === undefined) {
      question = { answer: new Observable<Answer<unknown>>({ phase: "loading" }), watches: new Set(), timer: undefined, asking: false, turn: 0, again: false };
      this.#questions.set(path, question);
    }
    return question;
  }

  #askIn(path: string, question: Question, delayMs: number, show: Show = AT_ONCE): void {
    clearTimeout(question.timer);
    question.timer = setTimeout(() => void this.#ask(path, question, show), delayMs);
  }

  async #ask(path: string, question: Question, show: Show = AT_ONCE): Promise<void> {
    clearTimeout(question.timer);
    if (question.asking) {
      question.again = true;
      return;
    }
    question.asking = true;
    const turn = (question.turn += 1);
    const answer = await this.#read(path, question);
    question.asking = false;
    show(() => {
      if (turn === question.turn) question.answer.set(answer);
    });
    if (question.again) {
      question.again = false;
      void this.#ask(path, question);
    } else this.#plan(path, question, answer);
  }

  async #read(path: string, question: Question): Promise<Answer<unknown>> {
    try {
      return { phase: "ready", data: await this.#get(path), atMs: Date.now(), trouble: null };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const status = error instanceof HttpError ? error.status : 0;
      const before = question.answer.get();
      // What is gone is gone; what cannot be read now is shown as it was.
      return before.phase === "ready" && status !== 404 && status !== 403 ? { ...before, trouble: message } : { phase: "failed", message, status };
    }
  }

  #plan(path: string, question: Question, answer: Answer<unknown>): void {
    const troubled = answer.phase === "failed" ? isPassing(answer.status) : answer.phase === "ready" && answer.trouble !== null;
    const periods = [...question.watches].flatMap((watch) => watch.everyMs ?? []);
    if (troubled) periods.push(RETRY_MS);
    if (question.watches.size > 0 && periods.length > 0) this.#askIn(path, question, Math.min(...periods), troubled ? AT_ONCE : this.#along);
  }
}
