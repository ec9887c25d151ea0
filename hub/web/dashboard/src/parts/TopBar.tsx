// The bar above everything: filter, counts by state, link and age of the data, theme, person.

import type { ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { at, go, setQuery, useRoute } from "../data/route";
import { change, settings, type Theme } from "../data/settings";
import { STATUS_ORDER } from "../model/device";
import { parseFilter, toggleToken } from "../model/filter";
import { texts } from "../texts";
import { FilterBox } from "./FilterBox";
import { Glyph, Icon } from "./Glyph";
import { LinkBadge } from "./LinkState";
import { Person } from "./Person";
import "./topBar.css";

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

export function TopBar(): ReactNode {
  const { theme } = useObservable(settings);
  const { staff } = usePage().live;
  return (
    <header className="topbar">
      {staff ? <FilterBox /> : null}
      {staff ? <StateCounts /> : null}
      <div className="topbar-end">
        <LinkBadge />
        <button
          type="button"
          className="icon-button"
          title={texts.top.theme[theme]}
          aria-label={texts.top.theme[theme]}
          onClick={() => change({ theme: NEXT_THEME[theme] })}
        >
          <Icon name={theme} />
        </button>
        <Person />
      </div>
    </header>
  );
}

function StateCounts(): ReactNode {
  const { fleet } = usePage().live;
  const counts = useObservable(fleet.counts);
  const { place, query } = useRoute();
  const text = place.page === "devices" ? (query.get("q") ?? "") : "";
  const chosen = parseFilter(text).tokens.filter((token) => token.key === "state");
  if (Object.values(counts).every((n) => n === 0)) return null;
  return (
    <div className="counts" role="group" aria-label={texts.top.counts}>
      {STATUS_ORDER.map((status) => {
        const n = counts[status];
        const word = texts.status[status];
        const on = chosen.some((token) => token.value === status);
        // Online is always shown; any other state only while a device is in it, or the filter asks for it.
        if (n === 0 && status !== "online" && !on) return null;
        return (
          <button
            key={status}
            type="button"
            className={`count is-${status}`}
            aria-pressed={on}
            title={texts.top.countTitle(n, word)}
            data-testid={`count-${status}`}
            onClick={() => {
              const wanted = toggleToken(text, "state", status);
              if (place.page === "devices") setQuery({ q: wanted });
              else go(at("devices"), { query: { q: wanted } });
            }}
          >
            <Glyph status={status} />
            <span className="num">{n.toLocaleString(texts.locale)}</span>
            <span className="word">{word}</span>
          </button>
        );
      })}
    </div>
  );
}
