// A socket to listen to, in the words of socket.io-client. Behind it may be this tab's connection or another tab's.

import type { LinkState } from "./link.js";

type Listener = (...args: never[]) => void;

/** What is behind a view. */
export interface SocketSource {
  readonly state: LinkState;
  /** The hub's name for the connection, undefined while there is none. */
  readonly socketId: string | undefined;
  onAny(handler: (name: string, payload: unknown) => void): () => void;
  onStateChange(listener: (state: LinkState) => void): () => void;
}

export class SocketView {
  readonly #source: SocketSource;
  readonly #listeners = new Map<string, Map<Listener, Listener>>();
  #connected = false;

  constructor(source: SocketSource) {
    this.#source = source;
    source.onAny((name, payload) => this.#tell(name, payload));
    source.onStateChange((state) => this.#take(state));
  }

  get id(): string | undefined {
    return this.#source.socketId;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Listens to an event of the hub, or to `connect` and `disconnect`. */
  on(name: string, listener: Listener): this {
    return this.#add(name, listener, listener);
  }

  once(name: string, listener: Listener): this {
    const single = (...args: never[]): void => {
      this.off(name, listener);
      listener(...args);
    };
    return this.#add(name, listener, single);
  }

  /** Takes one listener away; without one, all of that name. */
  off(name: string, listener?: Listener): this {
    if (listener === undefined) this.#listeners.delete(name);
    else this.#listeners.get(name)?.delete(listener);
    return this;
  }

  #add(name: string, key: Listener, called: Listener): this {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, (listeners = new Map()));
    listeners.set(key, called);
    return this;
  }

  #take(state: LinkState): void {
    const connected = state.phase === "live";
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (connected) this.#tell("connect");
    else this.#tell("disconnect", state.reason);
  }

  #tell(name: string, ...args: unknown[]): void {
    for (const listener of [...(this.#listeners.get(name)?.values() ?? [])]) listener(...(args as never[]));
  }
}
