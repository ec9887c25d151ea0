// The last minutes of a row in a few pixels. Holes stay holes; losses are marks under the line.

import { memo, type ReactNode } from "react";

import { areaPath, extent, linePath, runs, type Trail } from "../model/trail";
import "./spark.css";

const BOX = { width: 84, height: 20 };
const MARKS_PX = 3;

export const LatencySpark = memo(function LatencySpark(props: {
  trail: Trail;
  nowMs: number;
  spanMs: number;
  intervalS: number;
}): ReactNode {
  const { trail, nowMs, spanMs, intervalS } = props;
  const bounds = extent(trail);
  const view = { fromMs: nowMs - spanMs, toMs: nowMs };
  const lost = trail.filter((point) => point.value === null && point.ms >= view.fromMs);
  // A third of the least value is the smallest span shown: below it there is only noise.
  const high = bounds === null ? 1 : Math.max(bounds.high, bounds.low * 1.33);
  const window = { ...view, low: bounds?.low ?? 0, high };
  const plot = { width: BOX.width, height: BOX.height - MARKS_PX - 3 };
  return (
    <svg className="spark" viewBox={`0 0 ${BOX.width} ${BOX.height}`} preserveAspectRatio="none" aria-hidden="true">
      <path className="spark-line" d={linePath(runs(trail, window, plot, intervalS * 3000))} transform="translate(0 1.5)" />
      {lost.length === 0 ? null : <path className="spark-lost" d={lossMarks(lost, view.fromMs, spanMs)} />}
    </svg>
  );
});

function lossMarks(lost: Trail, fromMs: number, spanMs: number): string {
  return lost
    .map(({ ms }) => {
      const x = (((ms - fromMs) / spanMs) * BOX.width).toFixed(1);
      return `M${x} ${BOX.height - MARKS_PX}v${MARKS_PX}`;
    })
    .join("");
}

export const TrafficSpark = memo(function TrafficSpark(props: {
  inBps: Trail;
  outBps: Trail;
  nowMs: number;
  spanMs: number;
  intervalS: number;
}): ReactNode {
  const { inBps, outBps, nowMs, spanMs, intervalS } = props;
  const high = Math.max(extent(inBps)?.high ?? 0, extent(outBps)?.high ?? 0, 1);
  const window = { fromMs: nowMs - spanMs, toMs: nowMs, low: 0, high };
  const half = { width: BOX.width, height: BOX.height / 2 - 0.5 };
  const gapMs = intervalS * 3000;
  return (
    <svg className="spark" viewBox={`0 0 ${BOX.width} ${BOX.height}`} preserveAspectRatio="none" aria-hidden="true">
      <path className="spark-in" d={areaPath(runs(inBps, window, half, gapMs), half.height)} />
      <path
        className="spark-out"
        d={areaPath(runs(outBps, window, half, gapMs), half.height)}
        transform={`translate(0 ${BOX.height}) scale(1 -1)`}
      />
    </svg>
  );
});
