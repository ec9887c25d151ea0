// An interface's traffic, errors and discards over the time that is asked for, and as they go on.

import { useMemo, type ReactNode } from "react";

import { useFollowedPolls } from "../../data/following";
import { useHistory } from "../../data/history";
import { useMarks } from "../../data/marks";
import { useSpan } from "../../data/span";
import { useQuery } from "../../data/useQuery";
import { useNow } from "../../data/clock";
import type { Interface } from "../../model/device";
import { rate, span } from "../../model/format";
import { monthName, monthsBack, type BandwidthMonth } from "../../model/month";
import { joined, since, type BandwidthColumns } from "../../model/series";
import { errorsPlot, hasFaults, livePolls, trafficPlot, type TrafficLevels } from "../../model/trafficPlot";
import { LiveChart } from "../../parts/chart/LiveChart";
import { SpanPicker } from "../../parts/chart/SpanPicker";
import { TimeChart } from "../../parts/chart/TimeChart";
import { Waiting } from "../../parts/Answered";
import { texts } from "../../texts";

const POINTS = 1_200;

export function Traffic({ port, fileName, intervalS }: { port: Interface; fileName: string; intervalS: number }): ReactNode {
  const chosen = useSpan();
  const { columns, trouble } = useHistory<BandwidthColumns>(`/interfaces/${port.id}/bandwidth`, chosen.span, POINTS);
  const polls = useFollowedPolls(port.id);
  const marks = useMarks(port.deviceId, chosen.span);
  const levels = useLevels(port);
  const intervalMs = intervalS * 1000;
  const { live } = chosen.span;
  const whole = useMemo(() => (columns === null ? null : withLive(columns, polls, live)), [columns, polls, live]);
  const plot = useMemo(() => (whole === null ? null : trafficPlot(whole, intervalMs, levels, marks)), [whole, intervalMs, levels, marks]);
  const faults = useMemo(() => (columns === null ? null : errorsPlot(columns, intervalMs)), [columns, intervalMs]);
  const focused = useMemo(() => trafficPlot(livePolls(polls), 1_000, null, []), [polls]);
  const words = texts.deviceChart;
  const stepS = columns?.stepS ?? null;
  const notes = [stepS === null ? words.polls : words.steps(span(stepS * 1000)), above(plot, port.speedBps)];
  return (
    <section className="panel-section" data-testid="traffic">
      <header>
        <SpanPicker chosen={chosen} />
      </header>
      {trouble === null ? null : (
        <p className="trouble-line" role="status">
          {words.failed(trouble)}
        </p>
      )}
      {plot === null || faults === null ? (
        trouble === null ? <Waiting /> : null
      ) : (
        <>
          <TimeChart
            heading={words.traffic}
            plot={plot}
            chosen={chosen}
            syncKey={`interface ${port.id}`}
            heightPx={320}
            fileName={`${fileName} traffic`}
            empty={words.noTraffic}
            note={notes.filter((note) => note !== "").join(" ")}
            testId="traffic-chart"
          />
          {port.polled ? <LiveChart deviceId={port.deviceId} plot={focused} fileName={`${fileName} each second`} /> : null}
          {hasFaults(columns) || faults.times.length === 0 ? (
            <TimeChart heading={words.faults} plot={faults} chosen={chosen} syncKey={`interface ${port.id}`} heightPx={160} fileName={`${fileName} errors`} testId="faults-chart" />
          ) : (
            <p className="dim faults-none" data-testid="faults-none">
              {words.noFaults}
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** Polls that came live follow those that were read; steps have no place for them until they are read again. */
function withLive(columns: BandwidthColumns, polls: Parameters<typeof livePolls>[0], live: boolean): BandwidthColumns {
  if (!live || columns.stepS !== null) return columns;
  return joined(columns, since(livePolls(polls), (columns.tsMs.at(-1) ?? 0) + 1));
}

function useLevels(port: Interface): TrafficLevels {
  const [month = ""] = monthsBack(useNow(), 1);
  const answer = useQuery<BandwidthMonth>(`/interfaces/${port.id}/months/${month}`, { everyMs: 300_000 });
  const found = answer.phase === "ready" ? answer.data : null;
  const { speedBps } = port;
  return useMemo(
    () => ({ speedBps, inP95Bps: found?.inP95Bps ?? null, outP95Bps: found?.outP95Bps ?? null, month: monthName(month, texts.locale) }),
    [speedBps, found, month],
  );
}

/** Returns what is said of a capacity that would flatten the chart. */
function above(plot: ReturnType<typeof trafficPlot> | null, speedBps: number | null): string {
  if (plot === null || speedBps === null || plot.times.length === 0) return "";
  const most = plot.lines.flatMap(({ values }) => values).reduce<number>((so, value) => Math.max(so, value ?? 0), 0);
  const { value, unit } = rate(speedBps);
  return speedBps > most * 2.5 ? texts.deviceChart.capacityAbove(`${value} ${unit}`) : "";
}
