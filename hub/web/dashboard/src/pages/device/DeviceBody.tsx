// All of one device, the answer first: in one column beside the list, in two on a page of its own.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import type { Device } from "../../model/device";
import { answerFor } from "../../model/words";
import { Glyph } from "../../parts/Glyph";
import { AsOf } from "../../parts/LinkState";
import { texts } from "../../texts";
import { About } from "./About";
import { Actions } from "./Actions";
import { Around } from "./Around";
import { Availability } from "./Availability";
import { Figures } from "./Figures";
import { Happenings } from "./Happenings";
import { LatencySection } from "./LatencySection";
import { OpenAlerts } from "./OpenAlerts";
import { Ports } from "./Ports";
import { StatusHistory } from "./StatusHistory";

export function DeviceBody({ device, large }: { device: Device; large: boolean }): ReactNode {
  return (
    <div className={`device-body${large ? " large" : ""}`}>
      <div className="device-head">
        <Answer device={device} />
        <Actions device={device} />
      </div>
      <div className="device-main">
        <OpenAlerts deviceId={device.id} />
        <Figures device={device} />
        <StatusHistory deviceId={device.id} />
        <LatencySection device={device} large={large} />
        <Ports device={device} large={large} />
      </div>
      <div className="device-side">
        <Availability deviceId={device.id} />
        <Around device={device} />
        <About device={device} />
        <Happenings deviceId={device.id} deviceName={device.name} />
      </div>
    </div>
  );
}

function Answer({ device }: { device: Device }): ReactNode {
  const nowMs = useNow();
  const never = device.latency === null && device.bandwidth === null && device.status === "unknown";
  return (
    <>
      <p className={`panel-answer is-${device.status}`} data-testid="device-answer">
        <Glyph status={device.status} />
        <span>
          <AsOf />
          {answerFor(device, nowMs)}
        </span>
      </p>
      {never ? <p className="panel-note">{texts.device.neverAnswered}</p> : null}
      <p className="panel-facts">
        <span className="mono">{device.address}</span>
        <span>{device.siteName}</span>
        <span>{device.agentName === null ? texts.device.noAgent : texts.device.via(device.agentName)}</span>
        {device.icmp === null ? null : <span>{texts.device.icmp(device.icmp.intervalS, device.icmp.count)}</span>}
        {device.snmp === null ? null : <span>{texts.device.snmp(device.snmp.version, device.snmp.intervalS)}</span>}
        {device.role === "" ? null : <span>{device.role}</span>}
        {device.tags.map((tag) => (
          <span key={tag} className="chip">
            {tag}
          </span>
        ))}
      </p>
      {device.snmp === null ? <p className="panel-note dim">{texts.device.noSnmp}</p> : null}
    </>
  );
}
