// The locks and channels of one browser, as several tabs see them; a tab can end as crashed ones do, without a word.
// The browser's own are behind the same interface in tests/e2e/test_react_example.py.

import type { Channel, LockOptions, Locks, TabsPlatform } from "../../src/tabs/platform.js";

interface Request {
  readonly tab: Tab;
  readonly name: string;
  readonly held: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const aborted = (): Error => Object.assign(new Error("aborted"), { name: "AbortError" });

export class Browser {
  readonly #held = new Map<string, Request>();
  readonly #queued: Request[] = [];
  readonly channels = new Set<TabChannel>();

  tab(): Tab {
    return new Tab(this);
  }

  request(request: Request, { steal, signal }: LockOptions): void {
    const { name, reject } = request;
    if (steal === true) {
      this.#held.get(name)?.reject(aborted());
      this.#held.delete(name);
      this.#grant(request);
      return;
    }
    signal?.addEventListener("abort", () => {
      const at = this.#queued.indexOf(request);
      if (at < 0) return;
      this.#queued.splice(at, 1);
      reject(aborted());
    });
    this.#queued.push(request);
    this.#next();
  }

  names(): { name: string }[] {
    return [...this.#held.keys()].map((name) => ({ name }));
  }

  /** Frees what a tab holds or waits for. */
  drop(tab: Tab): void {
    for (const request of this.#queued.filter((one) => one.tab === tab)) this.#queued.splice(this.#queued.indexOf(request), 1);
    for (const [name, request] of [...this.#held]) if (request.tab === tab) this.#held.delete(name);
    this.#next();
  }

  #next(): void {
    for (const request of [...this.#queued]) {
      if (this.#held.has(request.name)) continue;
      this.#queued.splice(this.#queued.indexOf(request), 1);
      this.#grant(request);
    }
  }

  #grant(request: Request): void {
    this.#held.set(request.name, request);
    void request.held().then(() => {
      if (this.#held.get(request.name) === request) this.#held.delete(request.name);
      request.resolve();
      this.#next();
    }, request.reject);
  }
}

class TabChannel implements Channel {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly #browser: Browser;
  readonly #name: string;

  constructor(browser: Browser, name: string) {
    this.#browser = browser;
    this.#name = name;
    browser.channels.add(this);
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message);
    if (!this.#browser.channels.has(this)) return;
    for (const other of this.#browser.channels) {
      if (other === this || other.#name !== this.#name) continue;
      setTimeout(() => {
        if (this.#browser.channels.has(other)) other.onmessage?.({ data });
      });
    }
  }

  close(): void {
    this.#browser.channels.delete(this);
  }
}

export class Tab implements TabsPlatform {
  readonly #browser: Browser;
  readonly #channels: TabChannel[] = [];
  readonly locks: Locks;

  constructor(browser: Browser) {
    this.#browser = browser;
    this.locks = {
      request: (name, options, held) =>
        new Promise<void>((resolve, reject) => browser.request({ tab: this, name, held, resolve, reject }, options)),
      query: () => Promise.resolve({ held: browser.names() }),
    };
  }

  channel(name: string): Channel {
    const channel = new TabChannel(this.#browser, name);
    this.#channels.push(channel);
    return channel;
  }

  /** Hears and says nothing any more, and keeps its locks: a tab that hangs. */
  hang(): void {
    for (const channel of this.#channels) channel.close();
  }

  crash(): void {
    this.hang();
    this.#browser.drop(this);
  }
}
