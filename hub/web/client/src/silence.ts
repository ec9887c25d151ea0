// Finds links that are gone without a word: a suspended laptop, a NAT that forgot, a hub that hangs.

/** Silence after which the hub is asked whether it is still there. */
export const QUIET_MS = 8_000;
const WATCH_MS = 2_000;

export class Silence {
  readonly #ask: () => Promise<void>;
  readonly #onDead: () => void;
  #heardAtMs = 0;
  #asking = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `ask` rejects when there is no answer in time; then `onDead` is called, once for each `begin`. */
  constructor(ask: () => Promise<void>, onDead: () => void) {
    this.#ask = ask;
    this.#onDead = onDead;
  }

  begin(): void {
    this.end();
    this.#heardAtMs = Date.now();
    this.#timer = setInterval(() => this.#look(), WATCH_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#asking = false;
  }

  heard(): void {
    this.#heardAtMs = Date.now();
  }

  #look(): void {
    if (this.#asking || Date.now() - this.#heardAtMs < QUIET_MS) return;
    const watch = this.#timer;
    const askedAtMs = Date.now();
    this.#asking = true;
    this.#ask()
      .catch(() => {
        // Anything that came meanwhile is an answer too; another connection's silence is its own.
        if (this.#timer === watch && watch !== undefined && this.#heardAtMs <= askedAtMs) this.#onDead();
      })
      .finally(() => {
        if (this.#timer === watch) this.#asking = false;
      });
  }
}
