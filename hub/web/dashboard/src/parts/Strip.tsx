// What has just happened, newest first. While someone reads further down, new lines wait behind a bar.

import { useLink } from "@noctule/client/hooks";
import { memo, useEffect, useRef, useState, type ReactNode } from "react";

import { useToday } from "../data/clock";
import { useObservable, usePage } from "../data/context";
import { toneOf, type Entry } from "../data/journal";
import { at } from "../data/route";
import { change, settings } from "../data/settings";
import { entryWords } from "../model/words";
import { texts } from "../texts";
import { Glyph, Icon } from "./Glyph";
import { Link } from "./Link";
import { Time } from "./Numbers";
import "./strip.css";

/** `brief`: the newest line alone. */
export function Strip({ brief }: { brief: boolean }): ReactNode {
  const { journal } = usePage().live;
  const entries = useObservable(journal.entries);
  const isOpen = useObservable(settings).stripOpen && !brief;
  const todayMs = useToday();
  const { phase } = useLink();
  const [reading, setReading] = useState<readonly Entry[] | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const held = reading ?? entries;
  const waiting = reading === null ? 0 : entries.findIndex((entry) => entry.key === reading[0]?.key);
  useEffect(() => {
    if (!isOpen) setReading(null);
  }, [isOpen]);
  const toTop = (): void => {
    setReading(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <section className={`strip${isOpen ? "" : " closed"}`} aria-label={texts.strip.heading}>
      <header className="strip-head">
        <h2>{texts.strip.heading}</h2>
        {isOpen ? null : <Newest entry={entries[0]} todayMs={todayMs} />}
        {waiting > 0 ? (
          <button type="button" className="notice" onClick={toTop}>
            {texts.strip.newOnes(waiting)}
          </button>
        ) : null}
        {brief ? null : <Toggle isOpen={isOpen} />}
      </header>
      {isOpen ? (
        <div
          className="strip-lines"
          ref={scroller}
          role="log"
          aria-live="off"
          tabIndex={0}
          aria-label={texts.strip.heading}
          onScroll={(event) => {
            const away = event.currentTarget.scrollTop > 8;
            if (away !== (reading !== null)) setReading(away ? entries : null);
          }}
        >
          {held.length === 0 ? <p className="strip-empty">{phase === "live" ? texts.strip.empty : texts.strip.unlinked}</p> : null}
          {held.map((entry) => (
            <Line key={entry.key} entry={entry} todayMs={todayMs} />
          ))}
        </div>
      ) : null}
    </section>
  );
}

function Toggle({ isOpen }: { isOpen: boolean }): ReactNode {
  const word = isOpen ? texts.strip.collapse : texts.strip.expand;
  return (
    <button type="button" className="icon-button small" aria-expanded={isOpen} aria-label={word} title={word} onClick={() => change({ stripOpen: !isOpen })}>
      <Icon name={isOpen ? "down" : "up"} />
    </button>
  );
}

function Newest({ entry, todayMs }: { entry: Entry | undefined; todayMs: number }): ReactNode {
  return entry === undefined ? null : (
    <div className="strip-newest">
      <Line entry={entry} todayMs={todayMs} />
    </div>
  );
}

/** There are hundreds: a new one renders itself and no other. */
const Line = memo(function Line({ entry, todayMs }: { entry: Entry; todayMs: number }): ReactNode {
  const { lead, subject, text, why, deviceId } = entryWords(entry);
  const place = deviceId === null ? null : at("devices", deviceId);
  return (
    <div className="line" data-testid="event-line">
      <Time ms={entry.atMs} nowMs={todayMs} seconds />
      <Glyph status={toneOf(entry)} />
      {lead === "" ? null : <span className="line-text line-lead">{lead}</span>}
      {place === null ? (
        <span className="line-subject">{subject}</span>
      ) : (
        <Link to={place} className="line-subject">
          {subject}
        </Link>
      )}
      {text === "" ? null : <span className="line-text">{text}</span>}
      <span className="line-why" title={why}>
        {why}
      </span>
      {entry.event.late === true ? <span className="tag">{texts.strip.late}</span> : null}
      {entry.event.test === true ? <span className="tag">{texts.strip.test}</span> : null}
    </div>
  );
});
