// A device's figures in the list: each with its unit, its age and what it was measured by.

import type { BandwidthItem, LatencyItem } from "@noctule/client";
import { memo, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import type { Device } from "../../model/device";
import { delay, percent, rate, utc } from "../../model/format";
import { texts } from "../../texts";
import { Bar, Num } from "../../parts/Numbers";

export const Latency = memo(function Latency({ latency, stale }: { latency: LatencyItem | null; stale: boolean }): ReactNode {
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
});

export const Loss = memo(function Loss({ ratio, status, stale }: { ratio: number | null; status: Device["status"]; stale: boolean }): ReactNode {
  // Where something else explains the loss already, it is told but not shouted.
  const explained = status === "unreachable" || status === "maintenance" || status === "unknown";
  const tone = ratio === null || ratio === 0 || explained ? " quiet" : ratio >= 0.5 ? " much" : " some";
  return (
    <span className={`cell figure loss${stale ? " stale" : tone}`} role="cell" data-testid="device-loss">
      <Num figure={percent(ratio)} />
    </span>
  );
});

export const Traffic = memo(function Traffic({ bandwidth, way, stale }: { bandwidth: BandwidthItem | null; way: "in" | "out"; stale: boolean }): ReactNode {
  const fullBps = useObservable(usePage().live.fleet.fullBps);
  const bps = (way === "in" ? bandwidth?.inBps : bandwidth?.outBps) ?? null;
  const full = rate(fullBps);
  return (
    <span
      className={`cell figure traffic${stale ? " stale" : ""}`}
      role="cell"
      data-testid={`device-${way}`}
      title={
        bandwidth === null
          ? texts.devices.never
          : `${texts.devices.measured(utc(Date.parse(bandwidth.timestamp)))}\n${texts.devices.columnTitles[way](`${full.value} ${full.unit}`)}`
      }
    >
      <Num figure={rate(bps)} />
      <Bar ratio={bps === null ? null : bps / fullBps} way={way} />
    </span>
  );
});
