// Tiles without names in an element of their own: made in pieces, each changed by itself.

import type { DeviceStatus } from "@noctule/client";

import type { Fleet } from "../../data/fleet";
import { inPieces } from "../../data/frames";
import { at, pathOf } from "../../data/route";
import type { TilePlace } from "../../model/tiles";
import { texts } from "../../texts";

/** How many are made before it is looked at how long that took: so many are made in a frame at least, in some 2 ms. */
const STEP = 200;

interface Tile {
  readonly anchor: HTMLAnchorElement;
  readonly name: string;
  status: DeviceStatus | null;
  forget: () => void;
}

export class TileField {
  readonly #grid: HTMLElement;
  readonly #fleet: Fleet;
  readonly #tiles = new Map<number, Tile>();
  #cancel: () => void = () => undefined;

  constructor(grid: HTMLElement, fleet: Fleet) {
    this.#grid = grid;
    this.#fleet = fleet;
  }

  /** Shows these devices in their order; tiles that stay are left alone, so that a focus stays too. */
  show(places: readonly TilePlace[]): void {
    this.#cancel();
    const wanted = new Map(places.map(({ id, name }) => [id, name]));
    for (const [id, tile] of this.#tiles) if (wanted.get(id) !== tile.name) this.#remove(id, tile);
    let next = 0;
    this.#cancel = inPieces(() => {
      const end = Math.min(places.length, next + STEP);
      for (; next < end; next += 1) {
        const { anchor } = this.#tileOf(places[next] as TilePlace);
        const there = this.#grid.children[next] ?? null;
        if (there !== anchor) this.#grid.insertBefore(anchor, there);
      }
      return next >= places.length;
    });
  }

  end(): void {
    this.#cancel();
    for (const [id, tile] of this.#tiles) this.#remove(id, tile);
  }

  #tileOf({ id, name }: TilePlace): Tile {
    const known = this.#tiles.get(id);
    if (known !== undefined) return known;
    const anchor = document.createElement("a");
    anchor.href = pathOf(at("devices", id));
    anchor.dataset["deviceId"] = String(id);
    anchor.tabIndex = -1;
    const tile: Tile = { anchor, name, status: null, forget: () => undefined };
    tile.forget = this.#fleet.watch(id, () => this.#paint(id, tile));
    this.#tiles.set(id, tile);
    this.#paint(id, tile);
    return tile;
  }

  #paint(id: number, tile: Tile): void {
    const status = this.#fleet.get(id)?.device.status ?? "unknown";
    if (status === tile.status) return;
    tile.status = status;
    const words = texts.overview.tile(tile.name, texts.status[status]);
    tile.anchor.className = `tile is-${status}`;
    tile.anchor.title = words;
    tile.anchor.setAttribute("aria-label", words);
  }

  #remove(id: number, tile: Tile): void {
    tile.forget();
    tile.anchor.remove();
    this.#tiles.delete(id);
  }
}
