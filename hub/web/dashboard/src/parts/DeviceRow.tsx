// One device in the list. A change of the device renders this row and no other.

import type { MouseEvent, ReactNode } from "react";

import { useNow } from "../data/clock";
import { useObservable, usePage, useRow } from "../data/context";
import { go, hrefOf, useRoute } from "../data/route";
import { isStale, latencyIntervalS, type Device, type Row } from "../model/device";
import { clock, delay, instant, percent, rate, span, utc } from "../model/format";
import { trailSpanMs } from "../model/trail";
import { answerFor } from "../model/words";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import { Bar, Num } from "./Numbers";
import { LatencySpark, TrafficSpark } from "./Spark";

export interface DeviceRowProps {
  id: number;
  index: number;
  topPx: number;
  phone: boolean;
  open: boolean;
}

export function DeviceRow({ id, index, topPx, phone, open }: DeviceRowProps): ReactNode {
  const row = useRow(id);
  const { query } = useRoute();
  if (row === undefined) return null;
  const place = { page: "devices", deviceId: id } as const;
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(place);
  };
  return (
    <div
      className={`row device-row is-${row.device.status}${open ? " is-open" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-current={open ? "true" : undefined}
      data-testid="device-row"
      data-device-id={id}
      data-status={row.device.status}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={follow}
    >
      {phone ? <PhoneCells row={row} href={hrefOf(place, query)} /> : <Cells row={row} href={hrefOf(place, query)} />}
    </div>
  );
}

function Cells({ row, href }: { row: Row; href: string }): ReactNode {
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

function Latency({ device, stale }: { device: Device; stale: boolean }): ReactNode {
  const { latency } = device;
  const mdev = latency?.mdevS ?? null;
  const figure = mdev === null ? null : delay(mdev);
  const title =
    latency === null
      ? texts.devices.never
      : [
          texts.devices.measured(utc(Date.parse(latency.timestamp))),
          figure === null ? "" : texts.devices.mdev(`${figure.value} ${figure.unit}`),
          latency.source === "snmp" ? texts.devices.snmpTitle : "",
        ]
          .filter((part) => part !== "")
          .join("\n");
  return (
    <span className={`cell figure latency${stale ? " stale" : ""}`} role="cell" data-testid="device-latency" title={title}>
      {latency?.source === "snmp" ? <span className="tag">{texts.devices.snmp}</span> : null}
      <Num figure={delay(latency?.rttS ?? null)} />
    </span>
  );
}

function Loss({ device, stale }: { device: Device; stale: boolean }): ReactNode {
  const ratio = device.latency?.lossRatio ?? null;
  // Where something else explains the loss already, it is told but not shouted.
  const explained = device.status === "unreachable" || device.status === "maintenance" || device.status === "unknown";
  const tone = ratio === null || ratio === 0 || explained ? " quiet" : ratio >= 0.5 ? " much" : " some";
  return (
    <span className={`cell figure loss${stale ? " stale" : tone}`} role="cell" data-testid="device-loss">
      <Num figure={percent(ratio)} />
    </span>
  );
}

function Traffic({ device, way, stale }: { device: Device; way: "in" | "out"; stale: boolean }): ReactNode {
  const fullBps = useObservable(usePage().live.fleet.fullBps);
  const bps = (way === "in" ? device.bandwidth?.inBps : device.bandwidth?.outBps) ?? null;
  const full = rate(fullBps);
  return (
    <span
      className={`cell figure traffic${stale ? " stale" : ""}`}
      role="cell"
      data-testid={`device-${way}`}
      title={
        device.bandwidth === null
          ? texts.devices.never
          : `${texts.devices.measured(utc(Date.parse(device.bandwidth.timestamp)))}\n${texts.devices.columnTitles[way](`${full.value} ${full.unit}`)}`
      }
    >
      <Num figure={rate(bps)} />
      <Bar ratio={bps === null ? null : bps / fullBps} way={way} />
    </span>
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

function PhoneCells({ row, href }: { row: Row; href: string }): ReactNode {
  const nowMs = useNow();
  const { device } = row;
  const sinceMs = instant(device.statusSince);
  const stale = isStale(device.latency?.timestamp, latencyIntervalS(device), nowMs);
  const well = device.status === "online";
  return (
    <>
      <span className="cell state" role="cell">
        <Glyph status={device.status} />
      </span>
      <span className="cell name" role="cell">
        <a href={href}>{device.name}</a>
      </span>
      <Latency device={device} stale={stale} />
      <span className="cell under" role="cell">
        <span className="word">{texts.status[device.status]}</span>
        {well || sinceMs === null ? null : ` ${span(nowMs - sinceMs)}`}
        <span className="dim"> · {well ? device.address : device.statusReason}</span>
      </span>
      <span className="cell pair" role="cell">
        <span className="way in" data-testid="device-in">
          <Num figure={rate(device.bandwidth?.inBps ?? null)} />
        </span>
        <span className="way out" data-testid="device-out">
          <Num figure={rate(device.bandwidth?.outBps ?? null)} />
        </span>
      </span>
    </>
  );
}
