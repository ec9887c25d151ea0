// Which names are shown, and on which side of what they name: the important ones first, and none over another. Pure.

import type { Point } from "./answer";
import { crosses, touches, type Area } from "./view";

export interface Wanted {
  readonly key: string;
  /** Where it may stand, the best place first. */
  readonly areas: readonly Area[];
  /** Greater comes first. */
  readonly weight: number;
  /** Rather over a device's shape than not at all. */
  readonly insists: boolean;
}

const CELL_PX = 120;

/** Returns where those stand that have room within `bounds`, by key; beside the shapes in `taken`. Equals are taken in their order. */
export function withRoom(wanted: readonly Wanted[], taken: readonly Area[], bounds: Area, most: number): Map<string, Area> {
  const shown = new Map<string, Area>();
  const [names, shapes] = [new Areas([]), new Areas(taken.filter((area) => touches(area, bounds)))];
  for (const { key, areas, insists } of wanted.toSorted((a, b) => b.weight - a.weight)) {
    if (shown.size >= most) break;
    const free = areas.filter((area) => touches(area, bounds) && !names.touch(area));
    const area = free.find((one) => !shapes.touch(one)) ?? (insists ? free[0] : undefined);
    if (area === undefined) continue;
    shown.set(key, area);
    names.add(area);
  }
  return shown;
}

/** Returns the places in the order in which fewer of the lines run through them. */
export function leastCrossed(areas: readonly Area[], lines: readonly (readonly [Point, Point])[]): Area[] {
  const crossings = new Map(areas.map((area) => [area, lines.filter(([a, b]) => crosses(area, a, b)).length]));
  return areas.toSorted((a, b) => (crossings.get(a) ?? 0) - (crossings.get(b) ?? 0));
}

/** Rectangles, of which those that another touches are found without looking at all. */
class Areas {
  readonly #cells = new Map<number, Area[]>();

  constructor(areas: readonly Area[]) {
    for (const area of areas) this.add(area);
  }

  add(area: Area): void {
    for (const cell of cellsOf(area)) {
      const there = this.#cells.get(cell);
      if (there === undefined) this.#cells.set(cell, [area]);
      else there.push(area);
    }
  }

  touch(area: Area): boolean {
    return cellsOf(area).some((cell) => this.#cells.get(cell)?.some((other) => touches(other, area)) === true);
  }
}

/** Beyond any screen, in cells. */
const ROW = 65_536;

function cellsOf(area: Area): number[] {
  const cells: number[] = [];
  for (let x = Math.floor(area.left / CELL_PX); x <= Math.floor(area.right / CELL_PX); x += 1) {
    for (let y = Math.floor(area.top / CELL_PX); y <= Math.floor(area.bottom / CELL_PX); y += 1) cells.push(x * ROW + y);
  }
  return cells;
}
