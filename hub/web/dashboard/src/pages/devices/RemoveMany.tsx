// Removes all devices that are chosen, once their count has been typed.

import { useState, type ReactNode } from "react";

import { TextField, Trouble } from "../../parts/Form";
import { texts } from "../../texts";
import type { DeskProps } from "./BulkDesk";
import { Names, Progress } from "./BulkProgress";
import { useBulk } from "./useBulk";

export function RemoveMany({ ids, chosen, onClose }: DeskProps): ReactNode {
  const { bulk } = texts.deviceDesk;
  const [typed, setTyped] = useState("");
  const { run, start, stop } = useBulk("/devices/bulk-remove");
  if (run.phase !== "ready") return <Progress run={run} stop={stop} said={bulk.removed} chosen={chosen} onClose={onClose} />;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() === String(ids.length)) start(ids, (part) => ({ ids: part, count: part.length }));
      }}
    >
      <p>{bulk.removeLead}</p>
      <Names ids={ids} />
      <TextField label={bulk.removeConfirm(ids.length)} inputMode="numeric" value={typed} onChange={(event) => setTyped(event.target.value)} autoFocus data-testid="remove-count" />
      <Trouble refusal={run.refusal} />
      <div className="form-end">
        <button type="submit" className="button danger" disabled={typed.trim() !== String(ids.length)} data-testid="remove-yes">
          {bulk.remove}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {texts.form.cancel}
        </button>
      </div>
    </form>
  );
}
