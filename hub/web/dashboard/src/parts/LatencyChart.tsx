// The last hour of a device's latency: the median on the smoke of its rounds' extremes, losses as marks below.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { useRounds } from "../data/rounds";
import { latencyIntervalS, type Device } from "../model/device";
import { delay, span } from "../model/format";
import { chartSpanMs, niceRange, smokePath, timeTicks, usualGapMs, type Round } from "../model/chart";
import { linePath, runs } from "../model/trail";
import { texts } from "../texts";

const BOX = { width: 480, height: 96 };
const MARKS_PX = 6;

export function LatencyChart({ device }: { device: Device }): ReactNode {
  const { rounds, failed } = useRounds(device.id);
  // A pixel is seven seconds wide; the picture need not move more often.
  const nowMs = Math.floor(useNow() / 5000) * 5000;
  const gapMs = useMemo(() => Math.max(latencyIntervalS(device) * 3000, usualGapMs(rounds) * 3), [device, rounds]);
  const spanMs = chartSpanMs(rounds, nowMs);
  const picture = useMemo(() => draw(rounds, nowMs, spanMs, gapMs), [rounds, nowMs, spanMs, gapMs]);
  return (
    <section className="panel-section">
      <header>
        <h3>{texts.device.latencyHeading(spanMs === 3_600_000 ? texts.device.hour : span(spanMs))}</h3>
      </header>
      {failed ? <p className="dim">{texts.device.latencyFailed}</p> : null}
      {picture === null ? (
        failed || rounds.length > 0 ? null : <p className="dim">{texts.device.latencyEmpty}</p>
      ) : (
        <div className="chart">
          <div className="chart-y" aria-hidden="true">
            {picture.labels.map((label) => (
              <span key={label}>{label}</span>
            ))}
          </div>
          <svg className="chart-plot" viewBox={`0 0 ${BOX.width} ${BOX.height + MARKS_PX + 2}`} preserveAspectRatio="none" aria-hidden="true">
            <path className="chart-grid" d={picture.grid} />
            <path className="chart-smoke" d={picture.smoke} />
            <path className="chart-line" d={picture.line} />
            <path className="chart-some" d={picture.some} />
            <path className="chart-much" d={picture.much} />
          </svg>
          <div className="chart-x" aria-hidden="true">
            {picture.ticks.map((tick) => (
              <span key={tick.label} style={{ left: `${tick.share * 100}%` }}>
                {tick.label}
              </span>
            ))}
          </div>
        </div>
      )}
    </section>
  );
}

function draw(rounds: readonly Round[], nowMs: number, spanMs: number, gapMs: number) {
  const fromMs = nowMs - spanMs;
  const seen = rounds.filter((round) => round.ms >= fromMs);
  const range = niceRange(seen);
  if (range === null) return null;
  const window = { fromMs, toMs: nowMs, low: range.low, high: range.high };
  const marks = (wanted: (lossRatio: number) => boolean): string =>
    seen
      .filter((round) => wanted(round.lossRatio))
      .map(({ ms }) => `M${(((ms - fromMs) / spanMs) * BOX.width).toFixed(1)} ${BOX.height + 2}v${MARKS_PX}`)
      .join("");
  return {
    line: linePath(runs(seen, window, BOX, gapMs)),
    smoke: smokePath(seen, window, BOX, gapMs),
    some: marks((loss) => loss > 0 && loss < 0.5),
    much: marks((loss) => loss >= 0.5),
    grid: range.ticks
      .map((value) => {
        const y = BOX.height - ((value - range.low) / (range.high - range.low)) * BOX.height;
        return `M0 ${y.toFixed(1)}H${BOX.width}`;
      })
      .join(""),
    labels: [...range.ticks].reverse().map((value) => {
      const { value: text, unit } = delay(value);
      return value === 0 ? "0" : `${text} ${unit}`;
    }),
    ticks: timeTicks(fromMs, nowMs),
  };
}
