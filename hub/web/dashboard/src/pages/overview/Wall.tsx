// The overview for a screen on the wall: read from four metres, without a pointer.

import { useLink } from "@noctule/client/hooks";
import { useLayoutEffect, useRef, useState, type ReactNode } from "react";

import { useClock } from "../../data/clock";
import { useObservable, usePage } from "../../data/context";
import { STATUS_ORDER } from "../../model/device";
import { clock, utc } from "../../model/format";
import { ROOT_PX, type Room } from "../../model/tiles";
import { AnswerForAll } from "../../parts/AnswerForAll";
import { Glyph } from "../../parts/Glyph";
import { texts } from "../../texts";
import { Firing } from "./Firing";
import { SiteTiles } from "./SiteTiles";
import "./wall.css";

const ALERTS_SHOWN = 8;

export function Wall(): ReactNode {
  const { fleet } = usePage().live;
  const counts = useObservable(fleet.counts);
  const tiles = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Room | null>(null);
  useLayoutEffect(() => {
    document.documentElement.classList.add("on-wall");
    return () => document.documentElement.classList.remove("on-wall");
  }, []);
  useLayoutEffect(() => {
    const element = tiles.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const { width, height } = element.getBoundingClientRect();
      const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / ROOT_PX;
      setRoom({ widthPx: Math.floor(width / scale), heightPx: Math.floor(height / scale) });
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  return (
    <div className="wall-page" data-testid="wall">
      <header className="wall-head worded">
        <div className="wall-counts">
          {STATUS_ORDER.filter((status) => counts[status] > 0).map((status) => (
            <span key={status} className={`wall-count is-${status}`}>
              <Glyph status={status} />
              <span className="num">{counts[status].toLocaleString(texts.locale)}</span>
              <span className="wall-word">{texts.status[status]}</span>
            </span>
          ))}
        </div>
        <AnswerForAll className="wall-answer" />
        <Clock />
      </header>
      <div className="wall-tiles" ref={tiles}>
        {room === null ? null : <SiteTiles widthPx={room.widthPx} heightPx={room.heightPx} />}
      </div>
      <div className="wall-side worded">
        <Firing shown={ALERTS_SHOWN} />
      </div>
    </div>
  );
}

function Clock(): ReactNode {
  const { phase } = useLink();
  const minuteMs = useClock((nowMs) => Math.floor(nowMs / 60_000) * 60_000);
  return (
    <p className="wall-clock num" title={utc(minuteMs)}>
      <span className={`wall-pulse ${phase}`} aria-hidden="true" />
      <span className="wall-link">{texts.link.words[phase]}</span>
      {clock(minuteMs, minuteMs)}
    </p>
  );
}
