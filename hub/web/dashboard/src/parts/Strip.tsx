// What has just happened, newest first. While someone reads further down, new lines wait behind a bar.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { useObservable, usePage } from "../data/context";
import { toneOf, type Entry } from "../data/journal";
import { go, hrefOf, useRoute } from "../data/route";
import { change, settings } from "../data/settings";
import { entryWords } from "../model/words";
import { texts } from "../texts";
import { Glyph, Icon } from "./Glyph";
import { Time } from "./Numbers";

export function Strip(): ReactNode {
  const { journal } = usePage().live;
  const entries = useObservable(journal.entries);
  const { stripOpen } = useObservable(settings);
  const [reading, setReading] = useState<readonly Entry[] | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const held = reading ?? entries;
  const waiting = reading === null ? 0 : entries.findIndex((entry) => entry.key === reading[0]?.key);
  useEffect(() => {
    if (!stripOpen) setReading(null);
  }, [stripOpen]);
  const toTop = (): void => {
    setReading(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <section className={`strip${stripOpen ? "" : " closed"}`} aria-label={texts.strip.heading}>
      <header className="strip-head">
        <h2>{texts.strip.heading}</h2>
        {stripOpen ? null : <Newest entry={entries[0]} />}
        {waiting > 0 ? (
          <button type="button" className="notice" onClick={toTop}>
            {texts.strip.newOnes(waiting)}
          </button>
        ) : null}
        <button
          type="button"
          className="icon-button small"
          aria-expanded={stripOpen}
          aria-label={stripOpen ? texts.strip.collapse : texts.strip.expand}
          title={stripOpen ? texts.strip.collapse : texts.strip.expand}
          onClick={() => change({ stripOpen: !stripOpen })}
        >
          <Icon name={stripOpen ? "down" : "up"} />
        </button>
      </header>
      {stripOpen ? (
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
          {held.length === 0 ? <p className="strip-empty">{texts.strip.empty}</p> : null}
          {held.map((entry) => (
            <Line key={entry.key} entry={entry} />
          ))}
        </div>
      ) : null}
    </section>
  );
}

function Newest({ entry }: { entry: Entry | undefined }): ReactNode {
  return entry === undefined ? null : (
    <div className="strip-newest">
      <Line entry={entry} />
    </div>
  );
}

function Line({ entry }: { entry: Entry }): ReactNode {
  const nowMs = useNow();
  const { query } = useRoute();
  const { lead, subject, text, why, deviceId } = entryWords(entry);
  const place = deviceId === null ? null : ({ page: "devices", deviceId } as const);
  return (
    <div className="line" data-testid="event-line">
      <Time ms={entry.atMs} nowMs={nowMs} seconds />
      <Glyph status={toneOf(entry)} />
      {lead === "" ? null : <span className="line-text">{lead}</span>}
      {place === null ? (
        <span className="line-subject">{subject}</span>
      ) : (
        <a
          className="line-subject"
          href={hrefOf(place, query)}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            go(place);
          }}
        >
          {subject}
        </a>
      )}
      {text === "" ? null : <span className="line-text">{text}</span>}
      <span className="line-why" title={why}>
        {why}
      </span>
      {entry.event.late === true ? <span className="tag">{texts.strip.late}</span> : null}
      {entry.event.test === true ? <span className="tag">{texts.strip.test}</span> : null}
    </div>
  );
}
