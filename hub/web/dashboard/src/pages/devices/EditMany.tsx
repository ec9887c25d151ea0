// One change for all devices that are chosen: what is left empty stays.

import { useState, type ReactNode } from "react";

import { useQuery } from "../../data/useQuery";
import { bulkChange } from "../../model/bulk";
import { Form, SelectField, TextField } from "../../parts/Form";
import { texts } from "../../texts";
import type { DeskProps } from "./BulkDesk";
import { Progress } from "./BulkProgress";
import { useBulk } from "./useBulk";

interface Named {
  id: number;
  name: string;
}

export function EditMany({ ids, chosen, onClose }: DeskProps): ReactNode {
  const { bulk } = texts.deviceDesk;
  const sites = useQuery<{ items: Named[] }>("/sites?limit=1000");
  const agents = useQuery<{ items: Named[] }>("/agents?limit=1000");
  const [empty, setEmpty] = useState(false);
  const { run, start, stop } = useBulk("/devices/bulk");
  if (run.phase !== "ready") return <Progress run={run} stop={stop} said={bulk.changed} chosen={chosen} onClose={onClose} />;
  const options = (answer: typeof sites): readonly (readonly [string, string])[] => [
    ["", bulk.stay],
    ...(answer.phase === "ready" ? answer.data.items.map(({ id, name }) => [String(id), name] as const) : []),
  ];
  const whole = { type: "number", step: 1, min: 1, max: 3600 } as const;
  const share = { type: "number", step: "any", min: 0, max: 100 } as const;
  const at = (field: string): { field: string; refusal: typeof run.refusal } => ({ field: `change.${field}`, refusal: run.refusal });
  return (
    <Form
      busy={false}
      refusal={run.refusal}
      said={["change.role", "change.addTags", "change.removeTags", "change.siteId", "change.agentId"]}
      word={bulk.apply(ids.length)}
      onCancel={onClose}
      onSubmit={(form) => {
        const change = bulkChange(form);
        setEmpty(change === null);
        if (change !== null) start(ids, (part) => ({ ids: part, change }));
      }}
    >
      <p className="dim">{bulk.lead}</p>
      <div className="form-row">
        <TextField label={bulk.role} name="role" {...at("role")} />
        <TextField label={bulk.addTags} name="addTags" note={bulk.tagsNote} {...at("addTags")} />
        <TextField label={bulk.removeTags} name="removeTags" {...at("removeTags")} />
      </div>
      <div className="form-row">
        <SelectField label={bulk.site} name="siteId" options={options(sites)} {...at("siteId")} />
        <SelectField label={bulk.agent} name="agentId" options={options(agents)} {...at("agentId")} />
      </div>
      <h3>{bulk.icmp}</h3>
      <div className="form-row">
        <TextField label={bulk.intervalS} name="icmp.intervalS" {...whole} step="any" />
        <TextField label={bulk.count} name="icmp.count" {...whole} max={20} />
      </div>
      <div className="form-row">
        <TextField label={bulk.retries} name="retries" {...whole} max={10} />
        <TextField label={bulk.goodRounds} name="goodRounds" {...whole} max={10} />
        <TextField label={bulk.degradedLoss} name="degradedLossRatio" {...share} />
        <TextField label={bulk.clearLoss} name="clearLossRatio" {...share} />
      </div>
      <h3>{bulk.snmp}</h3>
      <div className="form-row">
        <TextField label={bulk.intervalS} name="snmp.intervalS" {...whole} step="any" />
        <TextField label={bulk.failedPolls} name="snmp.failedPolls" {...whole} min={2} max={10} />
      </div>
      {empty ? (
        <p className="field-trouble" role="alert">
          {bulk.nothing}
        </p>
      ) : null}
    </Form>
  );
}
