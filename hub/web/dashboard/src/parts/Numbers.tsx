// Figures with dim units, bars, and times with UTC on hover.

import type { ReactNode } from "react";

import { clock, utc, type Figure } from "../model/format";

export function Num({ figure }: { figure: Figure }): ReactNode {
  return (
    <>
      <span className="num">{figure.value}</span>
      <span className="unit">{figure.unit}</span>
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

export function Time(props: { ms: number; nowMs: number; seconds?: boolean }): ReactNode {
  const { ms, nowMs, seconds = false } = props;
  return (
    <time dateTime={new Date(ms).toISOString()} title={utc(ms)}>
      {clock(ms, nowMs, { seconds })}
    </time>
  );
}
