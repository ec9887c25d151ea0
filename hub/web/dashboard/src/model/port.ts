// An interface in words and figures. Pure.

import type { DeviceStatus } from "@noctule/client";

import { texts } from "../texts";
import type { Interface } from "./device";
import { percent, rate } from "./format";

/** Returns the state an interface is coloured by: one that somebody has disabled is no fault. */
export function ifTone(port: Interface): DeviceStatus {
  if (port.ifAdminStatus === "down") return "unknown";
  if (port.ifOperStatus === "up") return "online";
  return port.ifOperStatus === "down" || port.ifOperStatus === "lowerLayerDown" ? "offline" : "unknown";
}

/** Returns how much of its speed a way carries, null where either is not known. */
export function utilisation(port: Interface, way: "in" | "out"): number | null {
  const { bandwidth, speedBps } = port;
  const told = (way === "in" ? bandwidth?.inUtilRatio : bandwidth?.outUtilRatio) ?? null;
  const bps = (way === "in" ? bandwidth?.inBps : bandwidth?.outBps) ?? null;
  if (told !== null) return told;
  return bps !== null && speedBps !== null && speedBps > 0 ? bps / speedBps : null;
}

/** Returns what there is to know of a way beside its rate: the utilisation, doubts, and that it is not polled. */
export function rateTitle(port: Interface, way: "in" | "out"): string {
  const ratio = utilisation(port, way);
  const [share, speed] = [percent(ratio), rate(port.speedBps)];
  const marks = port.bandwidth?.quality.filter((word) => word !== "ok") ?? [];
  return [
    ratio === null ? texts.device.utilUnknown : texts.device.utilTitle(`${share.value} ${share.unit}`, `${speed.value} ${speed.unit}`),
    marks.length === 0 ? "" : texts.device.quality(marks.join(", ")),
    port.polled ? "" : texts.device.notPolled,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** As `GET /api/v1/devices/{id}/interfaces/faults` answers: packets in the last hour, null where nothing is known. */
export interface Faults {
  readonly interfaceId: number;
  readonly inErrors: number | null;
  readonly outErrors: number | null;
  readonly inDiscards: number | null;
  readonly outDiscards: number | null;
}

/** Returns both ways added, null where neither is known. */
export function both(into: number | null, out: number | null): number | null {
  return into === null && out === null ? null : (into ?? 0) + (out ?? 0);
}
