// Who is connected to whom, and how far each stands from the core. Pure.

import type { LinkEnd, Topology } from "./answer";

/** Names a vertex: a device by its number, what is outside by `~` and its key. */
export type Key = string;

export interface Vertex {
  readonly key: Key;
  /** null: it is outside. */
  readonly deviceId: number | null;
  readonly name: string;
  /** Of what is outside: the site of the device that hears of it. */
  readonly siteId: number;
}

export interface Graph {
  /** Devices by id, then what is outside by key. */
  readonly vertices: readonly Vertex[];
  /** The vertices through which one is reached, as people have set them. */
  readonly parents: ReadonlyMap<Key, readonly Key[]>;
  readonly neighbours: ReadonlyMap<Key, readonly Key[]>;
  /** Steps from the core, 0 for the core itself. */
  readonly rank: ReadonlyMap<Key, number>;
  /** The one vertex below which another is drawn; none for the core and for what stands alone. */
  readonly above: ReadonlyMap<Key, Key>;
}

export const keyOfDevice = (id: number): Key => String(id);
export const keyOfOutside = (key: string): Key => `~${key}`;

export function keyOfEnd(end: LinkEnd): Key {
  return end.deviceId === null ? keyOfOutside(end.outside ?? "") : keyOfDevice(end.deviceId);
}

/** Returns the graph; `outside` says whether what is no device here belongs to it. */
export function graphOf(topology: Topology, outside: boolean): Graph {
  const devices = [...topology.devices].sort((a, b) => a.id - b.id);
  const vertices: Vertex[] = devices.map(({ id, name, siteId }) => ({ key: keyOfDevice(id), deviceId: id, name, siteId }));
  const sites = new Map(vertices.map(({ key, siteId }) => [key, siteId]));
  const near = new Map<Key, Set<Key>>(vertices.map(({ key }) => [key, new Set<Key>()]));
  for (const { a, b } of topology.links) {
    if (a.deviceId !== null && b.deviceId !== null) join(near, keyOfEnd(a), keyOfEnd(b));
  }
  const parents = new Map<Key, Key[]>();
  for (const { deviceId, parentId } of topology.parents) {
    const [key, parent] = [keyOfDevice(deviceId), keyOfDevice(parentId)];
    if (!near.has(key) || !near.has(parent)) continue;
    join(near, key, parent);
    parents.set(key, [...(parents.get(key) ?? []), parent]);
  }
  const { rank, above } = ranked(vertices, parents, near);
  if (outside) addOutside(topology, { vertices, sites, near, rank, above });
  const neighbours = new Map([...near].map(([key, keys]) => [key, [...keys]]));
  return { vertices, parents, neighbours, rank, above };
}

function join(near: Map<Key, Set<Key>>, a: Key, b: Key): void {
  if (a === b) return;
  near.get(a)?.add(b);
  near.get(b)?.add(a);
}

interface Parts {
  readonly vertices: Vertex[];
  readonly sites: Map<Key, number>;
  readonly near: Map<Key, Set<Key>>;
  readonly rank: Map<Key, number>;
  readonly above: Map<Key, Key>;
}

/** What is outside hangs below the first device that hears of it, and never leads from one device to another. */
function addOutside(topology: Topology, { vertices, sites, near, rank, above }: Parts): void {
  const hearers = new Map<Key, Key[]>();
  for (const { a, b } of topology.links) {
    for (const [end, other] of [[a, b], [b, a]] as const) {
      if (end.deviceId !== null || other.deviceId === null) continue;
      const key = keyOfEnd(end);
      hearers.set(key, [...(hearers.get(key) ?? []), keyOfEnd(other)]);
    }
  }
  for (const { key: text, sysName, chassisId } of [...topology.outside].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const key = keyOfOutside(text);
    const heard = (hearers.get(key) ?? []).filter((one) => sites.has(one));
    const first = heard.toSorted((a, b) => Number(a) - Number(b))[0];
    const siteId = first === undefined ? undefined : sites.get(first);
    if (first === undefined || siteId === undefined) continue;
    vertices.push({ key, deviceId: null, name: sysName === "" ? chassisId : sysName, siteId });
    near.set(key, new Set());
    for (const hearer of heard) join(near, key, hearer);
    above.set(key, first);
    rank.set(key, (rank.get(first) ?? 0) + 1);
  }
}

/** Ranks by breadth, from those that others stand behind and that stand behind nothing; of the rest, from the middle. */
function ranked(vertices: readonly Vertex[], parents: ReadonlyMap<Key, readonly Key[]>, near: ReadonlyMap<Key, ReadonlySet<Key>>): Pick<Parts, "rank" | "above"> {
  const rank = new Map<Key, number>();
  const above = new Map<Key, Key>();
  const isParent = new Set([...parents.values()].flat());
  const roots = vertices.filter(({ key }) => isParent.has(key) && !parents.has(key)).map(({ key }) => key);
  const spread = (from: readonly Key[]): void => {
    for (const key of from) rank.set(key, 0);
    const queue = [...from];
    for (let next = 0; next < queue.length; next += 1) {
      const key = queue[next] as Key;
      for (const other of near.get(key) ?? []) {
        if (rank.has(other)) continue;
        rank.set(other, (rank.get(key) ?? 0) + 1);
        above.set(other, key);
        queue.push(other);
      }
    }
  };
  spread(roots);
  const degree = (key: Key): number => near.get(key)?.size ?? 0;
  // The sort keeps those with equally many neighbours by id.
  const rest = vertices.map(({ key }) => key).toSorted((a, b) => degree(b) - degree(a));
  for (const key of rest) if (!rank.has(key)) spread([middleOf(key, rest, near)]);
  // Whatever the cables say: one is drawn below the parent that people have set.
  for (const [key, set] of parents) {
    const nearest = set.toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0) || Number(a) - Number(b))[0];
    if (nearest !== undefined && !leadsTo(above, nearest, key)) above.set(key, nearest);
  }
  return { rank, above };
}

/** How many are tried as the middle, the best connected first: enough for a network, and bounded. */
const MOST_TRIED = 32;

/** Returns which of the best connected around `start` is nearest to all others. */
function middleOf(start: Key, byDegree: readonly Key[], near: ReadonlyMap<Key, ReadonlySet<Key>>): Key {
  const component = distances(start, near);
  let best = start;
  let least = Infinity;
  for (const key of byDegree.filter((one) => component.has(one)).slice(0, MOST_TRIED)) {
    let sum = 0;
    for (const distance of distances(key, near).values()) sum += distance;
    if (sum < least) [best, least] = [key, sum];
  }
  return best;
}

function distances(start: Key, near: ReadonlyMap<Key, ReadonlySet<Key>>): Map<Key, number> {
  const found = new Map([[start, 0]]);
  // A map yields what is added while it is gone through.
  for (const [key, distance] of found) for (const other of near.get(key) ?? []) if (!found.has(other)) found.set(other, distance + 1);
  return found;
}

function leadsTo(above: ReadonlyMap<Key, Key>, from: Key, to: Key): boolean {
  const seen = new Set<Key>();
  for (let key: Key | undefined = from; key !== undefined && !seen.has(key); key = above.get(key)) {
    if (key === to) return true;
    seen.add(key);
  }
  return false;
}
