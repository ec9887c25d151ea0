// The filter of the list of devices, with what it may mean while one types.

import { useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { usePage } from "../data/context";
import { at, go, setQuery, useRoute } from "../data/route";
import { suggestions } from "../model/suggestions";
import { texts } from "../texts";
import { Icon } from "./Glyph";
import { useKeys } from "./keys";
import "./filterBox.css";

export function FilterBox(): ReactNode {
  const { fleet } = usePage().live;
  const { place, query } = useRoute();
  const text = place.page === "devices" ? (query.get("q") ?? "") : "";
  const box = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const offered = useMemo(() => (open ? suggestions(text, fleet.all()) : []), [open, text, fleet]);
  useKeys((key, _before, event) => {
    if (key !== "/") return;
    event.preventDefault();
    box.current?.focus();
    box.current?.select();
  });
  // Typing on another page means looking for a device.
  const look = (wanted: string): void => {
    setChosen(-1);
    if (place.page === "devices") setQuery({ q: wanted });
    else go(at("devices"), { query: { q: wanted } });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && offered.length > 0) {
      event.preventDefault();
      setChosen((before) => (before + step + offered.length + (before < 0 && step < 0 ? 1 : 0)) % offered.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && offered[chosen] !== undefined) {
      event.preventDefault();
      look(offered[chosen].text);
    } else if (event.key === "Escape" && text !== "") {
      event.stopPropagation();
      look("");
    } else if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
  };
  return (
    <div className="filter" role="search">
      <Icon name="search" />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-expanded={offered.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(chosen >= 0 && chosen < offered.length ? { "aria-activedescendant": `${listId}-${chosen}` } : {})}
        value={text}
        placeholder={texts.top.filterHint}
        aria-label={texts.top.filter}
        data-testid="filter"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => look(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {text === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button type="button" className="icon-button small" aria-label={texts.top.clear} onClick={() => look("")}>
          <Icon name="close" />
        </button>
      )}
      <ul className="suggestions" role="listbox" id={listId} aria-label={texts.deviceDesk.suggestions} hidden={offered.length === 0} data-testid="suggestions">
        {offered.map((one, index) => (
          <li
            key={one.token}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            // Before the box loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              look(one.text);
            }}
          >
            <code>{one.token}</code>
            {one.count === null ? null : <span className="num">{one.count.toLocaleString(texts.locale)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
