// Hooks for the connection itself: its state, its age, and rooms to hold.

import { useCallback, useEffect, useSyncExternalStore } from "react";

import type { Age, LinkState, SocketView } from "../src/index.js";
import { useClient } from "./provider.js";

/** Returns the state of the link to the hub, and renders again when it changes. */
export function useLink(): LinkState {
  const client = useClient();
  const listen = useCallback((changed: () => void) => client.onStateChange(changed), [client]);
  const state = (): LinkState => client.state;
  return useSyncExternalStore(listen, state, state);
}

/** Returns a socket to listen to and whether it is connected; renders again when that changes. */
export function useSocket(): { socket: SocketView; isConnected: boolean } {
  const client = useClient();
  const listen = useCallback((changed: () => void) => client.onStateChange(changed), [client]);
  const isLive = (): boolean => client.state.phase === "live";
  return { socket: client.socket, isConnected: useSyncExternalStore(listen, isLive, () => false) };
}

const NEVER: Age = { state: "offline", ageMs: null };

/** Returns how old what arrived last is, to a tenth of a second; renders again twice a second while it ages. */
export function useFreshness(): Age {
  const { freshness } = useClient();
  return useSyncExternalStore(freshness.listen, freshness.get, () => NEVER);
}

/** Holds a room while mounted; undefined holds none. */
export function useRoom(room: string | undefined): void {
  const client = useClient();
  useEffect(() => (room === undefined ? undefined : client.subscribe(room)), [client, room]);
}
