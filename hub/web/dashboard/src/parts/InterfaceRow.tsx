// One interface: its name, its state, and its rates as numbers and as a share of its speed.

import type { DeviceStatus } from "@noctule/client";
import type { ReactNode } from "react";

import { useNow } from "../data/clock";
import { isStale, type Interface } from "../model/device";
import { percent, rate } from "../model/format";
import { ifWord } from "../model/words";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import { Bar, Num } from "./Numbers";

export function InterfaceRow({ row, intervalS }: { row: Interface; intervalS: number }): ReactNode {
  const nowMs = useNow();
  const stale = isStale(row.bandwidth?.timestamp, intervalS, nowMs);
  return (
    <tr className={`${stale ? "stale" : ""}${row.ifOperStatus === "up" ? "" : " not-up"}`} data-testid="interface-row" data-interface-id={row.id}>
      <td className="if-name">
        <div>
          <Glyph status={ifTone(row)} />
          <span className="name" title={row.ifDescr}>
            {row.name}
          </span>
        </div>
        <div className="if-under">
          <span className="if-word">{ifWord(row)}</span>
          <span className="if-alias" title={row.ifAlias}>
            {row.ifAlias}
          </span>
        </div>
      </td>
      <RateCell row={row} way="in" />
      <RateCell row={row} way="out" />
      <td className="figure">
        <Num figure={rate(row.speedBps)} />
      </td>
    </tr>
  );
}

function RateCell({ row, way }: { row: Interface; way: "in" | "out" }): ReactNode {
  const { bandwidth } = row;
  const bps = (way === "in" ? bandwidth?.inBps : bandwidth?.outBps) ?? null;
  const told = (way === "in" ? bandwidth?.inUtilRatio : bandwidth?.outUtilRatio) ?? null;
  const ratio = told ?? (bps !== null && row.speedBps !== null && row.speedBps > 0 ? bps / row.speedBps : null);
  const share = percent(ratio);
  const speed = rate(row.speedBps);
  const marks = bandwidth?.quality.filter((word) => word !== "ok") ?? [];
  const title = [
    ratio === null ? texts.device.utilUnknown : texts.device.utilTitle(`${share.value} ${share.unit}`, `${speed.value} ${speed.unit}`),
    marks.length === 0 ? "" : texts.device.quality(marks.join(", ")),
    row.polled ? "" : texts.device.notPolled,
  ]
    .filter((part) => part !== "")
    .join("\n");
  return (
    <td className="figure traffic" title={title}>
      <span className="if-rate">
        {bps === null || ratio === null ? null : (
          <span className="if-util">
            {share.value}
            <span className="unit">{share.unit}</span>
          </span>
        )}
        <span className="if-bps">
          <Num figure={rate(bps)} />
        </span>
      </span>
      <Bar ratio={bps === null ? null : ratio} way={way} />
    </td>
  );
}

function ifTone(row: Interface): DeviceStatus {
  if (row.ifAdminStatus === "down") return "unknown";
  if (row.ifOperStatus === "up") return "online";
  return row.ifOperStatus === "down" || row.ifOperStatus === "lowerLayerDown" ? "offline" : "unknown";
}
