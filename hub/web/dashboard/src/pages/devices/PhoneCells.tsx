// A device's row on a phone: two lines, the second one says why.

import type { ReactNode } from "react";

import { useStatusBar } from "../../data/bars";
import { useClock } from "../../data/clock";
import { isStale, latencyIntervalS, type Row } from "../../model/device";
import { instant, rate, span } from "../../model/format";
import { texts } from "../../texts";
import { Latency } from "./DeviceFigures";
import { Glyph } from "../../parts/Glyph";
import { Num } from "../../parts/Numbers";
import { StatusStrip } from "../../parts/StatusStrip";

export function PhoneCells({ row, href }: { row: Row; href: string }): ReactNode {
  const { device } = row;
  const sinceMs = instant(device.statusSince);
  const stale = useClock((nowMs) => isStale(device.latency?.timestamp, latencyIntervalS(device), nowMs));
  const lasted = useClock((nowMs) => (sinceMs === null ? "" : span(nowMs - sinceMs)));
  const well = device.status === "online";
  return (
    <>
      <span className="cell state" role="cell">
        <Glyph status={device.status} />
      </span>
      <span className="cell name" role="cell">
        <a href={href}>{device.name}</a>
      </span>
      <Latency latency={device.latency} stale={stale} />
      <span className="cell under" role="cell">
        <span className="word">{texts.status[device.status]}</span>
        {well || sinceMs === null ? null : ` ${lasted}`}
        <span className="dim"> · {well ? device.address : texts.hubSays(device.statusReason)}</span>
      </span>
      <StatusStrip bar={useStatusBar(device.id)} />
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
