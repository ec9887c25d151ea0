// The public status page: its components, and what a change of them means. Pure.

import type { DeviceStatus } from "@noctule/client";

import type { Device } from "./device";

export type ComponentState = "operational" | "degraded" | "outage" | "maintenance" | "unknown";

/** The shape and colour that stand for a component's state. */
export const COMPONENT_GLYPHS: Readonly<Record<ComponentState, DeviceStatus>> = { operational: "online", degraded: "degraded", outage: "offline", maintenance: "maintenance", unknown: "unknown" };

export interface Component {
  /** null: it is new. */
  readonly id: number | null;
  readonly label: string;
  readonly deviceIds: readonly number[];
  readonly siteIds: readonly number[];
  readonly tags: readonly string[];
}

/** As `GET /api/v1/status-page` answers. */
export interface StatusPage {
  readonly title: string;
  readonly message: string;
  readonly published: boolean;
  readonly components: readonly Component[];
  readonly revision: number;
}

/** As `GET /api/v1/status` answers. */
export interface PublicStatus {
  readonly components: readonly { readonly id: number; readonly state: ComponentState }[];
}

interface Span {
  readonly startsAt: string;
  readonly endsAt: string;
}

/** As `GET /api/v1/maintenance` answers, as far as it matters here. */
export interface Window {
  readonly id: number;
  readonly name: string;
  readonly deviceIds: readonly number[];
  readonly siteIds: readonly number[];
  readonly tags: readonly string[];
  readonly running: Span | null;
  readonly next: Span | null;
}

/** Returns the list with one item at another place; places beyond the ends mean the ends. */
export function withMoved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const place = Math.min(items.length - 1, Math.max(0, to));
  const item = items[from];
  if (item === undefined || from === place) return items;
  const rest = items.filter((_item, at) => at !== from);
  return [...rest.slice(0, place), item, ...rest.slice(place)];
}

export function covers(component: Pick<Component, "deviceIds" | "siteIds" | "tags">, device: Device): boolean {
  return component.deviceIds.includes(device.id) || component.siteIds.includes(device.siteId) || device.tags.some((tag) => component.tags.includes(tag));
}

/** What can be added to a component, by the text under which it is offered. */
export type Offer = { readonly kind: "site" | "device"; readonly id: number } | { readonly kind: "tag"; readonly id: string };

/** Returns what a component stands for: sites, then tags, then devices. */
export function chosen({ siteIds, tags, deviceIds }: Component): readonly Offer[] {
  return [...siteIds.map((id) => ({ kind: "site", id }) as const), ...tags.map((id) => ({ kind: "tag", id }) as const), ...deviceIds.map((id) => ({ kind: "device", id }) as const)];
}

/** Returns a component that stands for one thing more, or with `drop` for one less. */
export function withOffer(component: Component, { kind, id }: Offer, drop = false): Component {
  const changed = <T>(ids: readonly T[], one: T): readonly T[] => (drop ? ids.filter((other) => other !== one) : [...new Set([...ids, one])]);
  if (kind === "site") return { ...component, siteIds: changed(component.siteIds, id) };
  if (kind === "tag") return { ...component, tags: changed(component.tags, id) };
  return { ...component, deviceIds: changed(component.deviceIds, id) };
}

/** Returns sites, tags and devices by their texts. Devices of one name are told apart by their site. */
export function offers(devices: readonly Device[], siteText: (name: string) => string, tagText: (tag: string) => string): ReadonlyMap<string, Offer> {
  const found = new Map<string, Offer>();
  const times = new Map<string, number>();
  for (const { name } of devices) times.set(name, (times.get(name) ?? 0) + 1);
  for (const { siteId, siteName } of devices) found.set(siteText(siteName), { kind: "site", id: siteId });
  for (const { tags } of devices) for (const tag of tags) found.set(tagText(tag), { kind: "tag", id: tag });
  for (const { id, name, siteName } of devices) {
    const text = (times.get(name) ?? 0) > 1 ? `${name} (${siteName})` : name;
    if (!found.has(text)) found.set(text, { kind: "device", id });
  }
  return found;
}

export interface Planned {
  readonly window: Window;
  readonly span: Span;
  readonly running: boolean;
  readonly labels: readonly string[];
}

/** Returns the windows that run or come next and cover any of the components, the soonest first. */
export function plannedFor(components: readonly Component[], windows: readonly Window[], devices: readonly Device[]): Planned[] {
  return windows
    .flatMap((window) => {
      const span = window.running ?? window.next;
      if (span === null) return [];
      const held = devices.filter(({ id, siteId, tags }) => window.deviceIds.includes(id) || window.siteIds.includes(siteId) || tags.some((tag) => window.tags.includes(tag)));
      const labels = components.filter((component) => held.some((device) => covers(component, device))).map(({ label }) => label);
      return labels.length === 0 ? [] : { window, span, running: window.running !== null, labels };
    })
    .sort((a, b) => Date.parse(a.span.startsAt) - Date.parse(b.span.startsAt));
}
