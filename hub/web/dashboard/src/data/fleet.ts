// All devices as they are now, fed by the list and by live events. A change of one tells only who shows that one.

import type { BandwidthItem, DeviceStatusEvent, LatencyItem } from "@noctule/client";

import { countByStatus, type Counts, type Device, type Row } from "../model/device";
import { extend, roundUp, type Trail } from "../model/trail";
import { Observable } from "./observable";

export type Load =
  | { readonly phase: "loading" }
  | { readonly phase: "ready" }
  | { readonly phase: "failed"; readonly message: string };

/** `members` counts up when devices come or go, `statuses` also when one changes its state. */
export interface Revision {
  readonly members: number;
  readonly statuses: number;
}

export class Fleet {
  readonly load = new Observable<Load>({ phase: "loading" });
  readonly revision = new Observable<Revision>({ members: 0, statuses: 0 });
  readonly counts = new Observable<Counts>(countByStatus([]));
  /** The round number of bits per second at which a row's traffic bar is full. */
  readonly fullBps = new Observable<number>(1e6);
  /** When the page began to collect, in epoch milliseconds. */
  readonly startedMs = Date.now();
  readonly #rows = new Map<number, Row>();
  readonly #watchers = new Map<number, Set<() => void>>();

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  all(): Row[] {
    return [...this.#rows.values()];
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
    const members = devices.length !== kept.size || devices.some((device) => !kept.has(device.id));
    this.#rows.clear();
    for (const device of devices) {
      const old = kept.get(device.id);
      let row: Row = { device: withNewerStatus(device, old?.device), rtt: old?.rtt ?? [], inBps: old?.inBps ?? [], outBps: old?.outBps ?? [] };
      if (device.latency !== null) row = withLatency(row, device.latency);
      if (device.bandwidth !== null) row = withBandwidth(row, device.bandwidth);
      this.#rows.set(device.id, row);
    }
    this.#rescale();
    this.#announce(members);
    for (const id of new Set([...kept.keys(), ...this.#rows.keys()])) this.#tell(id);
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
      statusSince: event.timestamp,
    };
    this.#rows.set(event.deviceId, { ...row, device });
    this.#announce(false);
    this.#tell(event.deviceId);
    return true;
  }

  /** Returns false when one of the devices is not known here. */
  takeLatency(items: readonly LatencyItem[]): boolean {
    let known = true;
    for (const item of items) {
      const row = this.#rows.get(item.deviceId);
      if (row === undefined) known = false;
      else this.#put(withLatency(row, item));
    }
    return known;
  }

  takeBandwidth(items: readonly BandwidthItem[]): boolean {
    let known = true;
    for (const item of items) {
      if (item.interfaceId !== null) continue;
      const row = this.#rows.get(item.deviceId);
      if (row === undefined) known = false;
      else this.#put(withBandwidth(row, item));
    }
    this.#rescale();
    return known;
  }

  #put(row: Row): void {
    if (this.#rows.get(row.device.id) === row) return;
    this.#rows.set(row.device.id, row);
    this.#tell(row.device.id);
  }

  #tell(id: number): void {
    for (const watcher of this.#watchers.get(id) ?? []) watcher();
  }

  #announce(members: boolean): void {
    const { members: before, statuses } = this.revision.get();
    this.counts.set(countByStatus(this.#rows.values()));
    this.revision.set({ members: before + (members ? 1 : 0), statuses: statuses + 1 });
  }

  /** The scale grows at once and shrinks only when the bars have become short, so that they seldom jump together. */
  #rescale(): void {
    let busiest = 0;
    for (const { device } of this.#rows.values()) {
      busiest = Math.max(busiest, device.bandwidth?.inBps ?? 0, device.bandwidth?.outBps ?? 0);
    }
    const full = this.fullBps.get();
    if (busiest > full || busiest < full / 5) this.fullBps.set(Math.max(1000, roundUp(busiest)));
  }
}

/** Keeps a state that came live while the list was on its way. */
function withNewerStatus(device: Device, old: Device | undefined): Device {
  if (old?.statusSince == null || device.statusSince === null) return device;
  if (Date.parse(old.statusSince) <= Date.parse(device.statusSince)) return device;
  const { status, underlying, statusReason, statusSince } = old;
  return { ...device, status, underlying, statusReason, statusSince };
}

function withLatency(row: Row, item: LatencyItem): Row {
  const rtt = extend(row.rtt, { ms: Date.parse(item.timestamp), value: item.rttS });
  if (rtt === row.rtt && row.device.latency === item) return row;
  return { ...row, device: { ...row.device, latency: newer(row.device.latency, item) }, rtt };
}

function withBandwidth(row: Row, item: BandwidthItem): Row {
  const ms = Date.parse(item.timestamp);
  const grow = (trail: Trail, value: number | null): Trail => extend(trail, { ms, value });
  return {
    ...row,
    device: { ...row.device, bandwidth: newer(row.device.bandwidth, item) },
    inBps: grow(row.inBps, item.inBps),
    outBps: grow(row.outBps, item.outBps),
  };
}

function newer<T extends { timestamp: string }>(old: T | null, item: T): T {
  return old !== null && Date.parse(old.timestamp) > Date.parse(item.timestamp) ? old : item;
}
