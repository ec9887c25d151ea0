// Places for devices that have come since the map was arranged: near whom they hang on, and nobody else moves. Pure.

import type { Point } from "./answer";
import { arrange, CELL_HEIGHT, CELL_WIDTH, siteBlocks } from "./arrange";
import type { Graph, Key } from "./graph";
import { distanceTo } from "./view";

/** A newcomer keeps this far from the other lines of whom it hangs on, in the map's units. */
const CLEAR = CELL_HEIGHT / 3;

/** Returns a place for each vertex; those in `kept` stay where they are. */
export function placed(graph: Graph, kept: ReadonlyMap<Key, Point>): Map<Key, Point> {
  const places = new Map<Key, Point>();
  for (const { key } of graph.vertices) {
    const point = kept.get(key);
    if (point !== undefined) places.set(key, point);
  }
  if (places.size === 0) return arrange(graph);
  const taken = new Taken(places.values());
  addSites(graph, places, taken);
  const rest = graph.vertices
    .filter(({ key }) => !places.has(key))
    // Those nearer to the core first: the others hang on them. The sort keeps equals by id.
    .sort((a, b) => (graph.rank.get(a.key) ?? 0) - (graph.rank.get(b.key) ?? 0));
  for (const { key, siteId } of rest) {
    const leader = graph.above.get(key) ?? "";
    const above = places.get(leader);
    const start = above ?? middleOf(graph, places, siteId);
    const lines = above === undefined ? [] : (graph.neighbours.get(leader) ?? []).flatMap((other) => places.get(other) ?? []);
    const isClear = (point: Point): boolean => above === undefined || lines.every((end) => distanceTo(point, above, end) > CLEAR);
    const point = taken.freeNear({ x: start.x, y: start.y + (above === undefined ? 0 : CELL_HEIGHT) }, isClear);
    places.set(key, point);
    taken.add(point);
  }
  return places;
}

/** Sites of which nobody has a place yet come below all others, each in one piece. */
function addSites(graph: Graph, places: Map<Key, Point>, taken: Taken): void {
  const known = new Set(graph.vertices.filter(({ key }) => places.has(key)).map(({ siteId }) => siteId));
  const points = [...places.values()];
  let x = points.reduce((least, point) => Math.min(least, point.x), Infinity) - CELL_WIDTH / 2;
  const y = points.reduce((most, point) => Math.max(most, point.y), -Infinity) + CELL_HEIGHT;
  for (const block of siteBlocks(graph).sort((a, b) => a.siteId - b.siteId)) {
    if (known.has(block.siteId)) continue;
    for (const [key, point] of block.places) {
      const there = { x: Math.round(point.x + x), y: Math.round(point.y + y) };
      places.set(key, there);
      taken.add(there);
    }
    x += block.width + CELL_WIDTH / 2;
  }
}

function middleOf(graph: Graph, places: ReadonlyMap<Key, Point>, siteId: number): Point {
  const points = graph.vertices.flatMap((vertex) => (vertex.siteId === siteId ? (places.get(vertex.key) ?? []) : []));
  if (points.length === 0) return { x: 0, y: 0 };
  const sum = points.reduce((total, point) => ({ x: total.x + point.x, y: total.y + point.y }), { x: 0, y: 0 });
  return { x: Math.round(sum.x / points.length), y: Math.round(sum.y / points.length) };
}

/** Which places are taken, found without looking at all of them. */
class Taken {
  readonly #cells = new Map<string, Point[]>();
  #count = 0;

  constructor(points: Iterable<Point>) {
    for (const point of points) this.add(point);
  }

  add(point: Point): void {
    const cell = `${Math.floor(point.x / CELL_WIDTH)} ${Math.floor(point.y / CELL_HEIGHT)}`;
    const there = this.#cells.get(cell);
    if (there === undefined) this.#cells.set(cell, [point]);
    else there.push(point);
    this.#count += 1;
  }

  /**
   * Looks in growing rings, for what is clear too, else for what is free. One that stands here blocks four candidates at
   * most, so a ring is found in bounded steps.
   */
  freeNear(start: Point, isClear: (point: Point) => boolean): Point {
    const last = Math.ceil(Math.sqrt(4 * this.#count)) + 2;
    let free: Point | null = null;
    let until = last;
    for (let ring = 0; ring <= until; ring += 1) {
      for (const [dx, dy] of ringOf(ring)) {
        const point = { x: start.x + dx * CELL_WIDTH, y: start.y + dy * CELL_HEIGHT };
        if (!this.#isFree(point)) continue;
        if (isClear(point)) return point;
        // What is clear is worth two rings more, not another end of the map.
        if (free === null) [free, until] = [point, Math.min(last, ring + 2)];
      }
    }
    return free ?? start;
  }

  #isFree(point: Point): boolean {
    const [column, row] = [Math.floor(point.x / CELL_WIDTH), Math.floor(point.y / CELL_HEIGHT)];
    for (let x = column - 1; x <= column + 1; x += 1) {
      for (let y = row - 1; y <= row + 1; y += 1) {
        for (const other of this.#cells.get(`${x} ${y}`) ?? []) {
          if (Math.abs(other.x - point.x) < CELL_WIDTH && Math.abs(other.y - point.y) < CELL_HEIGHT) return false;
        }
      }
    }
    return true;
  }
}

/** The cells of a ring around 0, 0: those below first, then beside, then above. */
function ringOf(ring: number): [number, number][] {
  if (ring === 0) return [[0, 0]];
  const cells: [number, number][] = [];
  for (let y = ring; y >= -ring; y -= 1) {
    const whole = Math.abs(y) === ring;
    for (let step = 0; step <= ring; step += 1) {
      if (!whole && step !== ring) continue;
      cells.push([step, y]);
      if (step > 0) cells.push([-step, y]);
    }
  }
  return cells;
}
