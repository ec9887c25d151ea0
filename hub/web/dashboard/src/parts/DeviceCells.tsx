// A device's row where there is width for columns.

import type { ReactNode } from "react";

import { useNow } from "../data/clock";
import { usePage } from "../data/context";
import { isStale, latencyIntervalS, type Device, type Row } from "../model/device";
import { clock, instant, span, utc } from "../model/format";
import { trailSpanMs } from "../model/trail";
import { answerFor } from "../model/words";
import { texts } from "../texts";
import { Latency, Loss, Traffic } from "./DeviceFigures";
import { Glyph } from "./Glyph";
import { LatencySpark, TrafficSpark } from "./Spark";

export function DeviceCells({ row, href }: { row: Row; href: string }): ReactNode {
  const nowMs = useNow();
  const { device } = row;
  const spanMs = trailSpanMs(nowMs - usePage().live.fleet.startedMs);
  const latencyS = latencyIntervalS(device);
  const trafficS = device.snmp?.intervalS ?? 30;
  const oldLatency = isStale(device.latency?.timestamp, latencyS, nowMs);
  const oldTraffic = isStale(device.bandwidth?.timestamp, trafficS, nowMs);
  return (
    <>
      <span className="cell state" role="cell" title={answerFor(device, nowMs)}>
        <Glyph status={device.status} />
        <span className="word">{texts.status[device.status]}</span>
      </span>
      <span className="cell name" role="cell">
        <a href={href} title={device.name}>
          {device.name}
        </a>
      </span>
      <span className="cell address" role="cell" title={device.address}>
        {device.address}
      </span>
      <span className="cell site" role="cell" title={device.siteName}>
        {device.siteName}
      </span>
      <Latency device={device} stale={oldLatency} />
      <span className={`cell trail latency-trail${oldLatency ? " stale" : ""}`} role="cell">
        <LatencySpark trail={row.rtt} nowMs={nowMs} spanMs={spanMs} intervalS={latencyS} />
        <Age stale={oldLatency} timestamp={device.latency?.timestamp} nowMs={nowMs} />
      </span>
      <Loss device={device} stale={oldLatency} />
      <Traffic device={device} way="in" stale={oldTraffic} />
      <Traffic device={device} way="out" stale={oldTraffic} />
      <span className={`cell trail traffic-trail${oldTraffic ? " stale" : ""}`} role="cell">
        <TrafficSpark inBps={row.inBps} outBps={row.outBps} nowMs={nowMs} spanMs={spanMs} intervalS={trafficS} />
        <Age stale={oldTraffic} timestamp={device.bandwidth?.timestamp} nowMs={nowMs} />
      </span>
      <Since device={device} nowMs={nowMs} />
    </>
  );
}

function Age(props: { stale: boolean; timestamp: string | undefined; nowMs: number }): ReactNode {
  if (!props.stale || props.timestamp === undefined) return null;
  const age = span(props.nowMs - Date.parse(props.timestamp));
  return (
    <span className="age" title={texts.devices.stale(age)}>
      {age} old
    </span>
  );
}

function Since({ device, nowMs }: { device: Device; nowMs: number }): ReactNode {
  const ms = instant(device.statusSince);
  const title = ms === null ? device.statusReason : `${clock(ms, nowMs, { seconds: true })}\n${utc(ms)}\n${device.statusReason}`;
  return (
    <span className="cell since" role="cell" title={title}>
      <span className="num">{ms === null ? "–" : span(nowMs - ms)}</span>
      {device.status === "online" ? null : <span className="reason">{device.statusReason}</span>}
    </span>
  );
}
