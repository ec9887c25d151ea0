// What a link is at the moment, and how full. Pure.

import type { DeviceStatus } from "@noctule/client";

import type { LinkEnd, Topology, TopologyLink } from "./answer";
import { keyOfDevice, keyOfEnd, type Graph, type Key } from "./graph";

/** `cut`: a device at an end is offline; `beyond`: an end is unreachable behind a fault; `disabled`: by somebody. */
export type LinkState = "up" | "down" | "cut" | "beyond" | "disabled" | "unknown";

/** The shape and colour in which a link's state is shown. */
export const LINK_GLYPHS: Readonly<Record<LinkState, DeviceStatus>> = {
  up: "online",
  down: "offline",
  cut: "offline",
  beyond: "unreachable",
  disabled: "unknown",
  unknown: "unknown",
};

export const LINK_ORDER: readonly LinkState[] = ["down", "cut", "beyond", "unknown", "disabled", "up"];

/** A link from the end nearer to the core to the other: what goes down is the lower end's in, what goes up its out. */
export interface Flow {
  readonly key: string;
  readonly upper: Key;
  readonly lower: Key;
  readonly upperPort: string;
  readonly lowerPort: string;
  readonly state: LinkState;
  /** How it is known: by LLDP at both ends or at one, or because people have set a parent. */
  readonly told: "both" | "one" | "parent";
  readonly downBps: number | null;
  readonly upBps: number | null;
  readonly downUtilRatio: number | null;
  readonly upUtilRatio: number | null;
}

/** Returns all links; parents that no cable accounts for are links too, without ports and rates. */
export function flowsOf(topology: Topology, graph: Graph, statusOf: (deviceId: number) => DeviceStatus): Flow[] {
  const known = new Set(graph.vertices.map(({ key }) => key));
  const cabled = new Set<string>();
  const flows: Flow[] = [];
  for (const link of topology.links) {
    const flow = cable(link, graph, statusOf);
    cabled.add(`${flow.upper} ${flow.lower}`);
    if (known.has(flow.upper) && known.has(flow.lower)) flows.push(flow);
  }
  for (const { deviceId, parentId } of topology.parents) {
    const [lower, upper] = [keyOfDevice(deviceId), keyOfDevice(parentId)];
    if (!known.has(lower) || !known.has(upper) || cabled.has(`${upper} ${lower}`) || cabled.has(`${lower} ${upper}`)) continue;
    flows.push({
      key: `${upper} ${lower} parent`,
      upper,
      lower,
      upperPort: "",
      lowerPort: "",
      state: byDevices([statusOf(parentId), statusOf(deviceId)]) ?? "up",
      told: "parent",
      downBps: null,
      upBps: null,
      downUtilRatio: null,
      upUtilRatio: null,
    });
  }
  return flows;
}

function cable(link: TopologyLink, graph: Graph, statusOf: (deviceId: number) => DeviceStatus): Flow {
  const { a, b } = link;
  const [keyA, keyB] = [keyOfEnd(a), keyOfEnd(b)];
  const aIsUpper = isAbove(graph, keyA, keyB);
  const [upper, lower] = aIsUpper ? [a, b] : [b, a];
  const toB = { bps: link.aToBBps, util: link.aToBUtilRatio };
  const toA = { bps: link.bToABps, util: link.bToAUtilRatio };
  const [down, up] = aIsUpper ? [toB, toA] : [toA, toB];
  const state = stateOf(link, statusOf);
  // What does not answer, or has no carrier, carries nothing that is known.
  const silent = state === "down" || state === "cut" || state === "beyond";
  return {
    key: `${keyA} ${a.interfaceId ?? a.port} ${keyB} ${b.interfaceId ?? b.port}`,
    upper: keyOfEnd(upper),
    lower: keyOfEnd(lower),
    upperPort: portOf(upper),
    lowerPort: portOf(lower),
    state,
    told: link.confirmed ? "both" : "one",
    downBps: silent ? null : down.bps,
    upBps: silent ? null : up.bps,
    downUtilRatio: silent ? null : down.util,
    upUtilRatio: silent ? null : up.util,
  };
}

const portOf = (end: LinkEnd): string => end.interfaceName ?? end.port;

function isAbove(graph: Graph, a: Key, b: Key): boolean {
  if (graph.above.get(b) === a) return true;
  if (graph.above.get(a) === b) return false;
  return (graph.rank.get(a) ?? Infinity) <= (graph.rank.get(b) ?? Infinity);
}

/** Returns a link's state: by the devices at its ends first, since the ports of one that is silent are of the past. */
export function stateOf({ a, b }: TopologyLink, statusOf: (deviceId: number) => DeviceStatus): LinkState {
  const ends = [a, b].filter((end) => end.deviceId !== null);
  const statuses = ends.map((end) => statusOf(end.deviceId ?? 0));
  const ports = ends.filter((_end, at) => statuses[at] !== "offline" && statuses[at] !== "unreachable" && statuses[at] !== "unknown");
  if (ports.some((end) => end.ifAdminStatus === "down")) return "disabled";
  if (ports.some((end) => DOWN.has(end.ifOperStatus ?? ""))) return statuses.includes("unreachable") ? "beyond" : statuses.includes("offline") ? "cut" : "down";
  return byDevices(statuses) ?? (ports.some((end) => end.ifOperStatus === "up") ? "up" : "unknown");
}

const DOWN: ReadonlySet<string> = new Set(["down", "lowerLayerDown", "notPresent"]);

function byDevices(statuses: readonly DeviceStatus[]): LinkState | null {
  if (statuses.includes("unreachable")) return "beyond";
  if (statuses.includes("offline")) return "cut";
  if (statuses.includes("unknown")) return "unknown";
  return null;
}

/** Returns how many of the links are in each state. */
export function countLinks(flows: readonly Flow[]): Readonly<Record<LinkState, number>> {
  const counts = { up: 0, down: 0, cut: 0, beyond: 0, disabled: 0, unknown: 0 };
  for (const { state } of flows) counts[state] += 1;
  return counts;
}

/** Returns how strong traffic is drawn, from 0 to 1: by its share of the speed, else by its rate, a full 10 Gb/s being 1. */
export function strength(bps: number | null, utilRatio: number | null): number | null {
  if (utilRatio !== null) return Math.min(1, Math.max(0, utilRatio));
  if (bps === null) return null;
  return Math.min(1, Math.max(0, (Math.log10(Math.max(bps, 1)) - 5) / 5));
}
