import { describe, expect, it } from "vitest";

import type { LinkEnd, Point, Topology } from "../src/model/topology/answer";
import { arrange, CELL_HEIGHT, CELL_WIDTH } from "../src/model/topology/arrange";
import { graphOf, type Key } from "../src/model/topology/graph";
import { placed } from "../src/model/topology/keep";
import { distanceTo } from "../src/model/topology/view";

export function end(deviceId: number | null, outside: string | null = null): LinkEnd {
  return { deviceId, outside, interfaceId: null, port: "1", interfaceName: null, ifAdminStatus: null, ifOperStatus: null };
}

const link = (a: LinkEnd, b: LinkEnd): Topology["links"][number] => ({ a, b, confirmed: true, aToBBps: null, bToABps: null, aToBUtilRatio: null, bToAUtilRatio: null });

/** A network drawn from a seed: each device is linked with an earlier one, or stands alone. */
function network(seed: number, count: number, sites: number): Topology {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const devices = Array.from({ length: count }, (_, at) => ({ id: at + 1, name: `d${at + 1}`, siteId: 1 + draw(sites), status: "online" as const }));
  const links: Topology["links"][number][] = [];
  const parents: Topology["parents"][number][] = [];
  for (const { id } of devices.slice(1)) {
    const other = 1 + draw(draw(3) === 0 ? id - 1 : Math.min(id - 1, 20));
    const kind = draw(10);
    if (kind > 0) links.push(link(end(id), end(other)));
    if (kind > 5) parents.push({ deviceId: id, parentId: other });
  }
  const outside = Array.from({ length: Math.min(5, count) }, (_, at) => ({ key: `4:${at}`, sysName: "", chassisId: `c${at}` }));
  for (const { key } of outside) links.push(link(end(1 + draw(count)), end(null, key)));
  return { devices, links, outside, parents };
}

function overlaps(places: ReadonlyMap<Key, Point>): string[] {
  const all = [...places].sort(([, a], [, b]) => a.x - b.x);
  return all.flatMap(([key, a], at) => {
    const found: string[] = [];
    for (let next = at + 1; next < all.length; next += 1) {
      const [other, b] = all[next] as [Key, Point];
      if (b.x - a.x >= CELL_WIDTH - 1) break;
      if (Math.abs(a.y - b.y) < CELL_HEIGHT - 1) found.push(`${key} ${other}`);
    }
    return found;
  });
}

const networks = [[1, 1, 1], [2, 12, 2], [3, 40, 5], [4, 150, 3], [5, 300, 40], [6, 2000, 60], [7, 2000, 1]] as const;

describe("the first layout", () => {
  it.each(networks)("of network %i with %i devices at %i sites has a place for each, and none overlap", (...given) => {
    const graph = graphOf(network(...given), true);
    const places = arrange(graph);
    expect(places.size).toBe(graph.vertices.length);
    expect(overlaps(places)).toEqual([]);
  });

  it.each(networks)("of network %i does not depend on the order in which it is told", (...given) => {
    const told = network(...given);
    const turned = { ...told, devices: told.devices.toReversed(), outside: told.outside.toReversed() };
    expect([...arrange(graphOf(turned, true))]).toEqual([...arrange(graphOf(told, true))]);
  });

  it("puts a parent above those behind it", () => {
    const devices = [3, 1, 2].map((id) => ({ id, name: `d${id}`, siteId: 1, status: "online" as const }));
    const parents = [{ deviceId: 1, parentId: 3 }, { deviceId: 2, parentId: 1 }];
    const places = arrange(graphOf({ devices, links: [], outside: [], parents }, true));
    const [core, middle, leaf] = ["3", "1", "2"].map((key) => places.get(key)?.y ?? Number.NaN);
    expect(core).toBeLessThan(middle ?? Number.NaN);
    expect(middle).toBeLessThan(leaf ?? Number.NaN);
  });

  it("puts those side by side in the order of their names", () => {
    const named = [[1, "core"], [2, "sw10"], [3, "sw9"], [4, "sw1"]] as const;
    const devices = named.map(([id, name]) => ({ id, name, siteId: 1, status: "online" as const }));
    const places = arrange(graphOf({ devices, links: [], outside: [], parents: [2, 3, 4].map((deviceId) => ({ deviceId, parentId: 1 })) }, true));
    expect(["2", "3", "4"].toSorted((a, b) => (places.get(a)?.x ?? 0) - (places.get(b)?.x ?? 0))).toEqual(["4", "3", "2"]);
  });

  it("is about as wide as screens are", () => {
    const points = [...arrange(graphOf(network(6, 2000, 60), false)).values()];
    const size = (of: (point: Point) => number): number => Math.max(...points.map(of)) - Math.min(...points.map(of));
    const aspect = size(({ x }) => x) / size(({ y }) => y);
    expect(aspect).toBeGreaterThan(0.8);
    expect(aspect).toBeLessThan(3.5);
  });

  it("of 2,000 devices is made at once", () => {
    const graph = graphOf(network(6, 2000, 60), true);
    const startedMs = performance.now();
    arrange(graph);
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});

describe("a device that comes later", () => {
  it.each(networks)("to network %i moves nobody else and overlaps nobody", (seed, count, sites) => {
    const before = network(seed, count, sites);
    const kept = placed(graphOf(before, true), new Map());
    const newcomers = [
      { id: count + 1, name: "new", siteId: 1, status: "online" as const },
      { id: count + 2, name: "of a new site", siteId: 999, status: "online" as const },
    ];
    const after = { ...before, devices: [...before.devices, ...newcomers], links: [...before.links, link(end(count + 1), end(1))] };
    const places = placed(graphOf(after, true), kept);
    for (const [key, point] of kept) expect(places.get(key)).toEqual(point);
    expect(places.size).toBe(kept.size + 2);
    expect(overlaps(places)).toEqual([]);
  });

  it("stands on no line of whom it hangs on", () => {
    const devices = [1, 2, 3, 4].map((id) => ({ id, name: `d${id}`, siteId: 1, status: "online" as const }));
    const parents = [2, 3, 4].map((deviceId) => ({ deviceId, parentId: 1 }));
    // Below is full, and the nearest free place lies between the core and one of those that it leads to.
    const kept = new Map([["1", { x: 0, y: 0 }], ["2", { x: -66, y: 84 }], ["3", { x: 66, y: 84 }], ["4", { x: 600, y: 0 }]]);
    const newcomer = { id: 5, name: "new", siteId: 1, status: "online" as const };
    const after = graphOf({ devices: [...devices, newcomer], links: [], outside: [], parents: [...parents, { deviceId: 5, parentId: 1 }] }, false);
    const place = placed(after, kept).get("5") ?? { x: 0, y: 0 };
    for (const key of ["2", "3", "4"]) expect(distanceTo(place, { x: 0, y: 0 }, kept.get(key) ?? place)).toBeGreaterThan(20);
  });

  it("stands near whom it hangs on", () => {
    const before = network(3, 40, 5);
    const kept = placed(graphOf(before, false), new Map());
    const after = { ...before, devices: [...before.devices, { id: 41, name: "new", siteId: 1, status: "online" as const }], parents: [...before.parents, { deviceId: 41, parentId: 7 }] };
    const places = placed(graphOf(after, false), kept);
    const [a, b] = [places.get("41"), places.get("7")];
    expect(Math.abs((a?.x ?? 0) - (b?.x ?? 0)) / CELL_WIDTH).toBeLessThanOrEqual(8);
    expect(Math.abs((a?.y ?? 0) - (b?.y ?? 0)) / CELL_HEIGHT).toBeLessThanOrEqual(8);
  });
});
