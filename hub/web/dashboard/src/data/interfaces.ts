// A device's interfaces: read once, then followed live. Holding the device's room is left to who shows them.

import { useBandwidth, useInterfaceStatus } from "@noctule/client/hooks";
import type { BandwidthItem } from "@noctule/client";
import { useEffect, useState } from "react";

import type { Interface } from "../model/device";
import { usePage } from "./context";
import { messageOf } from "./session";

/** null: still being read. */
export type Interfaces = { readonly rows: readonly Interface[] } | { readonly failed: string } | null;

const RETRY_MS = 5_000;

/** Returns a device's interfaces by ifIndex; asks again every few seconds while they cannot be read. */
export function useInterfaces(deviceId: number): Interfaces {
  const { live } = usePage();
  const [loaded, setLoaded] = useState<Interfaces>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      try {
        const { items } = await live.get<{ items: Interface[] }>(`/devices/${deviceId}/interfaces?limit=1000`);
        if (!over) setLoaded({ rows: [...items].sort((a, b) => a.ifIndex - b.ifIndex) });
      } catch (error) {
        if (over) return;
        setLoaded({ failed: messageOf(error) });
        timer = setTimeout(() => void read(), RETRY_MS);
      }
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [live, deviceId]);
  const edit = (change: (row: Interface) => Interface): void =>
    setLoaded((before) => (before !== null && "rows" in before ? { rows: before.rows.map(change) } : before));
  useBandwidth(({ items, test }) => {
    if (test === true) return;
    const mine = new Map<number, BandwidthItem>();
    for (const item of items) if (item.deviceId === deviceId && item.interfaceId !== null) mine.set(item.interfaceId, item);
    if (mine.size > 0) edit((row) => (mine.has(row.id) ? { ...row, bandwidth: mine.get(row.id) ?? null } : row));
  });
  useInterfaceStatus((event) => {
    if (event.deviceId !== deviceId || event.late === true || event.test === true) return;
    const { ifAdminStatus, ifOperStatus } = event;
    edit((row) => (row.id === event.interfaceId ? { ...row, ifAdminStatus, ifOperStatus } : row));
  });
  return loaded;
}
