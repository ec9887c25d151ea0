// One device in the list. A change of the device renders this row and no other.

import type { MouseEvent, ReactNode } from "react";

import { useRow } from "../data/context";
import { go, hrefOf, useRoute } from "../data/route";
import { DeviceCells } from "./DeviceCells";
import { PhoneCells } from "./PhoneCells";

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
      {phone ? <PhoneCells row={row} href={hrefOf(place, query)} /> : <DeviceCells row={row} href={hrefOf(place, query)} />}
    </div>
  );
}
