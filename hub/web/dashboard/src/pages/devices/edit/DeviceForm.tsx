// The fields of a device.

import { useState, type ReactNode } from "react";

import { leave, useUnsaved } from "../../../data/unsaved";
import type { Action } from "../../../data/useQuery";
import type { EditedDevice } from "../../../model/deviceForm";
import { CheckField, SelectField, TextArea, TextField, Trouble } from "../../../parts/Form";
import { texts } from "../../../texts";
import { AgentField, ParentsField, SiteField } from "./PlaceFields";
import { SnmpFields } from "./SnmpFields";

const SAID = ["name", "address", "siteId", "agentId", "reachability", "icmp.intervalS", "icmp.count", "snmp.version", "snmp.port", "snmp.intervalS", "snmp.community", "snmp.v3", "role", "tags", "parents", "note", "newSite"];
const CONFLICT = "revision";

export function DeviceForm(props: {
  before: EditedDevice | null;
  action: Action<[FormData, readonly number[]]>;
  /** null: there is nobody to test it. */
  onTest: ((form: FormData) => void) | null;
  onClose: () => void;
}): ReactNode {
  const { before, action, onTest, onClose } = props;
  const { deviceEdit } = texts;
  const { refusal } = action;
  const unsaved = useUnsaved(action);
  const form = unsaved.ref;
  const [parents, setParents] = useState<readonly number[]>(before?.parents ?? []);
  const [pinged, setPinged] = useState(before === null || before.icmp !== null);
  const at = (field: string): { field: string; refusal: typeof refusal } => ({ field, refusal });
  return (
    <form
      {...unsaved}
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(new FormData(event.currentTarget), parents);
      }}
    >
      <div className="form-row">
        <TextField label={deviceEdit.name} name="name" required maxLength={100} defaultValue={before?.name ?? ""} autoFocus={before === null} {...at("name")} data-testid="device-name" />
        <TextField label={deviceEdit.address} name="address" required maxLength={253} note={deviceEdit.addressNote} defaultValue={before?.address ?? ""} {...at("address")} data-testid="device-address" />
      </div>
      <div className="form-row">
        <SiteField initial={before?.siteId ?? null} refusal={refusal} />
        <AgentField initial={before?.agentId ?? null} refusal={refusal} />
      </div>
      <CheckField label={deviceEdit.pinging} name="pinged" checked={pinged} onChange={(event) => setPinged(event.target.checked)} />
      {pinged ? (
        <div className="form-row">
          <TextField label={deviceEdit.interval} name="icmpIntervalS" type="number" min={1} max={3_600} step="any" defaultValue={String(before?.icmp?.["intervalS"] ?? 10)} {...at("icmp.intervalS")} />
          <TextField label={deviceEdit.packets} name="icmpCount" type="number" min={1} max={20} defaultValue={String(before?.icmp?.["count"] ?? 5)} {...at("icmp.count")} />
        </div>
      ) : null}
      <h3>{deviceEdit.polling}</h3>
      <SnmpFields before={before?.snmp ?? null} refusal={refusal} />
      <div className="form-row">
        <SelectField
          label={deviceEdit.decides}
          name="reachability"
          defaultValue={before?.reachability ?? "icmp"}
          options={(["icmp", "snmp", "both"] as const).map((one) => [one, deviceEdit.reachability[one]] as const)}
          {...at("reachability")}
        />
        <TextField label={deviceEdit.role} name="role" note={deviceEdit.roleNote} defaultValue={before?.role ?? ""} maxLength={64} {...at("role")} />
        <TextField label={deviceEdit.tags} name="tags" note={deviceEdit.tagsNote} defaultValue={(before?.tags ?? []).join(", ")} {...at("tags")} />
      </div>
      <ParentsField parents={parents} except={before?.id ?? null} onChange={setParents} refusal={refusal} />
      <TextArea label={deviceEdit.noteLabel} name="note" rows={2} maxLength={4_000} defaultValue={before?.note ?? ""} {...at("note")} />
      {refusal?.field === CONFLICT ? (
        <p className="field-trouble" role="alert">
          {deviceEdit.conflict}
        </p>
      ) : (
        <Trouble refusal={refusal} said={SAID} />
      )}
      <div className="form-end">
        <button type="submit" className="button primary" disabled={action.busy} data-testid="device-save">
          {action.busy ? texts.form.saving : before === null ? deviceEdit.addAndTest : deviceEdit.saveAndTest}
        </button>
        {onTest === null ? null : (
          <button type="button" className="button" onClick={() => form.current !== null && onTest(new FormData(form.current))} data-testid="device-test">
            {deviceEdit.test}
          </button>
        )}
        <button type="button" className="button" onClick={() => form.current !== null && leave(onClose, [form.current])}>
          {texts.form.close}
        </button>
      </div>
    </form>
  );
}
