// The last hour of a device's latency: the median on the smoke of its rounds' extremes, losses as marks below.

import { useLatency } from "@noctule/client/hooks";
import { useEffect, useMemo, useState, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { usePage } from "../data/context";
import { latencyIntervalS, type Device } from "../model/device";
import { delay, span } from "../model/format";
import { chartSpanMs, niceRange, smokePath, timeTicks, usualGapMs, type Round } from "../model/chart";
import { linePath, runs } from "../model/trail";
import { texts } from "../texts";

const MAX_ROUNDS = 4_000;
const BOX = { width: 480, height: 96 };
const MARKS_PX = 6;

interface Columns {
  tsMs: number[];
  rttS: (number | null)[];
  lossRatio: number[];
  rttMinS: (number | null)[];
  rttMaxS: (number | null)[];
}

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

function useRounds(deviceId: number): { rounds: readonly Round[]; failed: boolean } {
  const { live } = usePage();
  const [rounds, setRounds] = useState<readonly Round[]>([]);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let over = false;
    live
      .get<Columns>(`/devices/${deviceId}/latency`)
      .then((columns) => {
        if (over) return;
        const past = columns.tsMs.map((ms, at) => ({
          ms,
          value: columns.rttS[at] ?? null,
          lossRatio: columns.lossRatio[at] ?? 0,
          low: columns.rttMinS[at] ?? null,
          high: columns.rttMaxS[at] ?? null,
        }));
        setRounds((since) => [...past, ...since.filter((round) => round.ms > (past.at(-1)?.ms ?? 0))]);
      })
      .catch(() => {
        if (!over) setFailed(true);
      });
    return () => {
      over = true;
    };
  }, [live, deviceId]);
  useLatency(({ items, test }) => {
    if (test === true) return;
    for (const item of items) {
      if (item.deviceId !== deviceId) continue;
      const round = { ms: Date.parse(item.timestamp), value: item.rttS, lossRatio: item.lossRatio, low: null, high: null };
      setRounds((before) => {
        if (round.ms <= (before.at(-1)?.ms ?? 0)) return before;
        return [...before, round].slice(-MAX_ROUNDS);
      });
    }
  });
  return { rounds, failed };
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
