// All devices as they are now, fed by the list and by live events. A change of one tells only who shows that one, once
// for all that came since the last frame.

import type { BandwidthItem, DeviceStatus, DeviceStatusEvent, LatencyItem } from "@noctule/client";

import { countByStatus, type Counts, type Device, type Row } from "../model/device";
import { extend, roundUp } from "../model/trail";
import { Observable } from "./observable";

export type Load =
  | { readonly phase: "loading" }
  | { readonly phase: "ready" }
  | { readonly phase: "failed"; readonly message: string };

/** `members` counts up when devices come, go, move or are renamed, `statuses` also when one changes its state. */
export interface Revision {
  readonly members: number;
  readonly statuses: number;
}

/** Measurements between two looks at whether the bars of traffic have become short. */
const RESCALE_AFTER = 20_000;

export class Fleet {
  readonly load = new Observable<Load>({ phase: "loading" });
  readonly revision = new Observable<Revision>({ members: 0, statuses: 0 });
  readonly counts = new Observable<Counts>(countByStatus([]));
  /** The round number of bits per second at which a row's traffic bar is full. */
  readonly fullBps = new Observable<number>(1e6);
  /** When the page began to collect, in epoch milliseconds. */
  readonly startedMs = Date.now();
  readonly #rows = new Map<number, Row>();
  /** Those that are not well: few of thousands, and what a sentence on all looks through. */
  readonly #unwell = new Set<number>();
  readonly #watchers = new Map<number, Set<() => void>>();
  readonly #soon: (act: () => void) => void;
  /** Devices that have changed since their watchers were told. */
  readonly #changed = new Set<number>();
  #planned = false;
  #counts: Counts = this.counts.get();
  #revision: Revision = this.revision.get();
  #unscaled = 0;

  /** `soon` runs something together with all else that is shown soon; at once by default. */
  constructor(soon: (act: () => void) => void = (act) => act()) {
    this.#soon = soon;
  }

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  get size(): number {
    return this.#rows.size;
  }

  all(): Row[] {
    return [...this.#rows.values()];
  }

  /** The same without a copy, for who only looks through them. */
  rows(): Iterable<Row> {
    return this.#rows.values();
  }

  /** The devices whose state is not online, in no order. */
  *unwell(): Iterable<Row> {
    for (const id of this.#unwell) {
      const row = this.#rows.get(id);
      if (row !== undefined) yield row;
    }
  }

  /** Calls `listener` on each change of one device. */
  watch(id: number, listener: () => void): () => void {
    let watchers = this.#watchers.get(id);
    if (watchers === undefined) this.#watchers.set(id, (watchers = new Set()));
    const held = watchers;
    held.add(listener);
    return () => {
      held.delete(listener);
      if (held.size === 0 && this.#watchers.get(id) === held) this.#watchers.delete(id);
    };
  }

  /** Takes the whole list; what has been seen of devices that stay is kept. */
  replace(devices: readonly Device[]): void {
    const kept = new Map(this.#rows);
    const members = devices.length !== kept.size || devices.some((device) => !isSamePlace(device, kept.get(device.id)?.device));
    this.#rows.clear();
    this.#unwell.clear();
    for (const device of devices) {
      const old = kept.get(device.id);
      let row: Row = { device: withNewerStatus(device, old?.device), rtt: old?.rtt ?? [], inBps: old?.inBps ?? [], outBps: old?.outBps ?? [] };
      if (device.latency !== null) row = withLatency(row, device.latency);
      if (device.bandwidth !== null) row = withBandwidth(row, device.bandwidth);
      this.#rows.set(device.id, row);
      this.#judge(row.device);
    }
    this.#rescale();
    this.#counts = countByStatus(this.#rows.values());
    this.#revision = { members: this.#revision.members + (members ? 1 : 0), statuses: this.#revision.statuses + 1 };
    for (const id of kept.keys()) this.#changed.add(id);
    for (const id of this.#rows.keys()) this.#changed.add(id);
    this.#tell();
  }

  /** Returns false when the device is not known here. */
  takeStatus(event: DeviceStatusEvent): boolean {
    if (event.late === true || event.test === true) return true;
    const row = this.#rows.get(event.deviceId);
    if (row === undefined) return false;
    const device: Device = {
      ...row.device,
      status: event.status,
      underlying: event.underlying ?? null,
      statusReason: event.reason ?? "",
      // For another reason, or under maintenance in another true state: it has been so as long as before.
      statusSince: event.previous === event.status ? row.device.statusSince : event.timestamp,
    };
    this.#recount(row.device.status, event.status);
    this.#put(row, { ...row, device });
    this.#judge(device);
    this.#tell();
    return true;
  }

  /** Returns false when one of the devices is not known here. */
  takeLatency(items: readonly LatencyItem[]): boolean {
    let known = true;
    for (const item of items) {
      const row = this.#rows.get(item.deviceId);
      if (row === undefined) known = false;
      else this.#put(row, withLatency(row, item));
    }
    this.#tell();
    return known;
  }

  takeBandwidth(items: readonly BandwidthItem[]): boolean {
    let known = true;
    let busiest = 0;
    for (const item of items) {
      if (item.interfaceId !== null) continue;
      const row = this.#rows.get(item.deviceId);
      if (row === undefined) known = false;
      else this.#put(row, withBandwidth(row, item));
      busiest = Math.max(busiest, item.inBps ?? 0, item.outBps ?? 0);
    }
    this.#unscaled += items.length;
    if (busiest > this.fullBps.get() || this.#unscaled > RESCALE_AFTER) this.#rescale();
    this.#tell();
    return known;
  }

  #put(before: Row, row: Row): void {
    if (row === before) return;
    const { id } = row.device;
    this.#rows.set(id, row);
    if (this.#watchers.has(id)) this.#changed.add(id);
  }

  #judge({ id, status }: Device): void {
    if (status === "online") this.#unwell.delete(id);
    else this.#unwell.add(id);
  }

  #tell(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#soon(() => {
      this.#planned = false;
      const changed = [...this.#changed];
      this.#changed.clear();
      this.counts.set(this.#counts);
      this.revision.set(this.#revision);
      for (const id of changed) for (const watcher of this.#watchers.get(id) ?? []) watcher();
    });
  }

  /** One device of thousands has another state: all are not counted again for it. */
  #recount(before: DeviceStatus, after: DeviceStatus): void {
    const counts = this.#counts;
    if (before !== after) this.#counts = { ...counts, [before]: counts[before] - 1, [after]: counts[after] + 1 };
    this.#revision = { ...this.#revision, statuses: this.#revision.statuses + 1 };
  }

  /** The scale grows at once and shrinks only when the bars have become short, so that they seldom jump together. */
  #rescale(): void {
    this.#unscaled = 0;
    let busiest = 0;
    for (const { device } of this.#rows.values()) {
      busiest = Math.max(busiest, device.bandwidth?.inBps ?? 0, device.bandwidth?.outBps ?? 0);
    }
    const full = this.fullBps.get();
    if (busiest > full || busiest < full / 5) this.fullBps.set(Math.max(1000, roundUp(busiest)));
  }
}

/** Whether a device stands where it stood, under the name it had. */
function isSamePlace(device: Device, old: Device | undefined): boolean {
  return old !== undefined && old.name === device.name && old.siteName === device.siteName;
}

/** Keeps a state that came live while the list was on its way. */
function withNewerStatus(device: Device, old: Device | undefined): Device {
  if (old?.statusSince == null || device.statusSince === null) return device;
  if (Date.parse(old.statusSince) <= Date.parse(device.statusSince)) return device;
  const { status, underlying, statusReason, statusSince } = old;
  return { ...device, status, underlying, statusReason, statusSince };
}

function withLatency(row: Row, item: LatencyItem): Row {
  const ms = Date.parse(item.timestamp);
  const rtt = extend(row.rtt, { ms, value: item.rttS });
  if (rtt === row.rtt && row.device.latency === item) return row;
  return { ...row, device: { ...row.device, latency: newer(row.device.latency, item, ms) }, rtt };
}

function withBandwidth(row: Row, item: BandwidthItem): Row {
  const ms = Date.parse(item.timestamp);
  return {
    ...row,
    device: { ...row.device, bandwidth: newer(row.device.bandwidth, item, ms) },
    inBps: extend(row.inBps, { ms, value: item.inBps }),
    outBps: extend(row.outBps, { ms, value: item.outBps }),
  };
}

/** `ms` is the item's own time. */
function newer<T extends { timestamp: string }>(old: T | null, item: T, ms: number): T {
  // Most often the text says it already; times of other zones are compared as times.
  return old !== null && old.timestamp > item.timestamp && Date.parse(old.timestamp) > ms ? old : item;
}
