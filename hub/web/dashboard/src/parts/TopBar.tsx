// The bar above everything: filter, counts by state, link and age of the data, theme, person.

import { useEffect, useRef, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { go, setQuery, useRoute } from "../data/route";
import { change, settings, type Theme } from "../data/settings";
import { STATUS_ORDER } from "../model/device";
import { parseFilter, toggleToken } from "../model/filter";
import { texts } from "../texts";
import { Glyph, Icon } from "./Glyph";
import { useKeys } from "./keys";
import { LinkBadge } from "./LinkState";
import { Person } from "./Person";

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

export function TopBar(): ReactNode {
  const { theme } = useObservable(settings);
  return (
    <header className="topbar">
      <FilterBox />
      <StateCounts />
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

function FilterBox(): ReactNode {
  const { place, query } = useRoute();
  const text = query.get("q") ?? "";
  const box = useRef<HTMLInputElement>(null);
  useKeys((key, _before, event) => {
    if (key !== "/") return;
    event.preventDefault();
    box.current?.focus();
    box.current?.select();
  });
  useEffect(() => {
    // Typing on another page means looking for a device.
    if (text !== "" && place.page !== "devices") go({ page: "devices", deviceId: null });
  }, [text, place.page]);
  return (
    <div className="filter" role="search">
      <Icon name="search" />
      <input
        ref={box}
        type="text"
        value={text}
        placeholder={texts.top.filterHint}
        aria-label={texts.top.filter}
        data-testid="filter"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        onChange={(event) => setQuery("q", event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text !== "") {
            event.stopPropagation();
            setQuery("q", "");
          } else if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
        }}
      />
      {text === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button type="button" className="icon-button small" aria-label={texts.top.clear} onClick={() => setQuery("q", "")}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function StateCounts(): ReactNode {
  const { fleet } = usePage().live;
  const counts = useObservable(fleet.counts);
  const { place, query } = useRoute();
  const text = query.get("q") ?? "";
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
              setQuery("q", toggleToken(text, "state", status));
              if (place.page !== "devices") go({ page: "devices", deviceId: null });
            }}
          >
            <Glyph status={status} />
            <span className="num">{n.toLocaleString("en-GB")}</span>
            <span className="word">{word}</span>
          </button>
        );
      })}
    </div>
  );
}
