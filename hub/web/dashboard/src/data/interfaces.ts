// A device's interfaces: read once, then followed live. Holding the device's room is left to who shows them.

import { useBandwidth, useInterfaceStatus } from "@noctule/client/hooks";
import type { BandwidthItem } from "@noctule/client";
import { useEffect, useState } from "react";

import type { Interface } from "../model/device";
import { extend, type Trail } from "../model/trail";
import { usePage } from "./context";
import { messageOf } from "./session";

/** An interface with what has been seen of it since the page shows it. */
export interface PortRow {
  readonly port: Interface;
  readonly inBps: Trail;
  readonly outBps: Trail;
}

/** null: still being read. */
export type Interfaces = { readonly rows: readonly PortRow[] } | { readonly failed: string } | null;

const RETRY_MS = 5_000;

/** Returns a device's interfaces by ifIndex; asks again every few seconds while they cannot be read. */
export function useInterfaces(deviceId: number): Interfaces {
  const { live } = usePage();
  const [loaded, setLoaded] = useState<Interfaces>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      clearTimeout(timer);
      try {
        const { items } = await live.get<{ items: Interface[] }>(`/devices/${deviceId}/interfaces?limit=1000`);
        if (!over) setLoaded((before) => ({ rows: withTrails(items, before) }));
      } catch (error) {
        if (over) return;
        setLoaded((before) => (before !== null && "rows" in before ? before : { failed: messageOf(error) }));
        timer = setTimeout(() => void read(), RETRY_MS);
      }
    };
    void read();
    let wasLive = live.client.state.phase === "live";
    const forget = live.client.onStateChange(({ phase }) => {
      if (phase === "live" && !wasLive) void read();
      wasLive = phase === "live";
    });
    return () => {
      over = true;
      clearTimeout(timer);
      forget();
    };
  }, [live, deviceId]);
  const edit = (change: (row: PortRow) => PortRow): void =>
    setLoaded((before) => (before !== null && "rows" in before ? { rows: before.rows.map(change) } : before));
  useBandwidth(({ items, test }) => {
    if (test === true) return;
    const mine = new Map<number, BandwidthItem>();
    for (const item of items) if (item.deviceId === deviceId && item.interfaceId !== null) mine.set(item.interfaceId, item);
    if (mine.size > 0) edit((row) => withItem(row, mine.get(row.port.id)));
  });
  useInterfaceStatus((event) => {
    if (event.deviceId !== deviceId || event.late === true || event.test === true) return;
    const { ifAdminStatus, ifOperStatus } = event;
    edit((row) => (row.port.id === event.interfaceId ? { ...row, port: { ...row.port, ifAdminStatus, ifOperStatus } } : row));
  });
  return loaded;
}

function withItem(row: PortRow, item: BandwidthItem | undefined): PortRow {
  if (item === undefined) return row;
  const ms = Date.parse(item.timestamp);
  return {
    port: { ...row.port, bandwidth: item },
    inBps: extend(row.inBps, { ms, value: item.inBps }),
    outBps: extend(row.outBps, { ms, value: item.outBps }),
  };
}

function withTrails(items: readonly Interface[], before: Interfaces): PortRow[] {
  const known = new Map(before !== null && "rows" in before ? before.rows.map((row) => [row.port.id, row]) : []);
  return [...items]
    .sort((a, b) => a.ifIndex - b.ifIndex)
    .map((port) => {
      const had = known.get(port.id);
      const row: PortRow = { port, inBps: had?.inBps ?? [], outBps: had?.outBps ?? [] };
      return withItem(row, port.bandwidth ?? undefined);
    });
}
