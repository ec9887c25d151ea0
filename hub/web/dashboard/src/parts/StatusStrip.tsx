// A device's last hours by state: a thin bar, its faults taller than what is well, so that it reads without colour too.

import { memo, type ReactNode } from "react";

import { percent } from "../model/format";
import { runsOf, stepsByStatus, type StatusBar } from "../model/statusStrip";
import { texts } from "../texts";
import "./statusStrip.css";

const HEIGHT = 12;
/** From the top, of 12: what is well is low, what is not stands up to its rank. */
const TOPS = { online: 5, maintenance: 5, unknown: 7, degraded: 2, unreachable: 0, offline: 0 } as const;

export const StatusStrip = memo(function StatusStrip({ bar }: { bar: StatusBar | undefined }): ReactNode {
  if (bar === undefined) return <span className="status-strip awaited" />;
  const steps = bar.bar.length;
  return (
    <svg className="status-strip" viewBox={`0 0 ${Math.max(steps, 1)} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={stripWords(bar)}>
      {runsOf(bar.bar).map(({ status, from, length }) => (
        <rect key={from} className={`strip-${status}`} x={from} y={TOPS[status]} width={length} height={HEIGHT - TOPS[status]} />
      ))}
    </svg>
  );
});

export function ratioWords(ratio: number | null): string {
  const { value, unit } = percent(ratio);
  return `${value} ${unit}`.trim();
}

export function stripWords(bar: StatusBar): string {
  const { lastDay, ofSteps, nothing } = texts.deviceDesk.bar;
  const parts = stepsByStatus(bar.bar).map(([status, steps]) => ofSteps(texts.status[status].toLowerCase(), steps / 2));
  return parts.length === 0 ? nothing : lastDay(ratioWords(bar.ratio), parts);
}
