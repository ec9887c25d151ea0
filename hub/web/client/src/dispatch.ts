// Hands what arrives to who asked for it by name, checked once against what its type promises.

import type { AnyHandler, Handler } from "./contract.js";
import type { EventName } from "./events.js";
import { Listeners } from "./listeners.js";
import { isEventName, misfit } from "./shape.js";

export class Dispatch {
  readonly #handlers = new Map<EventName, Listeners<[never]>>();
  readonly #any = new Listeners<Parameters<AnyHandler>>();
  #malformed = 0;

  /** Events that reached no handler because a field is not as promised. */
  get malformed(): number {
    return this.#malformed;
  }

  on<N extends EventName>(name: N, handler: Handler<N>): () => void {
    let handlers = this.#handlers.get(name);
    if (handlers === undefined) this.#handlers.set(name, (handlers = new Listeners()));
    return handlers.add(handler as (payload: never) => void);
  }

  onAny(handler: AnyHandler): () => void {
    return this.#any.add(handler);
  }

  emit(name: string, payload: unknown): void {
    const known = isEventName(name);
    const fault = known ? misfit(name, payload) : null;
    this.#any.tell(name, payload, fault);
    if (!known) return;
    if (fault === null) this.#handlers.get(name)?.tell(payload as never);
    else this.#malformed += 1;
  }
}
