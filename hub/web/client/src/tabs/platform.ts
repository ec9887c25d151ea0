// What sharing a connection between tabs needs of a browser, and whether this one has it.

/** As much of a BroadcastChannel as is needed: what one posts, every other one of that name gets, in order. */
export interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface LockOptions {
  steal?: boolean;
  signal?: AbortSignal;
}

/** As much of the Web Locks API as is needed. */
export interface Locks {
  request(name: string, options: LockOptions, held: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ held?: readonly { name?: string | undefined }[] }>;
}

export interface TabsPlatform {
  readonly locks: Locks;
  channel(name: string): Channel;
}

/** Returns the browser's own means, null where tabs cannot share (no Web Locks, an insecure origin, no browser). */
export function browserPlatform(): TabsPlatform | null {
  if (typeof document === "undefined" || typeof BroadcastChannel === "undefined") return null;
  const locks = globalThis.navigator?.locks as unknown as Locks | undefined;
  if (locks === undefined) return null;
  return { locks, channel: (name) => new BroadcastChannel(name) as unknown as Channel };
}
