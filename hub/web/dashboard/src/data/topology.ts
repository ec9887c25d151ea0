// The topology as it is: read every few seconds, with the states of devices as they come live.

import type { DeviceStatus } from "@noctule/client";
import { useMemo } from "react";

import { matches, parseFilter } from "../model/filter";
import type { Layout, Suggestions, Topology } from "../model/topology/answer";
import { graphOf, type Graph, type Key } from "../model/topology/graph";
import { flowsOf, type Flow } from "../model/topology/links";
import { useObservable, usePage } from "./context";
import { useQuery, type Answer } from "./useQuery";

const EVERY_MS = 10_000;
const LAYOUT_EVERY_MS = 60_000;

export const useTopology = (): Answer<Topology> => useQuery<Topology>("/topology", { everyMs: EVERY_MS, on: ["interface:status"] });
export const useLayout = (): Answer<Layout> => useQuery<Layout>("/topology/layout", { everyMs: LAYOUT_EVERY_MS });

/** `rootId` null: ways are counted from those that stand behind nothing. */
export function useSuggestions(asked: boolean, rootId: number | null): Answer<Suggestions> {
  return useQuery<Suggestions>(asked ? `/parents/suggestions${rootId === null ? "" : `?root=${rootId}`}` : null);
}

/** Returns who is connected to whom, by an answer. */
export function useGraph(topology: Topology, outside: boolean): Graph {
  // Every answer is another object; only another structure is another graph.
  const structure = useMemo(() => structureOf(topology), [topology]);
  return useMemo(() => graphOf(topology, outside), [structure, outside]);
}

export interface Network {
  readonly flows: readonly Flow[];
  readonly statusOf: (deviceId: number) => DeviceStatus;
  readonly siteNames: ReadonlyMap<number, string>;
}

/** Returns the network that an answer tells of, with states newer than the answer where there are any. */
export function useNetwork(topology: Topology, graph: Graph): Network {
  const { fleet } = usePage().live;
  const { members, statuses } = useObservable(fleet.revision);
  const statusOf = useMemo(() => {
    const told = new Map(topology.devices.map(({ id, status }) => [id, status]));
    return (deviceId: number): DeviceStatus => fleet.get(deviceId)?.device.status ?? told.get(deviceId) ?? "unknown";
    // `statuses` stands for what the fleet says now.
  }, [topology, fleet, statuses]);
  const flows = useMemo(() => flowsOf(topology, graph, statusOf), [topology, graph, statusOf]);
  const siteNames = useMemo(() => new Map(fleet.all().map(({ device }) => [device.siteId, device.siteName])), [fleet, members]);
  return { flows, statusOf, siteNames };
}

function structureOf({ devices, links, outside, parents }: Topology): string {
  return JSON.stringify([
    devices.map(({ id, name, siteId }) => [id, name, siteId]),
    links.map(({ a, b }) => [a.deviceId ?? a.outside, b.deviceId ?? b.outside]),
    outside.map(({ key, sysName }) => [key, sysName]),
    parents.map(({ deviceId, parentId }) => [deviceId, parentId]),
  ]);
}

/** Returns what a filter finds, null when nothing is looked for. */
export function useFound(graph: Graph, text: string): ReadonlySet<Key> | null {
  const { fleet } = usePage().live;
  const { statuses } = useObservable(fleet.revision);
  return useMemo(() => {
    if (text.trim() === "") return null;
    const filter = parseFilter(text);
    const found = new Set<Key>();
    for (const { key, deviceId, name } of graph.vertices) {
      const device = deviceId === null ? undefined : fleet.get(deviceId)?.device;
      const isFound = device === undefined ? filter.tokens.length === 0 && filter.words.every((word) => name.toLowerCase().includes(word)) : matches(filter, device);
      if (isFound) found.add(key);
    }
    return found;
    // `statuses` stands for what the fleet says now.
  }, [graph, text, fleet, statuses]);
}
