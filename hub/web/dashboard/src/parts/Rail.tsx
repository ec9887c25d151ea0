// The way between the pages: a rail at the left; on a phone a bar at the bottom with the first of them and a list of all.

import { useState, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { useMedia } from "../data/media";
import { at, useLinkTo, useRoute } from "../data/route";
import { change, settings } from "../data/settings";
import { entryOf, pagesOf, type Group, type PageEntry } from "../pages/registry";
import { texts } from "../texts";
import { Dialog } from "./Dialog";
import { Icon, Mark } from "./Glyph";
import "./rail.css";

const GROUPS: readonly Group[] = ["watch", "run", "manage", "own"];
/** So many have room at the bottom of a phone, beside the way to the others. */
const AT_HAND = 4;

export function Rail({ onHelp }: { onHelp: () => void }): ReactNode {
  const { live } = usePage();
  const { railOpen } = useObservable(settings);
  const { place } = useRoute();
  const onPhone = useMedia("(max-width: 640px)");
  const pages = pagesOf(live.role);
  const shown = pages.filter(({ icon }) => icon !== null);
  const here = entryOf(pages, place.page)?.page ?? null;
  const wide = useMedia("(min-width: 1101px)");
  return (
    <nav className={`rail${wide && railOpen ? "" : " closed"}`} aria-label={texts.rail.label}>
      <div className="brand">
        <Mark />
        <span className="brand-name">{texts.product}</span>
      </div>
      {onPhone ? <AtHand shown={shown} here={here} /> : <RailGroups shown={shown} here={here} />}
      <div className="rail-end">
        <button type="button" className="rail-item" title={`${texts.rail.help}  ?`} onClick={onHelp}>
          <Icon name="help" />
          <span className="word">{texts.rail.help}</span>
        </button>
        {wide ? <Collapse open={railOpen} /> : null}
      </div>
    </nav>
  );
}

interface Shown {
  readonly shown: readonly PageEntry[];
  readonly here: string | null;
}

function RailGroups({ shown, here }: Shown): ReactNode {
  return (
    <div className="rail-pages">
      {GROUPS.map((group) => {
        const entries = shown.filter((entry) => entry.group === group);
        if (entries.length === 0) return null;
        return (
          <div key={group} className="rail-group">
            {group === "watch" ? null : <h2>{texts.rail.groups[group]}</h2>}
            {entries.map((entry) => (
              <RailLink key={entry.page} entry={entry} here={entry.page === here} />
            ))}
          </div>
        );
      })}
    </div>
  );
}

function AtHand({ shown, here }: Shown): ReactNode {
  const [open, setOpen] = useState(false);
  const first = shown.length > AT_HAND + 1 ? shown.slice(0, AT_HAND) : shown;
  const elsewhere = shown.slice(first.length).some(({ page }) => page === here);
  return (
    <div className="rail-pages">
      {first.map((entry) => (
        <RailLink key={entry.page} entry={entry} here={entry.page === here} />
      ))}
      {first === shown ? null : (
        <button type="button" className="rail-item" aria-haspopup="dialog" aria-current={elsewhere ? "page" : undefined} onClick={() => setOpen(true)} data-testid="rail-more">
          <Icon name="pages" />
          <span className="word">{texts.rail.more}</span>
        </button>
      )}
      {open ? (
        <Dialog heading={texts.rail.label} onClose={() => setOpen(false)} testId="rail-all">
          <div onClick={(event) => event.target instanceof Element && event.target.closest("a") !== null && setOpen(false)}>
            <RailGroups shown={shown} here={here} />
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}

function Collapse({ open }: { open: boolean }): ReactNode {
  const word = open ? texts.rail.collapse : texts.rail.expand;
  return (
    <button type="button" className="rail-item" aria-label={word} title={word} aria-expanded={open} onClick={() => change({ railOpen: !open })}>
      <Icon name="rail" />
    </button>
  );
}

function RailLink({ entry, here }: { entry: PageEntry; here: boolean }): ReactNode {
  const word = texts.rail.pages[entry.page];
  const keys = entry.key === undefined ? "" : `  g ${entry.key}`;
  return (
    <a className="rail-item" {...useLinkTo(at(entry.page))} title={`${word}${keys}`} aria-current={here ? "page" : undefined} data-testid={`rail-${entry.page}`}>
      {entry.icon === null ? null : <Icon name={entry.icon} />}
      <span className="word">{word}</span>
      {entry.page === "alerts" ? <FiringBadge /> : null}
    </a>
  );
}

function FiringBadge(): ReactNode {
  const alerts = useObservable(usePage().live.journal.alerts);
  const firing = [...alerts.values()].filter(({ state }) => state === "firing").length;
  return firing === 0 ? null : <span className="badge num">{firing}</span>;
}
