// One hook per event. Given a function, each calls it for every event and renders nothing. Given what to look at, or
// nothing, it returns the newest of it and renders again when that changes. Both survive StrictMode's double mounting.

import type {
  AgentStatusEvent,
  AlertEvent,
  BandwidthItem,
  DeviceStatusEvent,
  InterfaceStatusEvent,
  LatencyItem,
  NetworkLogEvent,
  PaymentUpdateEvent,
  StatsUpdate,
} from "../src/index.js";
import { rateKey } from "../src/latest.js";
import { useHubEvent, useKeyed, useLatest, type EventHandler, type HookOptions } from "./values.js";

type On<N extends Parameters<typeof useHubEvent>[0]> = EventHandler<N> | undefined;

/** Calls `handler` for each change of a device's status; to who is not signed in it has `components` and no `deviceId`. */
export function useDeviceStatus(handler: EventHandler<"device:status">, options?: HookOptions): void;
/** Returns a device's last change of status; undefined: it has not changed since the page looks. */
export function useDeviceStatus(deviceId: number, options?: HookOptions): DeviceStatusEvent | undefined;
export function useDeviceStatus(asked: EventHandler<"device:status"> | number, options?: HookOptions): DeviceStatusEvent | undefined {
  const on: On<"device:status"> = typeof asked === "function" ? asked : undefined;
  useHubEvent("device:status", on, options);
  return useKeyed((latest) => latest.devices, typeof asked === "number" ? asked : undefined);
}

/** Calls `handler` for each change of an interface's status. Its room is `device:ID` or `site:ID`. */
export function useInterfaceStatus(handler: EventHandler<"interface:status">, options?: HookOptions): void;
/** Returns an interface's last change of status; undefined: it has not changed since the page looks. */
export function useInterfaceStatus(interfaceId: number, options?: HookOptions): InterfaceStatusEvent | undefined;
export function useInterfaceStatus(
  asked: EventHandler<"interface:status"> | number,
  options?: HookOptions,
): InterfaceStatusEvent | undefined {
  const on: On<"interface:status"> = typeof asked === "function" ? asked : undefined;
  useHubEvent("interface:status", on, options);
  return useKeyed((latest) => latest.interfaces, typeof asked === "number" ? asked : undefined);
}

/** Calls `handler` with the devices' rounds of each tick. */
export function useLatency(handler: EventHandler<"latency:update">, options?: HookOptions): void;
/** Returns a device's latest round. */
export function useLatency(deviceId: number, options?: HookOptions): LatencyItem | undefined;
export function useLatency(asked: EventHandler<"latency:update"> | number, options?: HookOptions): LatencyItem | undefined {
  const on: On<"latency:update"> = typeof asked === "function" ? asked : undefined;
  useHubEvent("latency:update", on, options);
  return useKeyed((latest) => latest.latency, typeof asked === "number" ? asked : undefined);
}

export interface RateOf {
  deviceId: number;
  /** Left out or null: the device's total. An interface's room is `device:ID`. */
  interfaceId?: number | null;
}

/** Calls `handler` with the rates of each tick. */
export function useBandwidth(handler: EventHandler<"bandwidth:update">, options?: HookOptions): void;
/** Returns the latest rates of a device, or of one of its interfaces. */
export function useBandwidth(of: RateOf, options?: HookOptions): BandwidthItem | undefined;
export function useBandwidth(asked: EventHandler<"bandwidth:update"> | RateOf, options?: HookOptions): BandwidthItem | undefined {
  const on: On<"bandwidth:update"> = typeof asked === "function" ? asked : undefined;
  useHubEvent("bandwidth:update", on, options);
  const key = typeof asked === "function" ? undefined : rateKey(asked.deviceId, asked.interfaceId ?? null);
  return useKeyed((latest) => latest.bandwidth, key);
}

export interface AlertOptions extends HookOptions {
  /** Whether `handler` is called for changes of an alert too. */
  updates?: boolean;
}

const NO_ALERTS: readonly AlertEvent[] = [];

/** Calls `handler` for each new alert, and for each change of one when `updates` is set. */
export function useAlerts(handler: EventHandler<"alert:new">, options?: AlertOptions): void;
/** Returns the alerts that came and are active, newest first. */
export function useAlerts(): readonly AlertEvent[];
export function useAlerts(handler?: EventHandler<"alert:new">, options: AlertOptions = {}): readonly AlertEvent[] {
  useHubEvent("alert:new", handler, options);
  // Both carry the same payload; a handler is generic in the name alone.
  useHubEvent("alert:update", options.updates === true ? (handler as EventHandler<"alert:update"> | undefined) : undefined);
  return useLatest((latest) => latest.alerts, NO_ALERTS, handler === undefined);
}

const NO_PAYMENTS: readonly PaymentUpdateEvent[] = [];

/** Calls `handler` for each change of a payment. */
export function usePaymentUpdates(handler: EventHandler<"payment:update">, options?: HookOptions): void;
/** Returns the changes of payments of late, newest first. */
export function usePaymentUpdates(): readonly PaymentUpdateEvent[];
export function usePaymentUpdates(handler?: EventHandler<"payment:update">, options?: HookOptions): readonly PaymentUpdateEvent[] {
  useHubEvent("payment:update", handler, options);
  return useLatest((latest) => latest.payments, NO_PAYMENTS, handler === undefined);
}

const NO_LOGS: readonly NetworkLogEvent[] = [];

/** Calls `handler` for each network log. */
export function useNetworkLogs(handler: EventHandler<"network:log">, options?: HookOptions): void;
/** Returns the network logs of late, newest first. */
export function useNetworkLogs(): readonly NetworkLogEvent[];
export function useNetworkLogs(handler?: EventHandler<"network:log">, options?: HookOptions): readonly NetworkLogEvent[] {
  useHubEvent("network:log", handler, options);
  return useLatest((latest) => latest.logs, NO_LOGS, handler === undefined);
}

/** Calls `handler` with the totals each 5 s and on change. */
export function useStatsUpdates(handler: EventHandler<"stats:update">, options?: HookOptions): void;
/** Returns the newest totals, null before the first. */
export function useStatsUpdates(): StatsUpdate | null;
export function useStatsUpdates(handler?: EventHandler<"stats:update">, options?: HookOptions): StatsUpdate | null {
  useHubEvent("stats:update", handler, options);
  return useLatest<StatsUpdate | null>((latest) => latest.stats, null, handler === undefined);
}

const NO_AGENTS: readonly AgentStatusEvent[] = [];

/** Calls `handler` for each change of an agent. */
export function useAgents(handler: EventHandler<"agent:status">, options?: HookOptions): void;
/** Returns the last change of each agent that has changed since the page looks, by id. */
export function useAgents(): readonly AgentStatusEvent[];
export function useAgents(handler?: EventHandler<"agent:status">, options?: HookOptions): readonly AgentStatusEvent[] {
  useHubEvent("agent:status", handler, options);
  return useLatest((latest) => latest.agents, NO_AGENTS, handler === undefined);
}
