// What can be done with the rows that are chosen; stands above the list while there are any.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { texts } from "../../texts";
import type { BulkKind } from "./BulkDesk";
import { exportDevices, rowsOf } from "./ListTools";
import type { Chosen } from "./useSelection";
import "./selection.css";

export function SelectionBar({ chosen, shown, onBulk }: { chosen: Chosen; shown: readonly number[]; onBulk: (kind: BulkKind) => void }): ReactNode {
  const { fleet } = usePage().live;
  const { deviceDesk } = texts;
  const rest = shown.filter((id) => !chosen.ids.has(id)).length;
  const act = (kind: BulkKind, word: string, danger = false): ReactNode => (
    <button type="button" className={`button small${danger ? " danger" : ""}`} onClick={() => onBulk(kind)} data-testid={`bulk-${kind}`}>
      {word}
    </button>
  );
  return (
    <div className="selection-bar" role="toolbar" aria-label={deviceDesk.selected(chosen.ids.size)} data-testid="selection-bar">
      <strong aria-live="polite">{deviceDesk.selected(chosen.ids.size)}</strong>
      {rest === 0 ? null : (
        <button type="button" className="link" onClick={() => chosen.set([...chosen.ids, ...shown])} data-testid="select-all-shown">
          {deviceDesk.allShown(shown.length)}
        </button>
      )}
      <button type="button" className="link" onClick={() => chosen.set([])}>
        {deviceDesk.clear}
      </button>
      <span className="spring" />
      {act("edit", deviceDesk.bulk.edit)}
      {act("maintenance", deviceDesk.bulk.maintenance)}
      <button type="button" className="button small" onClick={() => exportDevices(rowsOf(chosen.ids, (id) => fleet.get(id)))}>
        {deviceDesk.exportChosen}
      </button>
      {act("remove", deviceDesk.bulk.remove, true)}
    </div>
  );
}
