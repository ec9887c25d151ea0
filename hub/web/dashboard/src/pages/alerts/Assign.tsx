// Who takes care of an alert.

import type { AlertEvent } from "@noctule/client";
import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction, useQuery } from "../../data/useQuery";
import { Trouble } from "../../parts/Form";
import { texts } from "../../texts";

interface Assignees {
  readonly items: readonly { readonly userId: number; readonly name: string }[];
}

export function Assign({ alert }: { alert: AlertEvent }): ReactNode {
  const { live } = usePage();
  const assignees = useQuery<Assignees>("/alerts/assignees");
  const assign = useAction((userId: number | null) =>
    userId === null ? live.send("DELETE", `/alerts/${alert.id}/assign`) : live.send("POST", `/alerts/${alert.id}/assign`, { userId }),
  );
  const items = assignees.phase === "ready" ? assignees.data.items : [];
  const { assignee = null } = alert;
  return (
    <>
      <label className="alert-assign">
        <span className="dim">{texts.alert.facts.assignee}</span>
        <select
          className="find"
          value={assignee?.userId ?? ""}
          aria-label={texts.alert.assign}
          disabled={assign.busy}
          onChange={(event) => void assign.run(event.target.value === "" ? null : Number(event.target.value))}
          data-testid="alert-assign"
        >
          <option value="">{texts.alert.nobody}</option>
          {assignee === null || items.some(({ userId }) => userId === assignee.userId) ? null : <option value={assignee.userId}>{assignee.name}</option>}
          {items.map(({ userId, name }) => (
            <option key={userId} value={userId}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Trouble refusal={assign.refusal} />
    </>
  );
}
