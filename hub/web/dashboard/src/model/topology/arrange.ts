// Where devices stand at first: each site a block, the core on top, what hangs below it in rows. Pure.
//
// Blocks are rectangles of whole cells that never share a cell, so no two devices can overlap; the same graph always
// gives the same map. Many leaves below one device become a compact field instead of one long row.

import { compareNatural } from "../natural";
import type { Point } from "./answer";
import type { Graph, Key, Vertex } from "./graph";

/** The room of one device with its name. Two devices overlap when they are closer than this both ways. */
export const CELL_WIDTH = 132;
export const CELL_HEIGHT = 84;
/** Wider than high, as screens are. */
const ASPECT = 1.9;
/** The same, counted in cells. */
const CELL_ASPECT = (ASPECT * CELL_HEIGHT) / CELL_WIDTH;
const WIDTHS_TRIED = 16;

/** A rectangle in cells, with who stands where in it. */
interface Block {
  readonly width: number;
  readonly height: number;
  readonly places: readonly (readonly [Key, number, number])[];
}

/** Returns the blocks of the sites by their id, each from 0, 0 in the map's units. */
export function siteBlocks(graph: Graph): { readonly siteId: number; readonly width: number; readonly height: number; readonly places: ReadonlyMap<Key, Point> }[] {
  return [...sitesOf(graph)].map(([siteId, vertices]) => {
    const { width, height, places } = siteBlock(graph, vertices);
    return {
      siteId,
      width: width * CELL_WIDTH,
      height: height * CELL_HEIGHT,
      places: new Map(places.map(([key, x, y]) => [key, { x: Math.round((x + 0.5) * CELL_WIDTH), y: Math.round((y + 0.5) * CELL_HEIGHT) }])),
    };
  });
}

/** Returns a place for each vertex. */
export function arrange(graph: Graph): Map<Key, Point> {
  const places = new Map<Key, Point>();
  const rankOf = new Map<number, number>();
  for (const { key, siteId } of graph.vertices) {
    rankOf.set(siteId, Math.min(rankOf.get(siteId) ?? Infinity, graph.rank.get(key) ?? 0));
  }
  const blocks = siteBlocks(graph).sort((a, b) => (rankOf.get(a.siteId) ?? 0) - (rankOf.get(b.siteId) ?? 0) || a.siteId - b.siteId);
  for (const { item, x, y } of shelves(blocks, CELL_WIDTH / 2, CELL_HEIGHT / 2, ASPECT)) {
    for (const [key, point] of item.places) places.set(key, { x: point.x + Math.round(x), y: point.y + Math.round(y) });
  }
  return places;
}

function sitesOf(graph: Graph): Map<number, Vertex[]> {
  const sites = new Map<number, Vertex[]>();
  for (const vertex of graph.vertices) {
    const there = sites.get(vertex.siteId);
    if (there === undefined) sites.set(vertex.siteId, [vertex]);
    else there.push(vertex);
  }
  return sites;
}

/** One empty row on top is left for the site's name. */
function siteBlock(graph: Graph, vertices: readonly Vertex[]): Block {
  const here = new Set(vertices.map(({ key }) => key));
  const below = new Map<Key, Key[]>();
  const tops: Key[] = [];
  // Devices side by side stand in the order of their names, the outside last; the sort keeps equals by id.
  for (const { key } of vertices.toSorted((a, b) => Number(a.deviceId === null) - Number(b.deviceId === null) || compareNatural(a.name, b.name))) {
    const above = graph.above.get(key);
    if (above === undefined || !here.has(above)) tops.push(key);
    else below.set(above, [...(below.get(above) ?? []), key]);
  }
  const forest = packed(tops, below);
  return { width: forest.width + 1, height: forest.height + 1, places: forest.places.map(([key, x, y]) => [key, x + 0.5, y + 0.75]) };
}

/** Returns a block with one vertex on top and all below it; or the vertex alone. */
function treeBlock(key: Key, below: ReadonlyMap<Key, readonly Key[]>): Block {
  const children = below.get(key) ?? [];
  if (children.length === 0) return { width: 1, height: 1, places: [[key, 0, 0]] };
  const under = packed(children, below);
  return {
    width: under.width,
    height: under.height + 1,
    places: [[key, (under.width - 1) / 2, 0], ...under.places.map(([one, x, y]) => [one, x, y + 1] as const)],
  };
}

/** Returns a block of trees side by side, in rows where they are many; those of one vertex only as a field at the end. */
function packed(keys: readonly Key[], below: ReadonlyMap<Key, readonly Key[]>): Block {
  const leaves = keys.filter((key) => (below.get(key) ?? []).length === 0);
  const trees = keys.filter((key) => (below.get(key) ?? []).length > 0).map((key) => treeBlock(key, below));
  if (leaves.length > 0) trees.push(field(leaves));
  const placed = shelves(trees, 0, 0, CELL_ASPECT);
  const width = Math.max(...placed.map(({ item, x }) => x + item.width));
  const height = Math.max(...placed.map(({ item, y }) => y + item.height));
  return { width, height, places: placed.flatMap(({ item, x, y }) => item.places.map(([key, dx, dy]) => [key, x + dx, y + dy] as const)) };
}

function field(keys: readonly Key[]): Block {
  const columns = columnsFor(keys.length);
  return { width: columns, height: Math.ceil(keys.length / columns), places: keys.map((key, at) => [key, at % columns, Math.floor(at / columns)]) };
}

/** Few different widths, so that one leaf more seldom moves the others. */
function columnsFor(count: number): number {
  if (count <= 4) return count;
  if (count <= 12) return 4;
  if (count <= 30) return 6;
  if (count <= 80) return 8;
  return 4 * Math.ceil(Math.sqrt(count * ASPECT) / 4);
}

/** Puts rectangles into rows, in their order, each row centred: as many a row as make the whole fit a screen best. */
function shelves<T extends { readonly width: number; readonly height: number }>(items: readonly T[], gapX: number, gapY: number, aspect: number): { item: T; x: number; y: number }[] {
  const widest = items.reduce((most, { width }) => Math.max(most, width), 0);
  const total = items.reduce((sum, { width }) => sum + width + gapX, 0);
  let best = { rows: rowsOf(items, gapX, widest), size: Infinity };
  for (let step = 0; step <= WIDTHS_TRIED; step += 1) {
    const rows = rowsOf(items, gapX, widest * (total / widest) ** (step / WIDTHS_TRIED));
    const height = rows.reduce((sum, row) => sum + row.height + gapY, 0);
    const size = Math.max(Math.max(...rows.map(({ width }) => width)) / aspect, height);
    if (size < best.size) best = { rows, size };
  }
  const full = Math.max(0, ...best.rows.map(({ width }) => width));
  const placed: { item: T; x: number; y: number }[] = [];
  let y = 0;
  for (const row of best.rows) {
    // In cells, half a cell is fine: a row shares its height with no other.
    let x = (full - row.width) / 2;
    for (const item of row.items) {
      placed.push({ item, x, y });
      x += item.width + gapX;
    }
    y += row.height + gapY;
  }
  return placed;
}

interface Row<T> {
  readonly items: T[];
  width: number;
  height: number;
}

function rowsOf<T extends { readonly width: number; readonly height: number }>(items: readonly T[], gapX: number, limit: number): Row<T>[] {
  const rows: Row<T>[] = [];
  for (const item of items) {
    const row = rows.at(-1);
    if (row === undefined || row.width + gapX + item.width > limit) rows.push({ items: [item], width: item.width, height: item.height });
    else {
      row.items.push(item);
      row.width += gapX + item.width;
      row.height = Math.max(row.height, item.height);
    }
  }
  return rows;
}
