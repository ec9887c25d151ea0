// One device in the list. A change of the device renders this row and no other.

import { memo, type MouseEvent, type ReactNode } from "react";

import { useRow } from "../../data/context";
import { at, follow } from "../../data/route";
import type { ColumnKey } from "../../model/columns";
import { texts } from "../../texts";
import { DeviceCells } from "./DeviceCells";
import { PhoneCells } from "./PhoneCells";
import "./deviceRow.css";

export interface DeviceRowProps {
  id: number;
  /** The address of the device, with what the list's own asks for. */
  href: string;
  index: number;
  topPx: number;
  phone: boolean;
  open: boolean;
  columns: readonly ColumnKey[];
  /** null: rows cannot be chosen. */
  chosen: boolean | null;
  onChoose: (id: number, range: boolean) => void;
}

export const DeviceRow = memo(function DeviceRow({ id, href, index, topPx, phone, open, columns, chosen, onChoose }: DeviceRowProps): ReactNode {
  const row = useRow(id);
  if (row === undefined) return null;
  const onClick = (event: MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest(".row-box") !== null) return;
    // With a modifier a row of a list is chosen, as everywhere else; links of its own keep theirs.
    if (chosen !== null && event.shiftKey) {
      event.preventDefault();
      getSelection()?.removeAllRanges();
      onChoose(id, true);
    } else follow(event, at("devices", id));
  };
  return (
    <div
      className={`row device-row is-${row.device.status}${open ? " is-open" : ""}${chosen === true ? " is-chosen" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-current={open ? "true" : undefined}
      {...(chosen === null ? {} : { "aria-selected": chosen })}
      data-testid="device-row"
      data-device-id={id}
      data-status={row.device.status}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={onClick}
    >
      {chosen === null ? null : <RowBox id={id} name={row.device.name} chosen={chosen} onChoose={onChoose} />}
      {phone ? <PhoneCells row={row} href={href} /> : <DeviceCells row={row} href={href} columns={columns} />}
    </div>
  );
});

const RowBox = memo(function RowBox({ id, name, chosen, onChoose }: { id: number; name: string; chosen: boolean } & Pick<DeviceRowProps, "onChoose">): ReactNode {
  return (
    <label className="cell row-box" role="cell">
      <input
        type="checkbox"
        checked={chosen}
        aria-label={texts.deviceDesk.select(name)}
        tabIndex={-1}
        data-testid="row-box"
        onChange={(event) => onChoose(id, (event.nativeEvent as unknown as globalThis.MouseEvent).shiftKey === true)}
      />
    </label>
  );
});
