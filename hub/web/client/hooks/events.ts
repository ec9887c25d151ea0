// One hook per event. Each calls the newest handler given and survives StrictMode's double mounting.
// `room` names a room with a parameter to hold while mounted, e.g. `device:7`.

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import type { Socket } from "socket.io-client";

import type { EventName, HubEvents, LinkState } from "../src/index.js";
import { useClient } from "./provider.js";

export interface HookOptions {
  room?: string | undefined;
}

/** Returns the state of the link to the hub, and renders again when it changes. */
export function useLink(): LinkState {
  const client = useClient();
  const listen = useCallback((changed: () => void) => client.onStateChange(changed), [client]);
  return useSyncExternalStore(
    listen,
    () => client.state,
    () => client.state,
  );
}

/** Returns the underlying socket and whether it is connected. */
export function useSocket(): { socket: Socket; isConnected: boolean } {
  const client = useClient();
  const { phase } = useLink();
  return { socket: client.socket, isConnected: phase === "live" };
}

/** Holds a room while mounted; undefined holds none. */
export function useRoom(room: string | undefined): void {
  const client = useClient();
  useEffect(() => (room === undefined ? undefined : client.subscribe(room)), [client, room]);
}

/** Calls `handler` for each event named `name`. */
export function useHubEvent<N extends EventName>(
  name: N,
  handler: (payload: HubEvents[N]) => void,
  options: HookOptions = {},
): void {
  const client = useClient();
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => client.on(name, (payload) => newest.current(payload)), [client, name]);
  useRoom(options.room);
}

type Hook<N extends EventName> = (handler: (payload: HubEvents[N]) => void, options?: HookOptions) => void;

const hookOf =
  <N extends EventName>(name: N): Hook<N> =>
  (handler, options) =>
    useHubEvent(name, handler, options);

export const useDeviceStatus = hookOf("device:status");
export const useInterfaceStatus = hookOf("interface:status");
export const useLatency = hookOf("latency:update");
export const useBandwidth = hookOf("bandwidth:update");
export const usePaymentUpdates = hookOf("payment:update");
export const useNetworkLogs = hookOf("network:log");
export const useStatsUpdates = hookOf("stats:update");
export const useAgentStatus = hookOf("agent:status");

/** Calls `handler` for each new alert, and for each change of one when `updates` is set. */
export function useAlerts(
  handler: (alert: HubEvents["alert:new"]) => void,
  options: HookOptions & { updates?: boolean } = {},
): void {
  const updates = options.updates === true;
  useHubEvent("alert:new", handler, options);
  useHubEvent("alert:update", (alert) => {
    if (updates) handler(alert);
  });
}
