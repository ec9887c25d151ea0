// How a device was in the last 24 hours.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useStatus } from "../../data/context";
import { useHistory } from "../../data/history";
import { useQuery } from "../../data/useQuery";
import type { StatusSpan } from "../../model/month";
import type { LatencyColumns } from "../../model/series";
import { piecesOf } from "../../model/statusBar";
import { StatusBar, type Missing } from "../../parts/StatusBar";
import { texts } from "../../texts";

const DAY_MS = 86_400_000;
const STEP_MS = 60_000;
/** States are told live; the past changes only when something becomes known late. */
const EVERY_MS = 300_000;

export function StatusHistory({ deviceId }: { deviceId: number }): ReactNode {
  const status = useStatus(deviceId);
  const minute = Math.ceil(useNow() / STEP_MS);
  // A new question when its state changes, else each five minutes: the bar itself moves on by the minute.
  const asked = useMemo(() => new Date(Date.now() - DAY_MS).toISOString(), [status, deviceId]);
  const answer = useQuery<{ items: StatusSpan[] }>(`/devices/${deviceId}/statuses?from=${asked}`, { everyMs: EVERY_MS });
  const [fromMs, toMs] = [minute * STEP_MS - DAY_MS, minute * STEP_MS];
  const pieces = useMemo(() => (answer.phase === "ready" ? piecesOf(answer.data.items, fromMs, toMs) : []), [answer, fromMs, toMs]);
  const missing = useMissing(deviceId, fromMs, toMs);
  const words = texts.device.history;
  return (
    <section className="panel-section">
      <header>
        <h3>{words.heading}</h3>
      </header>
      {answer.phase === "failed" ? (
        <p className="dim" role="alert">
          {words.failed(answer.message)}
        </p>
      ) : answer.phase === "loading" ? (
        <div className="skeleton status-waiting" />
      ) : pieces.length === 0 ? (
        <p className="dim">{words.none}</p>
      ) : (
        <StatusBar pieces={pieces} missing={missing} />
      )}
    </section>
  );
}

/** Returns the times of which the agent told that data is missing. */
function useMissing(deviceId: number, fromMs: number, toMs: number): Missing[] {
  const span = useMemo(() => ({ fromMs: Date.now() - DAY_MS, toMs: Date.now(), live: true }), [deviceId]);
  const { columns } = useHistory<LatencyColumns>(`/devices/${deviceId}/latency`, span, 50);
  return useMemo(
    () =>
      (columns?.gaps ?? []).map((gap) => {
        const [begin, end] = [Math.max(fromMs, Date.parse(gap.from)), Math.min(toMs, Date.parse(gap.to))];
        return { left: (begin - fromMs) / (toMs - fromMs), width: Math.max(0, end - begin) / (toMs - fromMs), text: texts.hubSays(gap.reason) };
      }),
    [columns, fromMs, toMs],
  );
}
