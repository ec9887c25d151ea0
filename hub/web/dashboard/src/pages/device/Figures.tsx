// A device's newest figures, each with its age once it is old.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { isStale, latencyIntervalS, type Device } from "../../model/device";
import { delay, percent, rate, span, type Figure } from "../../model/format";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";
import "./figures.css";

export function Figures({ device }: { device: Device }): ReactNode {
  const nowMs = useNow();
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
          {stale && timestamp !== undefined ? <dd className="age">{texts.device.old(span(nowMs - Date.parse(timestamp)))}</dd> : null}
        </div>
      ))}
    </dl>
  );
}
