// What came live of one device or interface since the page shows it, for charts that go on by themselves.

import { useBandwidth, useLatency } from "@noctule/client/hooks";
import type { BandwidthItem, LatencyItem } from "@noctule/client";
import { useEffect, useState } from "react";

/** Some minutes at one a second; older ones have been read from the hub by then. */
const MOST = 600;

function appended<T extends { timestamp: string }>(before: readonly T[], item: T): readonly T[] {
  const last = before.at(-1);
  if (last !== undefined && Date.parse(item.timestamp) <= Date.parse(last.timestamp)) return before;
  return [...before, item].slice(-MOST);
}

/** Returns a device's rounds, oldest first. Holding its room is left to who shows it. */
export function useFollowedRounds(deviceId: number): readonly LatencyItem[] {
  const [items, setItems] = useState<readonly LatencyItem[]>([]);
  useEffect(() => setItems([]), [deviceId]);
  useLatency((update) => {
    if (update.test === true) return;
    for (const item of update.items) if (item.deviceId === deviceId) setItems((before) => appended(before, item));
  });
  return items;
}

/** Returns an interface's polls, oldest first. */
export function useFollowedPolls(interfaceId: number): readonly BandwidthItem[] {
  const [items, setItems] = useState<readonly BandwidthItem[]>([]);
  useEffect(() => setItems([]), [interfaceId]);
  useBandwidth((update) => {
    if (update.test === true) return;
    for (const item of update.items) if (item.interfaceId === interfaceId) setItems((before) => appended(before, item));
  });
  return items;
}
