// Which tile the arrow keys lead to: as the eye sees them, whatever element stands in which. Pure.

/** Where a tile is on the screen. */
export interface TileBox {
  readonly left: number;
  readonly top: number;
}

/** Tiles of a row differ by less than this, however the browser rounds. */
const LEVEL_PX = 2;

/**
 * Returns the index of the tile to which a key leads from `at`, null where it leads nowhere. Of `count` tiles, in reading
 * order, `boxOf` is asked for no more than those of the rows concerned.
 */
export function tileStep(key: string, whole: boolean, at: number, count: number, boxOf: (index: number) => TileBox): number | null {
  const inside = (index: number): number | null => (index >= 0 && index < count && index !== at ? index : null);
  switch (key) {
    case "ArrowRight":
      return inside(at + 1);
    case "ArrowLeft":
      return inside(at - 1);
    case "Home":
      return inside(whole ? 0 : rowEnd(at, -1, count, boxOf));
    case "End":
      return inside(whole ? count - 1 : rowEnd(at, 1, count, boxOf));
    case "ArrowDown":
      return inRow(at, 1, count, boxOf);
    case "ArrowUp":
      return inRow(at, -1, count, boxOf);
    default:
      return null;
  }
}

/** Returns the last tile of a row in a direction. */
function rowEnd(at: number, step: 1 | -1, count: number, boxOf: (index: number) => TileBox): number {
  const { top } = boxOf(at);
  let end = at;
  while (end + step >= 0 && end + step < count && Math.abs(boxOf(end + step).top - top) < LEVEL_PX) end += step;
  return end;
}

/** Returns the tile of the next row in a direction that stands nearest below or above, null where there is no row. */
function inRow(at: number, step: 1 | -1, count: number, boxOf: (index: number) => TileBox): number | null {
  const near = rowEnd(at, step, count, boxOf) + step;
  if (near < 0 || near >= count) return null;
  const far = rowEnd(near, step, count, boxOf);
  const { left } = boxOf(at);
  let best = near;
  for (let index = near; index !== far + step; index += step) {
    if (Math.abs(boxOf(index).left - left) < Math.abs(boxOf(best).left - left)) best = index;
  }
  return best;
}
