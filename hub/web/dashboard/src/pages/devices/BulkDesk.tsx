// The dialogs for the devices that are chosen: change them, remove them, put them under maintenance.

import { useState, type ReactNode } from "react";

import { Dialog } from "../../parts/Dialog";
import { texts } from "../../texts";
import { EditMany } from "./EditMany";
import { MaintainMany } from "./MaintainMany";
import { RemoveMany } from "./RemoveMany";
import type { Chosen } from "./useSelection";

export type BulkKind = "edit" | "maintenance" | "remove";

export interface DeskProps {
  readonly ids: readonly number[];
  readonly chosen: Chosen;
  readonly onClose: () => void;
}

export function BulkDesk({ kind, chosen, onClose }: { kind: BulkKind; chosen: Chosen; onClose: () => void }): ReactNode {
  // Those that were chosen when the dialog was opened: what it says it does stays so.
  const [ids] = useState(() => [...chosen.ids]);
  const { bulk } = texts.deviceDesk;
  const heading = { edit: bulk.editHeading, maintenance: bulk.maintenanceHeading, remove: bulk.removeHeading }[kind](ids.length);
  const Desk = { edit: EditMany, maintenance: MaintainMany, remove: RemoveMany }[kind];
  return (
    <Dialog heading={heading} onClose={onClose} wide={kind === "edit"} testId={`bulk-${kind}-dialog`}>
      <Desk ids={ids} chosen={chosen} onClose={onClose} />
    </Dialog>
  );
}
