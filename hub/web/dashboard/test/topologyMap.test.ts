import type { DeviceStatus, IfStatus } from "@noctule/client";
import { describe, expect, it } from "vitest";

import type { LinkEnd, Point, Topology, TopologyLink } from "../src/model/topology/answer";
import { graphOf } from "../src/model/topology/graph";
import { leastCrossed, withRoom, type Wanted } from "../src/model/topology/labels";
import { flowsOf, stateOf, strength } from "../src/model/topology/links";
import { changes, sceneOf, type Scene } from "../src/model/topology/scene";
import { crosses, distanceTo, fit, hull, moved, nextTowards, toMap, toScreen, zoomed, type Area } from "../src/model/topology/view";

const SIZE = { width: 800, height: 600 };

function end(deviceId: number | null, ifOperStatus: IfStatus | null = "up", ifAdminStatus: IfStatus | null = ifOperStatus === null ? null : "up"): LinkEnd {
  return { deviceId, outside: deviceId === null ? "x" : null, interfaceId: deviceId, port: "p", interfaceName: deviceId === null ? null : `port${deviceId}`, ifAdminStatus, ifOperStatus };
}

function link(a: LinkEnd, b: LinkEnd): TopologyLink {
  return { a, b, confirmed: true, aToBBps: 5e9, bToABps: 1e9, aToBUtilRatio: 0.5, bToAUtilRatio: 0.1 };
}

describe("a link's state", () => {
  it.each<[string, LinkEnd, LinkEnd, [DeviceStatus, DeviceStatus], string]>([
    ["up where both ports are", end(1), end(2), ["online", "online"], "up"],
    ["up as far as the only known port tells", end(1), end(null, null), ["online", "online"], "up"],
    ["down where a port is", end(1), end(2, "lowerLayerDown"), ["online", "degraded"], "down"],
    ["disabled where somebody did that", end(1, "down", "down"), end(2, "down"), ["online", "online"], "disabled"],
    ["cut by a device that is offline, whatever its ports said before", end(1), end(2, "down"), ["online", "offline"], "cut"],
    ["beyond a fault at one that is unreachable", end(1, "down"), end(2), ["online", "unreachable"], "beyond"],
    ["not known at one of which nothing is known", end(1), end(2), ["online", "unknown"], "unknown"],
    ["not known where no port is", end(1, null), end(2, null), ["online", "online"], "unknown"],
  ])("is %s", (_name, a, b, statuses, state) => {
    expect(stateOf(link(a, b), (id) => statuses[id - 1] ?? "unknown")).toBe(state);
  });
});

const devices = [1, 2, 3].map((id) => ({ id, name: `d${id}`, siteId: 1, status: "online" as const }));
const topology: Topology = { devices, links: [link(end(2), end(1))], outside: [], parents: [{ deviceId: 2, parentId: 1 }, { deviceId: 3, parentId: 2 }] };

describe("links on the map", () => {
  it("run from the core outwards, and what goes down is what the lower end takes in", () => {
    const [cable, parent] = flowsOf(topology, graphOf(topology, true), () => "online");
    expect(cable).toMatchObject({ upper: "1", lower: "2", upperPort: "port1", lowerPort: "port2", downBps: 1e9, upBps: 5e9, told: "both" });
    expect(parent).toMatchObject({ upper: "2", lower: "3", told: "parent", downBps: null });
  });

  it("carry nothing that is known while they are cut", () => {
    const [cable] = flowsOf(topology, graphOf(topology, true), (id) => (id === 2 ? "offline" : "online"));
    expect(cable).toMatchObject({ state: "cut", downBps: null, upUtilRatio: null });
  });

  it("are as strong as they are full, and unknown is not empty", () => {
    expect(strength(1, 0.5)).toBe(0.5);
    expect(strength(1, 1.2)).toBe(1);
    expect(strength(1e10, null)).toBe(1);
    expect(strength(0, null)).toBe(0);
    expect(strength(null, null)).toBeNull();
  });
});

describe("a scene", () => {
  const sites = new Map([[1, "hq"]]);
  const scene = (statusOf: (id: number) => DeviceStatus, moved?: Point): Scene => {
    const graph = graphOf(topology, true);
    const places = new Map([["1", { x: 0, y: 0 }], ["2", moved ?? { x: 0, y: 100 }], ["3", { x: 0, y: 200 }]]);
    return sceneOf({ graph, flows: flowsOf(topology, graph, statusOf), places, statusOf, siteNames: sites, found: null, suggestions: [] });
  };

  it("that differs in one state changes one device and its links", () => {
    const found = changes(scene(() => "online"), scene((id) => (id === 3 ? "offline" : "online")));
    expect(found?.marks.map(({ key }) => key)).toEqual(["3"]);
    expect(found?.strokes.map(({ to }) => to.key)).toEqual(["3"]);
  });

  it("that is the same changes nothing, and one in which something stands elsewhere all", () => {
    expect(changes(scene(() => "online"), scene(() => "online"))).toEqual({ marks: [], strokes: [] });
    expect(changes(scene(() => "online"), scene(() => "online", { x: 5, y: 5 }))).toBeNull();
  });
});

describe("the view", () => {
  it("shows all points when it is fitted, and blows nothing up", () => {
    const points = [{ x: -500, y: 0 }, { x: 4000, y: 2000 }];
    const view = fit(points, SIZE);
    for (const pixel of points.map((point) => toScreen(view, SIZE, point))) {
      expect(pixel.x).toBeGreaterThan(0);
      expect(pixel.x).toBeLessThan(SIZE.width);
      expect(pixel.y).toBeGreaterThan(0);
      expect(pixel.y).toBeLessThan(SIZE.height);
    }
    expect(fit([{ x: 0, y: 0 }], SIZE).scale).toBeLessThanOrEqual(1.25);
  });

  it("keeps what is under the pointer while it zooms", () => {
    const pixel = { x: 123, y: 456 };
    const view = { x: 10, y: 20, scale: 0.5 };
    const before = toMap(view, SIZE, pixel);
    const after = toMap(zoomed(view, SIZE, pixel, 1.7), SIZE, pixel);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it("follows the hand", () => {
    const view = { x: 10, y: 20, scale: 0.5 };
    const point = toMap(view, SIZE, { x: 100, y: 100 });
    const pixel = toScreen(moved(view, 30, -40), SIZE, point);
    expect(pixel.x).toBeCloseTo(130);
    expect(pixel.y).toBeCloseTo(60);
  });

  it("goes by arrow key to the nearest in that direction", () => {
    const points = [{ x: 100, y: 10 }, { x: 60, y: 100 }, { x: 300, y: 0 }];
    expect(nextTowards({ x: 0, y: 0 }, points, 1, 0)).toBe(points[0]);
    expect(nextTowards({ x: 0, y: 0 }, points, 0, 1)).toBe(points[1]);
    expect(nextTowards({ x: 0, y: 0 }, points, -1, 0)).toBeNull();
  });

  it("knows how far a line is, also beyond its ends", () => {
    expect(distanceTo({ x: 5, y: 3 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(3);
    expect(distanceTo({ x: 13, y: 4 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(5);
  });

  it("draws a site around its outermost devices", () => {
    const corners = hull([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 5, y: 5 }, { x: 10, y: 10 }, { x: 0, y: 10 }]);
    expect(corners).toHaveLength(4);
    expect(corners).not.toContainEqual({ x: 5, y: 5 });
  });
});

describe("names", () => {
  const area = (left: number, top = 0): Area => ({ left, right: left + 50, top, bottom: top + 10 });
  const at = (key: string, left: number, weight: number, areas = [area(left)]): Wanted => ({ key, weight, areas, insists: weight >= 9 });
  const bounds = { left: 0, top: 0, right: 1000, bottom: 500 };
  const shown = (wanted: readonly Wanted[], taken: readonly Area[] = [], most = 10): string[] => [...withRoom(wanted, taken, bounds, most).keys()].toSorted();

  it("are shown where there is room, the important ones first", () => {
    expect(shown([at("a", 0, 1), at("b", 30, 5), at("c", 90, 1)])).toEqual(["b", "c"]);
  });

  it("out of sight, or beyond the most, are not shown", () => {
    expect(shown([at("a", -500, 9), at("b", 100, 1), at("c", 300, 2)], [], 1)).toEqual(["c"]);
  });

  it("stand on another side where the best is taken", () => {
    const two = at("b", 30, 1, [area(30), area(30, 40)]);
    expect(withRoom([at("a", 0, 5), two], [], bounds, 10).get("b")).toEqual(area(30, 40));
  });

  it("stand over no device, unless they insist", () => {
    expect(shown([at("a", 0, 1), at("b", 100, 9)], [area(20), area(120)])).toEqual(["b"]);
  });

  it("stand where the fewest lines run", () => {
    const [above, right] = [area(-25, -20), area(10, -5)];
    const up = [{ x: 0, y: 0 }, { x: 0, y: -100 }] as const;
    expect(leastCrossed([above, right], [up])).toEqual([right, above]);
    expect(leastCrossed([above, right], [])).toEqual([above, right]);
  });
});

describe("a line", () => {
  it.each<[string, Point, Point, boolean]>([
    ["through", { x: -5, y: 5 }, { x: 95, y: 5 }, true],
    ["that ends within", { x: 25, y: 5 }, { x: 25, y: 90 }, true],
    ["along the edge", { x: 0, y: -9 }, { x: 0, y: 90 }, false],
    ["past a corner", { x: -10, y: 5 }, { x: 20, y: 30 }, false],
    ["that ends before", { x: -50, y: 5 }, { x: -10, y: 5 }, false],
  ])("%s runs through a rectangle or not", (_name, a, b, through) => {
    const area = { left: 0, right: 50, top: 0, bottom: 10 };
    expect([crosses(area, a, b), crosses(area, b, a)]).toEqual([through, through]);
  });
});
