// The line above a site's devices when the list is grouped: the site and what is not well in it.

import type { ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { countByStatus, STATUS_ORDER, type Row } from "../../model/device";
import { texts } from "../../texts";
import { Glyph } from "../../parts/Glyph";
import "./siteRow.css";

export function SiteRow({ name, ids, topPx }: { name: string; ids: readonly number[]; topPx: number }): ReactNode {
  const { fleet } = usePage().live;
  useObservable(fleet.revision);
  const counts = countByStatus(ids.map((id) => fleet.get(id)).filter((row): row is Row => row !== undefined));
  return (
    <div className="row site-row" role="row" style={{ transform: `translateY(${topPx}px)` }}>
      <span className="site-name" role="cell">
        {name}
      </span>
      <span className="site-counts" role="cell">
        {STATUS_ORDER.filter((status) => counts[status] > 0).map((status) => (
          <span key={status} className="site-count">
            <Glyph status={status} />
            <span className="num">{counts[status]}</span> {texts.status[status].toLowerCase()}
          </span>
        ))}
      </span>
    </div>
  );
}
