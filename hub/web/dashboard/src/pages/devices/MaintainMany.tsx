// Puts all devices that are chosen under maintenance from now on.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import { batches } from "../../model/bulk";
import { Form, TextField } from "../../parts/Form";
import { texts } from "../../texts";
import type { DeskProps } from "./BulkDesk";
import { Names } from "./BulkProgress";

/** What one maintenance window covers at most. */
const WINDOW_MAX = 1_000;
const HOUR_MS = 3_600_000;

export function MaintainMany({ ids, onClose }: DeskProps): ReactNode {
  const { live } = usePage();
  const { bulk } = texts.deviceDesk;
  const begin = useAction(async (name: string, hours: number) => {
    const nowMs = Date.now();
    const once = { startsAt: new Date(nowMs).toISOString(), endsAt: new Date(nowMs + hours * HOUR_MS).toISOString() };
    const parts = batches(ids, WINDOW_MAX);
    for (const [part, deviceIds] of parts.entries()) {
      await live.send("POST", "/maintenance", { name: bulk.windowPart(name, part + 1, parts.length), deviceIds, once });
    }
    onClose();
  });
  return (
    <Form
      busy={begin.busy}
      refusal={begin.refusal}
      said={["name", "once"]}
      word={bulk.begin}
      onCancel={onClose}
      onSubmit={(form) => void begin.run(String(form.get("name")), Number(form.get("hours")))}
    >
      <p className="dim">{bulk.maintenanceLead}</p>
      <Names ids={ids} />
      <div className="form-row">
        <TextField label={bulk.windowName} name="name" defaultValue={bulk.windowDefault(ids.length)} required field="name" refusal={begin.refusal} />
        <TextField label={bulk.hours} name="hours" type="number" min={0.1} max={8_784} step="any" defaultValue={2} required field="once" refusal={begin.refusal} />
      </div>
    </Form>
  );
}
