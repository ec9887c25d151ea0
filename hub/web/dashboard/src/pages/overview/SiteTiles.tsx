// Every device as a tile, by site. A tile changes in place; nothing moves.

import { memo, useMemo, useRef, type CSSProperties, type ReactNode } from "react";

import { useMembers, usePage, useStatus } from "../../data/context";
import { at } from "../../data/route";
import { gridPx, rem, tilePlan, tileSites, type TileSite } from "../../model/tiles";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { texts } from "../../texts";
import { BareTiles } from "./BareTiles";
import { useTileKeys } from "./tileKeys";
import "./tiles.css";

/** How much room there is for tiles; null: they are as large as their names need, and the page scrolls. */
export const SiteTiles = memo(function SiteTiles({ widthPx = null, heightPx = null }: { widthPx?: number | null; heightPx?: number | null }): ReactNode {
  const { fleet } = usePage().live;
  const members = useMembers();
  const before = useRef<readonly TileSite[]>([]);
  const sites = useMemo(() => {
    before.current = tileSites(fleet.rows(), before.current);
    return before.current;
    // `members` stands for who is in the fleet.
  }, [fleet, members]);
  const plan = useMemo(
    () => tilePlan(sites.map(({ places }) => places.length), widthPx === null || heightPx === null ? null : { widthPx, heightPx }),
    [sites, widthPx, heightPx],
  );
  const section = useRef<HTMLElement>(null);
  useTileKeys(section);
  const style = {
    "--tile": rem(plan.widthPx),
    "--tile-height": rem(plan.heightPx),
    // Where the room is known the plan decides; half a pixel less than it saw would break its rows.
    "--tile-tracks": plan.perRow === null ? `repeat(auto-fill, minmax(${rem(plan.widthPx)}, 1fr))` : `repeat(${plan.perRow}, minmax(0, 1fr))`,
    "--tile-gap": rem(plan.gapPx),
    "--tile-heading": rem(plan.headingPx),
    "--site-gap": rem(plan.siteGapPx),
    "--site-columns": plan.columns.length,
  } as CSSProperties;
  return (
    <section ref={section} className={`tiles ${plan.named ? "named worded" : "bare"}${plan.tiny ? " tiny" : ""}${plan.columns.length > 1 ? " in-columns" : ""}`} aria-label={texts.overview.grid} style={style}>
      {plan.columns.map((from, column) => (
        <div key={column} className="tiles-column">
          {sites.slice(from, plan.columns[column + 1]).map((site) => (
            <Site key={site.name} site={site} named={plan.named} heightPx={gridPx(plan, site.places.length)} />
          ))}
        </div>
      ))}
    </section>
  );
});

const Site = memo(function Site({ site, named, heightPx }: { site: TileSite; named: boolean; heightPx: number | null }): ReactNode {
  const { name, places } = site;
  return (
    <div className="tiles-site">
      <h2 className="worded">
        {name} <span className="dim">{texts.overview.site(places.length)}</span>
      </h2>
      {named ? (
        <div className="tiles-grid">
          {places.map((place) => (
            <Tile key={place.id} id={place.id} name={place.name} />
          ))}
        </div>
      ) : (
        <BareTiles places={places} heightPx={heightPx} />
      )}
    </div>
  );
});

const Tile = memo(function Tile({ id, name }: { id: number; name: string }): ReactNode {
  const status = useStatus(id) ?? "unknown";
  return (
    <Link to={at("devices", id)} className={`tile is-${status}`} tabIndex={-1} title={texts.overview.tile(name, texts.status[status])}>
      <Glyph status={status} />
      <span className="tile-name">{name}</span>
      <span className="sr">{texts.status[status]}</span>
    </Link>
  );
});
