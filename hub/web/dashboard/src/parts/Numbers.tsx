// Figures with dim units, bars, and times with UTC on hover.

import { memo, type ReactNode } from "react";

import { inUtc } from "../data/clock";
import { useObservable } from "../data/context";
import { clock, sameDay, utc, utcClock, type Figure } from "../model/format";
import { Written } from "./Written";
import "./numbers.css";

export function Num({ figure }: { figure: Figure }): ReactNode {
  return (
    <>
      <span className="num">{figure.value}</span>
      <span className="unit">{figure.unit}</span>
    </>
  );
}

/** A figure that writes itself: `read` is asked again whenever `listen` tells. */
export function LiveNum({ listen, read }: { listen: (listener: () => void) => () => void; read: () => Figure }): ReactNode {
  return (
    <>
      <Written className="num" listen={listen} read={() => read().value} />
      <Written className="unit" listen={listen} read={() => read().unit} />
    </>
  );
}

/** A thin bar; `ratio` null draws nothing, not even the track: there is nothing to compare. */
export function Bar({ ratio, way }: { ratio: number | null; way: "in" | "out" }): ReactNode {
  if (ratio === null || !Number.isFinite(ratio)) return <span className="bar-none" />;
  const share = Math.min(1, Math.max(0, ratio));
  return (
    <span className="bar">
      <span className={`bar-fill ${way}`} style={{ transform: `scaleX(${share.toFixed(4)})` }} />
    </span>
  );
}

/** How long ago something was or began, in words; its time is the tooltip. */
export function Age({ ms, className, children }: { ms: number; className?: string; children: ReactNode }): ReactNode {
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${clock(ms, Date.now(), { seconds: true })}\n${utc(ms)}`} {...(className === undefined ? {} : { className })}>
      {children}
    </time>
  );
}

/** A time of day, in UTC on hover, and all of them so by a key. Each second brings another `nowMs`, which says only whether it is still the same day. */
export const Time = memo(
  function Time(props: { ms: number; nowMs: number; seconds?: boolean }): ReactNode {
    const { ms, nowMs, seconds = false } = props;
    const told = useObservable(inUtc) ? utcClock : clock;
    return (
      <time dateTime={new Date(ms).toISOString()} title={utc(ms)}>
        {told(ms, nowMs, { seconds })}
      </time>
    );
  },
  (old, next) => old.ms === next.ms && old.seconds === next.seconds && sameDay(old.nowMs, next.nowMs),
);
