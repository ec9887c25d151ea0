// Which tiles there are, and how large: by how many there are, and by the room for them. Pure.

import type { Row } from "./device";
import { compareNatural } from "./natural";

export interface TilePlace {
  readonly id: number;
  readonly name: string;
}

export interface TileSite {
  readonly name: string;
  readonly places: readonly TilePlace[];
}

/** Returns the devices by site, in natural order; a site that is as it was `before` is the same object. */
export function tileSites(rows: Iterable<Row>, before: readonly TileSite[]): readonly TileSite[] {
  const bySite = new Map<string, TilePlace[]>();
  for (const { device } of rows) {
    const place = { id: device.id, name: device.name };
    const there = bySite.get(device.siteName);
    if (there === undefined) bySite.set(device.siteName, [place]);
    else there.push(place);
  }
  const known = new Map(before.map((site) => [site.name, site]));
  return [...bySite]
    .sort(([a], [b]) => compareNatural(a, b))
    .map(([name, places]) => {
      places.sort((a, b) => compareNatural(a.name, b.name) || a.id - b.id);
      const old = known.get(name);
      return old !== undefined && isSame(old.places, places) ? old : { name, places };
    });
}

function isSame(before: readonly TilePlace[], after: readonly TilePlace[]): boolean {
  return before.length === after.length && before.every(({ id, name }, index) => after[index]?.id === id && after[index].name === name);
}

/** A plan's pixels are those of a screen whose letters are as usual; on a larger wall the root's are larger. */
export const ROOT_PX = 16;

export function rem(px: number): string {
  return `${px / ROOT_PX}rem`;
}

export interface Room {
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface TilePlan {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly gapPx: number;
  /** The height of a site's heading. */
  readonly headingPx: number;
  /** Between two sites below each other. */
  readonly siteGapPx: number;
  /** Which site each column begins with: sites stand below each other in columns, the first one filled first. */
  readonly columns: readonly number[];
  /** How many stand beside each other in a column; null: as many as there is room for. */
  readonly perRow: number | null;
  /** There is room for names. */
  readonly named: boolean;
  /** Too small for a frame: a tile is its shape alone. */
  readonly tiny: boolean;
}

/** Returns how high the tiles of a site are, null when that is not known. */
export function gridPx({ perRow, heightPx, gapPx }: TilePlan, count: number): number | null {
  return perRow === null ? null : Math.ceil(count / perRow) * (heightPx + gapPx) - gapPx;
}

const NAMED_MAX = 400;
const NARROWEST_NAMED_PX = 110;
const WIDEST_PX = 400;
const GAP_PX = 4;
const BARE_GAP_PX = 3;
/** Between two columns of sites. */
const COLUMN_GAP_PX = 24;
/** From the largest, read from four metres, to the smallest that is still read; each with what parts it from the site above. */
const HEADINGS = [
  { headingPx: 36, siteGapPx: 14 },
  { headingPx: 24, siteGapPx: 10 },
  { headingPx: 18, siteGapPx: 6 },
] as const;
type Heading = { readonly headingPx: number; readonly siteGapPx: number };
/** What is smaller than this is worth smaller headings. */
const SPECK_PX = 10;
const MAX_COLUMNS = 12;
const NARROWEST_COLUMN_PX = 150;
const HIGHEST_PX = 120;
/** Where there is height to spare. */
const TALLEST_PX = 160;
const SMALLEST_PX = 6;
const TINY_PX = 12;
const LARGEST_BARE_PX = 60;

/** Returns the size for tiles of sites with so many devices each; `room` null: names decide, and the page scrolls. */
export function tilePlan(counts: readonly number[], room: Room | null): TilePlan {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (room === null) {
    const named = total <= NAMED_MAX;
    return { widthPx: named ? 132 : 20, heightPx: named ? 30 : 20, gapPx: named ? GAP_PX : BARE_GAP_PX, headingPx: 18, siteGapPx: 14, columns: [0], perRow: null, named, tiny: false };
  }
  let best: TilePlan | null = null;
  for (const heading of HEADINGS) {
    for (let columns = 1; columns <= MAX_COLUMNS && columns <= Math.max(1, counts.length); columns += 1) {
      const width = columnPx(room, columns);
      if (columns > 1 && width < NARROWEST_COLUMN_PX) break;
      const found = largest(counts, room, columns, heading);
      if (found !== null && (best === null || found.widthPx * found.heightPx > best.widthPx * best.heightPx * 1.2)) best = found;
    }
    // A smaller heading is worth it only where with a larger one not all tiles have room, or only as specks.
    if (best !== null && best.heightPx >= SPECK_PX) break;
  }
  if (best !== null) return taller(best, counts, room);
  return { widthPx: SMALLEST_PX, heightPx: SMALLEST_PX, gapPx: 1, ...HEADINGS[2], columns: [0], perRow: null, named: false, tiny: true };
}

/** Returns the plan with its tiles as high as there is room for. */
function taller(plan: TilePlan, counts: readonly number[], room: Room): TilePlan {
  if (!plan.named) return plan;
  for (let heightPx = Math.min(TALLEST_PX, plan.widthPx); heightPx > plan.heightPx; heightPx -= 1) {
    const columns = stacked(counts, room, { ...plan, heightPx }, plan.columns.length);
    if (columns !== null) return { ...plan, heightPx, columns };
  }
  return plan;
}

/** Returns the largest tiles with which all sites fit into the room in so many columns, null when none do. */
function largest(counts: readonly number[], room: Room, count: number, heading: Heading): TilePlan | null {
  const breadthPx = columnPx(room, count);
  const plan = (widthPx: number, heightPx: number, gapPx: number, named: boolean): TilePlan => {
    const perRow = Math.max(1, Math.floor((breadthPx + gapPx) / (widthPx + gapPx)));
    return { ...heading, columns: [0], perRow, widthPx, heightPx, gapPx, named, tiny: widthPx < TINY_PX };
  };
  let best: TilePlan | null = null;
  let bestWorth = 0;
  for (let beside = 1; ; beside += 1) {
    const widthPx = Math.min(WIDEST_PX, Math.floor((breadthPx + GAP_PX) / beside) - GAP_PX);
    if (widthPx < NARROWEST_NAMED_PX) break;
    const named = plan(widthPx, Math.min(HIGHEST_PX, Math.floor(widthPx / 3)), GAP_PX, true);
    const worth = widthPx * named.heightPx * filled(counts, named) ** 2;
    const columns = worth > bestWorth ? stacked(counts, room, named, count) : null;
    if (columns !== null) [best, bestWorth] = [{ ...named, columns }, worth];
  }
  if (best !== null) return best;
  for (let sidePx = LARGEST_BARE_PX; sidePx >= SMALLEST_PX; sidePx -= 1) {
    const bare = plan(sidePx, sidePx, sidePx >= TINY_PX ? BARE_GAP_PX : sidePx >= 8 ? 2 : 1, false);
    const columns = stacked(counts, room, bare, count);
    if (columns !== null) return { ...bare, columns };
  }
  return null;
}

function columnPx(room: Room, columns: number): number {
  return (room.widthPx - (columns - 1) * COLUMN_GAP_PX) / columns;
}

/** Returns how much of the rows is taken, 0 to 1: a row with one tile at its beginning looks like a fault. */
function filled(counts: readonly number[], { perRow }: TilePlan): number {
  const beside = perRow ?? 1;
  const places = counts.reduce((sum, count) => sum + Math.ceil(count / beside) * beside, 0);
  return places === 0 ? 1 : counts.reduce((sum, count) => sum + count, 0) / places;
}

/** Returns which site each of so many columns begins with when none is divided, null when they do not suffice. */
function stacked(counts: readonly number[], room: Room, plan: TilePlan, most: number): number[] | null {
  const columns = [0];
  let filledPx = 0;
  for (const [index, count] of counts.entries()) {
    const sitePx = plan.headingPx + (gridPx(plan, count) ?? 0);
    const neededPx = filledPx === 0 ? sitePx : filledPx + plan.siteGapPx + sitePx;
    if (sitePx > room.heightPx) return null;
    if (neededPx <= room.heightPx) filledPx = neededPx;
    else {
      filledPx = sitePx;
      if (columns.push(index) > most) return null;
    }
  }
  return columns;
}
