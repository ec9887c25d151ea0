// A customer's own services as the hub answers them, and what there is to say of them in plain words. Pure.

import type { BandwidthItem, BandwidthUpdate, DeviceStatus, LatencyItem, LatencyUpdate, ServiceRef } from "@noctule/client";

import { texts } from "../texts";
import { clock, instant, span } from "./format";

export type ServiceState = "up" | "degraded" | "down" | "maintenance" | "unknown";

/** As `GET /api/v1/me/customer` answers. */
export interface OwnCustomer {
  id: number;
  name: string;
  state: "active" | "suspended" | "closed";
  suspensionReason: string | null;
  timezone: string;
}

/** As `GET /api/v1/me/services` answers. */
export interface OwnService {
  id: number;
  label: string;
  state: ServiceState;
  since: string | null;
  deviceId: number;
  interfaceId: number | null;
  committedBps: number | null;
  latency: LatencyItem | null;
  bandwidth: BandwidthItem | null;
}

/** As `GET /api/v1/me/services/{id}/interfaces` answers. */
export interface OwnPort {
  id: number;
  name: string;
  state: ServiceState;
}

/** As `GET /api/v1/me/alerts` answers. */
export interface OwnAlert {
  id: number;
  title: string;
  severity: string;
  state: string;
  startedAt: string;
  resolvedAt: string | null;
  services: ServiceRef[];
}

/** The shape and colour of a service's state. */
export const SERVICE_TONE: Readonly<Record<ServiceState, DeviceStatus>> = { up: "online", degraded: "degraded", down: "offline", maintenance: "maintenance", unknown: "unknown" };

const WORST: readonly ServiceState[] = ["down", "degraded", "unknown", "maintenance", "up"];

/** Returns the state that counts for all of them; none: not known. */
export function worstOf(services: readonly OwnService[]): ServiceState {
  return WORST.find((state) => services.some((service) => service.state === state)) ?? "unknown";
}

/** Returns since when and how long, null when it was never judged. */
export function sinceWords(service: OwnService, nowMs: number): string | null {
  const ms = instant(service.since);
  return ms === null ? null : texts.portal.since(clock(ms, nowMs), span(nowMs - ms));
}

/** Returns the sentence that the page opens with. */
export function ownAnswer(services: readonly OwnService[], nowMs: number): string {
  const words = texts.portal;
  const faults = services.filter(({ state }) => state !== "up");
  const [worst] = [...faults].sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state));
  if (worst === undefined) return services.length === 1 ? words.works.one : words.works.all(services.length);
  const first = words.fault(worst.label, words.are[worst.state] ?? worst.state, sinceWords(worst, nowMs));
  return faults.length === 1 ? first : `${words.faults(faults.length, services.length)} ${first}`;
}

/** Two rounds of the rarest polling: a figure that is older says nothing of now. Customers are not told how often theirs is polled. */
const NOW_MS = 600_000;

/** Returns what of a service's figures is of now: nothing while it is down, whatever was measured last. */
export function figuresNow({ state, latency, bandwidth }: OwnService, nowMs: number): Pick<OwnService, "latency" | "bandwidth"> {
  const now = <T extends { timestamp: string }>(figure: T | null): T | null =>
    figure !== null && state !== "down" && nowMs - Date.parse(figure.timestamp) <= NOW_MS ? figure : null;
  return { latency: now(latency), bandwidth: now(bandwidth) };
}

/** Returns the services with newer rates; others' and tests' are left out. */
export function withRates(services: readonly OwnService[], { items, test }: BandwidthUpdate): readonly OwnService[] {
  if (test === true) return services;
  return services.map((service) => {
    const item = items.find(({ deviceId, interfaceId }) => deviceId === service.deviceId && interfaceId === service.interfaceId);
    return item === undefined ? service : { ...service, bandwidth: item };
  });
}

/** Returns the services with newer latencies. */
export function withLatencies(services: readonly OwnService[], { items, test }: LatencyUpdate): readonly OwnService[] {
  if (test === true) return services;
  return services.map((service) => {
    const item = items.find(({ deviceId }) => deviceId === service.deviceId);
    return item === undefined ? service : { ...service, latency: item };
  });
}

const STATE_OF_DEVICE: Readonly<Record<string, ServiceState>> = { online: "up", degraded: "degraded", offline: "down", unreachable: "down", maintenance: "maintenance", unknown: "unknown" };

/** What the log tells a customer of. */
export interface OwnEvent {
  seq: number;
  name: string;
  timestamp: string;
  status?: string;
  ifOperStatus?: string;
  change?: string;
  services?: ServiceRef[];
}

/** Returns an event in plain words, and its tone; null for one that says nothing to a customer. */
export function ownEventWords(event: OwnEvent): { text: string; tone: DeviceStatus } | null {
  const words = texts.portal;
  if (event.name === "customer:update") {
    const text = words.contract[event.change ?? ""];
    return text === undefined ? null : { text, tone: event.change === "suspended" ? "degraded" : "unknown" };
  }
  const labels = (event.services ?? []).map(({ label }) => label).join(", ");
  if (labels === "") return null;
  const state = event.name === "interface:status" ? (event.ifOperStatus === "up" ? "up" : "down") : (STATE_OF_DEVICE[event.status ?? ""] ?? "unknown");
  return { text: words.became(labels, words.are[state] ?? state), tone: SERVICE_TONE[state] };
}
