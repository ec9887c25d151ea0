// A site's devices as tiles without names. There may be thousands: they are links like any other to screen readers, made
// a few in each frame, and a change of a device touches its own tile and nothing else of the page.

import { memo, useEffect, useRef, type MouseEvent, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, follow } from "../../data/route";
import { rem, type TilePlace } from "../../model/tiles";
import { TileField } from "./tileField";

/** `heightPx` is what they will take, so that nothing moves while they come; null: that is not known. */
export const BareTiles = memo(function BareTiles({ places, heightPx }: { places: readonly TilePlace[]; heightPx: number | null }): ReactNode {
  const { fleet } = usePage().live;
  const grid = useRef<HTMLDivElement>(null);
  const field = useRef<TileField | null>(null);
  useEffect(() => {
    if (grid.current === null) return undefined;
    const made = (field.current = new TileField(grid.current, fleet));
    return () => made.end();
  }, [fleet]);
  useEffect(() => field.current?.show(places), [fleet, places]);
  const onClick = (event: MouseEvent): void => {
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-device-id]")?.dataset["deviceId"] : undefined;
    if (id !== undefined) follow(event, at("devices", Number(id)));
  };
  return <div className="tiles-grid" ref={grid} onClick={onClick} {...(heightPx === null ? {} : { style: { minHeight: rem(heightPx) } })} />;
});
