// A device's latency and loss over the time that is asked for, and as it goes on.

import { useMemo, type ReactNode } from "react";

import { useFollowedRounds } from "../../data/following";
import { useHistory } from "../../data/history";
import { useMarks } from "../../data/marks";
import { setQuery, useRoute } from "../../data/route";
import { useSpan } from "../../data/span";
import { latencyIntervalS, type Device } from "../../model/device";
import { span } from "../../model/format";
import { latencyPlot, liveRounds } from "../../model/latencyPlot";
import { joined, since, type LatencyColumns } from "../../model/series";
import { LiveChart } from "../../parts/chart/LiveChart";
import { SpanPicker } from "../../parts/chart/SpanPicker";
import { TimeChart } from "../../parts/chart/TimeChart";
import { Waiting } from "../../parts/Answered";
import { texts } from "../../texts";

export function LatencySection({ device, large }: { device: Device; large: boolean }): ReactNode {
  const chosen = useSpan();
  const { columns, trouble } = useHistory<LatencyColumns>(`/devices/${device.id}/latency`, chosen.span, large ? 1_600 : 800);
  const rounds = useFollowedRounds(device.id);
  const marks = useMarks(device.id, chosen.span);
  const log = useRoute().query.get("scale") === "log";
  const intervalMs = latencyIntervalS(device) * 1000;
  const plot = useMemo(() => (columns === null ? null : latencyPlot(withLive(columns, rounds, chosen.span.live), intervalMs, marks, log)), [columns, rounds, chosen.span.live, intervalMs, marks, log]);
  const focused = useMemo(() => latencyPlot(liveRounds(rounds), 1_000, []), [rounds]);
  const words = texts.deviceChart;
  const stepS = columns?.stepS ?? null;
  return (
    <section className="panel-section" data-testid="latency">
      <header>
        <SpanPicker chosen={chosen} />
        <button type="button" className="span-choice" aria-pressed={log} onClick={() => setQuery({ scale: log ? "" : "log" })}>
          {words.log}
        </button>
      </header>
      {trouble === null ? null : (
        <p className="trouble-line" role="status">
          {words.failed(trouble)}
        </p>
      )}
      {plot === null ? (
        trouble === null ? <Waiting /> : null
      ) : (
        <TimeChart
          heading={words.latency}
          plot={plot}
          chosen={chosen}
          syncKey={`device ${device.id}`}
          heightPx={large ? 300 : 200}
          fileName={`${device.name} latency`}
          empty={words.noRound}
          note={stepS === null ? words.rounds : words.steps(span(stepS * 1000))}
          testId="latency-chart"
        />
      )}
      <LiveChart deviceId={device.id} plot={focused} fileName={`${device.name} each second`} />
    </section>
  );
}

/** Rounds that came live follow those that were read; steps have no place for them until they are read again. */
function withLive(columns: LatencyColumns, rounds: Parameters<typeof liveRounds>[0], live: boolean): LatencyColumns {
  if (!live || columns.stepS !== null) return columns;
  const newest = since(liveRounds(rounds), (columns.tsMs.at(-1) ?? 0) + 1);
  return joined(columns, newest);
}
