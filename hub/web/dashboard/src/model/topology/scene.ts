// What is to be seen on the map, in the map's units: everything that a painter needs, and what differs from before. Pure.

import type { DeviceStatus } from "@noctule/client";

import type { Point, Suggestion } from "./answer";
import { keyOfDevice, type Graph, type Key } from "./graph";
import { strength, type Flow, type LinkState } from "./links";
import { areaOf, hull, type Area } from "./view";

export interface Mark extends Point {
  readonly key: Key;
  /** null: outside, of no state. */
  readonly status: DeviceStatus | null;
  readonly name: string;
  readonly siteId: number;
  readonly degree: number;
  /** Steps from the core. */
  readonly rank: number;
  /** Not among what is looked for. */
  readonly dim: boolean;
  readonly found: boolean;
  /** Others hang below it: its name stands above, where fewer lines are. */
  readonly leads: boolean;
}

export interface Stroke {
  readonly key: string;
  readonly from: Mark;
  readonly to: Mark;
  readonly kind: "cable" | "parent" | "suggestion";
  readonly state: LinkState;
  /** 0 to 1, null when it is not known. */
  readonly down: number | null;
  readonly up: number | null;
  /** Which of several side by side between the same two, from the middle. */
  readonly lane: number;
}

export interface Scene {
  readonly marks: readonly Mark[];
  readonly byKey: ReadonlyMap<Key, Mark>;
  readonly strokes: readonly Stroke[];
  /** Names of sites by id. */
  readonly sites: ReadonlyMap<number, string>;
}

export interface SceneParts {
  readonly graph: Graph;
  readonly flows: readonly Flow[];
  readonly places: ReadonlyMap<Key, Point>;
  readonly statusOf: (deviceId: number) => DeviceStatus;
  readonly siteNames: ReadonlyMap<number, string>;
  /** null: nothing is looked for. */
  readonly found: ReadonlySet<Key> | null;
  readonly suggestions: readonly Suggestion[];
}

export function sceneOf({ graph, flows, places, statusOf, siteNames, found, suggestions }: SceneParts): Scene {
  const marks: Mark[] = [];
  const leading = new Set(flows.map(({ upper }) => upper));
  for (const { key, deviceId, name, siteId } of graph.vertices) {
    const place = places.get(key);
    if (place === undefined) continue;
    const isFound = found?.has(key) === true;
    marks.push({
      key,
      x: place.x,
      y: place.y,
      status: deviceId === null ? null : statusOf(deviceId),
      name,
      siteId,
      degree: graph.neighbours.get(key)?.length ?? 0,
      rank: graph.rank.get(key) ?? 0,
      dim: found !== null && !isFound,
      found: isFound,
      leads: leading.has(key),
    });
  }
  const byKey = new Map(marks.map((mark) => [mark.key, mark]));
  const cabled = cables(flows, byKey);
  // Beside arrows that are to be judged, traffic would only distract.
  const calm = suggestions.length === 0 ? cabled : cabled.map((stroke) => ({ ...stroke, down: null, up: null }));
  const strokes = [...calm, ...suggested(suggestions, byKey)];
  return { marks, byKey, strokes, sites: siteNames };
}

function cables(flows: readonly Flow[], byKey: ReadonlyMap<Key, Mark>): Stroke[] {
  const pairs = new Map<string, Flow[]>();
  for (const flow of flows) {
    const pair = `${flow.upper} ${flow.lower}`;
    const there = pairs.get(pair);
    if (there === undefined) pairs.set(pair, [flow]);
    else there.push(flow);
  }
  return [...pairs.values()].flatMap((pair) =>
    pair.flatMap((flow, at) => {
      const [from, to] = [byKey.get(flow.upper), byKey.get(flow.lower)];
      if (from === undefined || to === undefined) return [];
      return {
        key: flow.key,
        from,
        to,
        kind: flow.told === "parent" ? "parent" : "cable",
        state: flow.state,
        down: strength(flow.downBps, flow.downUtilRatio),
        up: strength(flow.upBps, flow.upUtilRatio),
        lane: at - (pair.length - 1) / 2,
      };
    }),
  );
}

function suggested(suggestions: readonly Suggestion[], byKey: ReadonlyMap<Key, Mark>): Stroke[] {
  return suggestions.flatMap(({ deviceId, parents }) =>
    parents.flatMap((parent) => {
      const [from, to] = [byKey.get(keyOfDevice(deviceId)), byKey.get(keyOfDevice(parent.deviceId))];
      if (from === undefined || to === undefined) return [];
      return { key: `${from.key} ${to.key} suggestion`, from, to, kind: "suggestion", state: "up", down: null, up: null, lane: 0 };
    }),
  );
}

/** A site's outline keeps this far from its devices, in the map's units. */
export const SITE_PAD = 52;

export interface Outline {
  readonly siteId: number;
  readonly marks: readonly Mark[];
  readonly corners: readonly Point[];
  readonly area: Area;
}

const outlines = new WeakMap<Scene, readonly Outline[]>();

/** Returns the outlines of the sites; none where there is one only. They are worked out once for a scene. */
export function outlinesOf(scene: Scene): readonly Outline[] {
  let known = outlines.get(scene);
  if (known === undefined) outlines.set(scene, (known = scene.sites.size < 2 ? [] : outlined(scene.marks)));
  return known;
}

function outlined(all: readonly Mark[]): Outline[] {
  const bySite = new Map<number, Mark[]>();
  for (const mark of all) {
    const there = bySite.get(mark.siteId);
    if (there === undefined) bySite.set(mark.siteId, [mark]);
    else there.push(mark);
  }
  return [...bySite].flatMap(([siteId, marks]) => {
    const area = areaOf(marks);
    return area === null ? [] : { siteId, marks, corners: hull(marks), area };
  });
}

/** What changed from one scene to the next; null when that is not worth telling apart from everything. */
export interface Changes {
  readonly marks: readonly Mark[];
  readonly strokes: readonly Stroke[];
}

export function changes(before: Scene, after: Scene): Changes | null {
  if (before.marks.length !== after.marks.length || before.strokes.length !== after.strokes.length || before.sites !== after.sites) return null;
  const marks: Mark[] = [];
  for (const [at, mark] of after.marks.entries()) {
    const old = before.marks[at];
    if (old === undefined || old.key !== mark.key || old.x !== mark.x || old.y !== mark.y || old.siteId !== mark.siteId || old.leads !== mark.leads) return null;
    if (old.status !== mark.status || old.name !== mark.name || old.dim !== mark.dim || old.found !== mark.found) marks.push(mark);
  }
  const strokes: Stroke[] = [];
  for (const [at, stroke] of after.strokes.entries()) {
    const old = before.strokes[at];
    if (old === undefined || old.key !== stroke.key) return null;
    const dimmed = old.from.dim !== stroke.from.dim || old.to.dim !== stroke.to.dim;
    if (dimmed || old.state !== stroke.state || step(old.down) !== step(stroke.down) || step(old.up) !== step(stroke.up)) strokes.push(stroke);
  }
  return { marks, strokes };
}

/** A change of traffic that nobody would see is none. */
function step(value: number | null): number | null {
  return value === null ? null : Math.round(value * 50);
}

const FIRST = ["offline", "unreachable", "degraded"];

/** Returns where the keyboard begins: at the worst fault, else at the best connected; null on an empty map. */
export function firstOf(marks: readonly Mark[]): Mark | null {
  for (const status of FIRST) {
    const mark = marks.find((one) => one.status === status);
    if (mark !== undefined) return mark;
  }
  return marks.reduce<Mark | null>((best, mark) => (best === null || mark.degree > best.degree ? mark : best), null);
}
