// A device's row where there is width for columns. A cell is drawn again when what it says is another, whatever else of
// the device is.

import { memo, type ReactNode } from "react";

import { useClock } from "../../data/clock";
import { usePage } from "../../data/context";
import { useStatusBar } from "../../data/bars";
import type { ColumnKey } from "../../model/columns";
import { isStale, latencyIntervalS, type Device, type Row } from "../../model/device";
import { clock, instant, span, utc } from "../../model/format";
import { trailEdgeMs, trailSpanMs, type Trail } from "../../model/trail";
import { answerFor } from "../../model/words";
import { texts } from "../../texts";
import { Latency, Loss, Traffic } from "./DeviceFigures";
import { Glyph } from "../../parts/Glyph";
import { LatencySpark, TrafficSpark } from "../../parts/Spark";
import { ratioWords, StatusStrip, stripWords } from "../../parts/StatusStrip";
import { Ticking } from "../../parts/Written";

export function DeviceCells({ row, href, columns }: { row: Row; href: string; columns: readonly ColumnKey[] }): ReactNode {
  const { device } = row;
  const latencyS = latencyIntervalS(device);
  const trafficS = device.snmp?.intervalS ?? 30;
  // The row is drawn again when something in it is another, not each second.
  const oldLatency = useClock((nowMs) => isStale(device.latency?.timestamp, latencyS, nowMs));
  const oldTraffic = useClock((nowMs) => isStale(device.bandwidth?.timestamp, trafficS, nowMs));
  const cell = (key: ColumnKey): ReactNode => {
    switch (key) {
      case "state":
        return <State key={key} id={device.id} status={device.status} />;
      case "name":
        return <Name key={key} name={device.name} href={href} />;
      case "address":
        return <Plain key={key} className="address" text={device.address} />;
      case "site":
        return <Plain key={key} className="site" text={device.siteName} />;
      case "agent":
        return <Plain key={key} className="site" text={device.agentName ?? "–"} />;
      case "tags":
        return <Plain key={key} className="site" text={device.tags.join(", ")} />;
      case "bar":
        return <LastDay key={key} id={device.id} />;
      case "latency":
        return <Latency key={key} latency={device.latency} stale={oldLatency} />;
      case "latencyTrail":
        return <LatencyTrail key={key} trail={row.rtt} intervalS={latencyS} since={oldLatency ? device.latency?.timestamp : undefined} />;
      case "loss":
        return <Loss key={key} ratio={device.latency?.lossRatio ?? null} status={device.status} stale={oldLatency} />;
      case "in":
      case "out":
        return <Traffic key={key} bandwidth={device.bandwidth} way={key} stale={oldTraffic} />;
      case "trafficTrail":
        return <TrafficTrail key={key} inBps={row.inBps} outBps={row.outBps} intervalS={trafficS} since={oldTraffic ? device.bandwidth?.timestamp : undefined} />;
      case "since":
        return <Since key={key} status={device.status} since={device.statusSince} reason={device.statusReason} />;
    }
  };
  return <>{columns.map(cell)}</>;
}

const State = memo(function State({ id, status }: { id: number; status: Device["status"] }): ReactNode {
  const { fleet } = usePage().live;
  const told = (): string => {
    const device = fleet.get(id)?.device;
    return device === undefined ? "" : answerFor(device, Date.now());
  };
  return (
    <span className="cell state" role="cell" onMouseEnter={(event) => (event.currentTarget.title = told())}>
      <Glyph status={status} />
      <span className="word">{texts.status[status]}</span>
    </span>
  );
});

const Name = memo(function Name({ name, href }: { name: string; href: string }): ReactNode {
  return (
    <span className="cell name" role="cell">
      <a href={href} title={name}>
        {name}
      </a>
    </span>
  );
});

const Plain = memo(function Plain({ className, text }: { className: string; text: string }): ReactNode {
  return (
    <span className={`cell ${className}`} role="cell" title={text}>
      {text}
    </span>
  );
});

const LastDay = memo(function LastDay({ id }: { id: number }): ReactNode {
  const bar = useStatusBar(id);
  return (
    <span className="cell last-day" role="cell" title={bar === undefined ? "" : stripWords(bar)} data-testid="device-bar">
      <StatusStrip bar={bar} />
      <span className={`num${bar?.ratio != null && bar.ratio < 1 ? " some" : ""}`}>{bar === undefined ? "" : ratioWords(bar.ratio)}</span>
    </span>
  );
});

/** Where a trail of a row begins and ends. */
function useTrailTimes(trail: Trail, intervalS: number): { nowMs: number; spanMs: number } {
  const { startedMs } = usePage().live.fleet;
  const lastMs = trail.at(-1)?.ms;
  const nowMs = useClock((ms) => trailEdgeMs(ms, lastMs, intervalS));
  const spanMs = useClock((ms) => trailSpanMs(ms - startedMs));
  return { nowMs, spanMs };
}

/** `since` undefined: it is not old. */
const LatencyTrail = memo(function LatencyTrail({ trail, intervalS, since }: { trail: Trail; intervalS: number; since: string | undefined }): ReactNode {
  return (
    <span className={`cell trail latency-trail${since === undefined ? "" : " stale"}`} role="cell">
      <LatencySpark trail={trail} {...useTrailTimes(trail, intervalS)} intervalS={intervalS} />
      {since === undefined ? null : <Age timestamp={since} />}
    </span>
  );
});

const TrafficTrail = memo(function TrafficTrail(props: { inBps: Trail; outBps: Trail; intervalS: number; since: string | undefined }): ReactNode {
  const { inBps, outBps, intervalS, since } = props;
  return (
    <span className={`cell trail traffic-trail${since === undefined ? "" : " stale"}`} role="cell">
      <TrafficSpark inBps={inBps} outBps={outBps} {...useTrailTimes(inBps, intervalS)} intervalS={intervalS} />
      {since === undefined ? null : <Age timestamp={since} />}
    </span>
  );
});

function Age({ timestamp }: { timestamp: string }): ReactNode {
  const age = useClock((nowMs) => span(nowMs - Date.parse(timestamp)));
  return (
    <span className="age" title={texts.devices.stale(age)}>
      {texts.devices.old(age)}
    </span>
  );
}

const Since = memo(function Since({ status, since, reason }: { status: Device["status"]; since: string | null; reason: string }): ReactNode {
  const ms = instant(since);
  // Times in words cost more than all the rest of a row: they are put together when they are looked at.
  const told = (): string => (ms === null ? texts.hubSays(reason) : `${clock(ms, Date.now(), { seconds: true })}\n${utc(ms)}\n${texts.hubSays(reason)}`);
  return (
    <span className="cell since" role="cell" onMouseEnter={(event) => (event.currentTarget.title = told())}>
      <span className="since-line">
        <Ticking className="num" read={(nowMs) => (ms === null ? "–" : span(nowMs - ms))} />
        {status === "online" ? null : <span className="reason">{texts.hubSays(reason)}</span>}
      </span>
    </span>
  );
});
