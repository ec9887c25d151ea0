// The list as a place where a file can be dropped, and the dialog that the address asks for.

import { useRef, useState, type DragEvent, type ReactNode } from "react";

import { MayNotWrite } from "../../parts/Adding";
import { Dialog } from "../../parts/Dialog";
import { texts } from "../../texts";
import { closeDesk, openDesk, useDesk } from "./desk";
import { Discover } from "./edit/Discover";
import { EditDevice } from "./edit/EditDevice";
import { ImportFile, readFile, type Dropped, type Unread } from "./edit/ImportFile";

const hasFile = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

/** `enabled`: the person may change devices. */
export function DropZone({ enabled, children }: { enabled: boolean; children: ReactNode }): ReactNode {
  const desk = useDesk();
  const [over, setOver] = useState(false);
  const [dropped, setDropped] = useState<Dropped | Unread | null>(null);
  // Entering a child comes before leaving its parent.
  const depth = useRef(0);
  const move = (step: number): void => {
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  };
  const drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    move(-depth.current);
    const file = event.dataTransfer.files[0];
    if (file === undefined) return;
    setDropped(await readFile(file));
    openDesk({ kind: "import" });
  };
  const close = (): void => {
    setDropped(null);
    closeDesk();
  };
  const handlers = enabled
    ? {
        onDragEnter: (event: DragEvent) => hasFile(event) && move(1),
        onDragLeave: (event: DragEvent) => hasFile(event) && move(-1),
        onDragOver: (event: DragEvent) => hasFile(event) && event.preventDefault(),
        onDrop: (event: DragEvent) => hasFile(event) && void drop(event),
      }
    : {};
  return (
    <div className={`beside-list${over ? " drop-here" : ""}`} {...handlers}>
      {children}
      {over ? <p className="drop-word">{texts.deviceDesk.drop}</p> : null}
      {desk === null ? null : !enabled ? (
        <Dialog heading={texts.answer.mayNotWrite} onClose={close} testId="forbidden">
          <MayNotWrite />
        </Dialog>
      ) : desk.kind === "import" ? (
        <ImportFile dropped={dropped} onClose={close} />
      ) : desk.kind === "discover" ? (
        <Discover onClose={close} />
      ) : (
        <EditDevice key={desk.kind === "edit" ? desk.id : "new"} id={desk.kind === "edit" ? desk.id : null} onClose={close} />
      )}
    </div>
  );
}
