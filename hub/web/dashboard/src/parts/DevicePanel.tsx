// One device beside the list: the answer first, then the figures, the last hour and the interfaces.

import { useRoom } from "@noctule/client/hooks";
import type { ReactNode } from "react";

import { useNow } from "../data/clock";
import { useObservable, usePage, useRow } from "../data/context";
import { go } from "../data/route";
import { isStale, latencyIntervalS, type Device } from "../model/device";
import { delay, percent, rate, span, type Figure } from "../model/format";
import { answerFor } from "../model/words";
import { texts } from "../texts";
import { Glyph, Icon } from "./Glyph";
import { InterfaceTable } from "./InterfaceTable";
import { LatencyChart } from "./LatencyChart";
import { Num } from "./Numbers";

const close = (): void => go({ page: "devices", deviceId: null });

export function DevicePanel({ id }: { id: number }): ReactNode {
  const row = useRow(id);
  const load = useObservable(usePage().live.fleet.load);
  useRoom(`device:${id}`);
  if (row === undefined && load.phase !== "ready") return null;
  return (
    <aside className="panel" data-testid="device-panel" data-device-id={id} aria-label={row?.device.name ?? ""}>
      {row === undefined ? (
        <>
          <PanelTop name="" />
          <p className="panel-answer">{texts.device.unknownId}</p>
          <p className="panel-note">{texts.device.unknownIdHelp}</p>
        </>
      ) : (
        <Body key={id} device={row.device} />
      )}
    </aside>
  );
}

function PanelTop({ name }: { name: string }): ReactNode {
  return (
    <div className="panel-top">
      <button type="button" className="icon-button panel-back" aria-label={texts.device.back} onClick={close}>
        <Icon name="back" />
      </button>
      <h2 title={name}>{name}</h2>
      <button type="button" className="icon-button panel-close" aria-label={texts.device.close} title="Esc" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function Body({ device }: { device: Device }): ReactNode {
  const nowMs = useNow();
  return (
    <>
      <PanelTop name={device.name} />
      <p className={`panel-answer is-${device.status}`} data-testid="device-answer">
        <Glyph status={device.status} />
        <span>{answerFor(device, nowMs)}</span>
      </p>
      <p className="panel-facts">
        <span className="mono">{device.address}</span>
        <span>{device.siteName}</span>
        <span>{device.agentName === null ? texts.device.noAgent : texts.device.via(device.agentName)}</span>
        {device.icmp === null ? null : <span>{texts.device.icmp(device.icmp.intervalS, device.icmp.count)}</span>}
        {device.snmp === null ? null : <span>{texts.device.snmp(device.snmp.version, device.snmp.intervalS)}</span>}
        {device.tags.map((tag) => (
          <span key={tag} className="chip">
            {tag}
          </span>
        ))}
      </p>
      <Figures device={device} nowMs={nowMs} />
      <LatencyChart device={device} />
      <InterfaceTable device={device} />
    </>
  );
}

function Figures({ device, nowMs }: { device: Device; nowMs: number }): ReactNode {
  const { latency, bandwidth } = device;
  const oldLatency = isStale(latency?.timestamp, latencyIntervalS(device), nowMs);
  const oldTraffic = isStale(bandwidth?.timestamp, device.snmp?.intervalS ?? 30, nowMs);
  const facts: readonly [string, Figure, string, boolean, string | undefined][] = [
    [texts.device.facts.latency, delay(latency?.rttS ?? null), latency?.source === "snmp" ? texts.devices.snmp : "", oldLatency, latency?.timestamp],
    [texts.device.facts.mdev, delay(latency?.mdevS ?? null), "", oldLatency, latency?.timestamp],
    [texts.device.facts.loss, percent(latency?.lossRatio ?? null), "", oldLatency, latency?.timestamp],
    [texts.device.facts.in, rate(bandwidth?.inBps ?? null), "", oldTraffic, bandwidth?.timestamp],
    [texts.device.facts.out, rate(bandwidth?.outBps ?? null), "", oldTraffic, bandwidth?.timestamp],
  ];
  return (
    <dl className="figures">
      {facts.map(([word, figure, tag, stale, timestamp]) => (
        <div key={word} className={stale ? "stale" : ""}>
          <dt>
            {word}
            {tag === "" ? null : (
              <span className="tag" title={texts.devices.snmpTitle}>
                {tag}
              </span>
            )}
          </dt>
          <dd>
            <Num figure={figure} />
          </dd>
          {stale && timestamp !== undefined ? <dd className="age">{span(nowMs - Date.parse(timestamp))} old</dd> : null}
        </div>
      ))}
    </dl>
  );
}
