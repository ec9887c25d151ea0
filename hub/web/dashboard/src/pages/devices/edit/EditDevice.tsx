// Adds a device or changes one, and has it tested at once: the dialog stays until it answers as it should.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { usePage } from "../../../data/context";
import { useAction, useQuery } from "../../../data/useQuery";
import { credentialsOf, deviceBody, snmpOf, type EditedDevice } from "../../../model/deviceForm";
import { Answered } from "../../../parts/Answered";
import { Dialog } from "../../../parts/Dialog";
import { texts } from "../../../texts";
import { letOwnIn } from "../desk";
import { DeviceForm } from "./DeviceForm";
import { useNewSite } from "./PlaceFields";
import { TestReport } from "./TestReport";
import { useTest } from "./useTest";

/** `id` null: a new one. */
export function EditDevice({ id, onClose }: { id: number | null; onClose: () => void }): ReactNode {
  const { deviceEdit } = texts;
  // A device that was added here is edited from then on.
  const [added, setAdded] = useState<EditedDevice | null>(null);
  const known = useQuery<EditedDevice>(id === null || added !== null ? null : `/devices/${id}`);
  const heading = added !== null ? deviceEdit.editHeading(added.name) : id === null ? deviceEdit.addHeading : known.phase === "ready" ? deviceEdit.editHeading(known.data.name) : texts.form.edit;
  return (
    <Dialog heading={heading} onClose={onClose} wide testId="edit-dialog">
      {id === null || added !== null ? (
        <Editing before={added} onSaved={setAdded} onClose={onClose} />
      ) : (
        <Answered answer={known}>{(device) => <Loaded first={device} onClose={onClose} />}</Answered>
      )}
    </Dialog>
  );
}

/** Keeps the device as it was when it was read: another person's change is refused by its revision, not overwritten. */
function Loaded({ first, onClose }: { first: EditedDevice; onClose: () => void }): ReactNode {
  const [device, setDevice] = useState(first);
  return <Editing before={device} onSaved={setDevice} onClose={onClose} />;
}

function Editing({ before, onSaved, onClose }: { before: EditedDevice | null; onSaved: (device: EditedDevice) => void; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const { deviceEdit } = texts;
  const { trial, start } = useTest();
  const [said, setSaid] = useState("");
  const newSite = useNewSite();
  const save = useAction(async (form: FormData, parents: readonly number[]) => {
    setSaid("");
    const site = await newSite(form);
    if (site !== null) form.set("siteId", String(site.id));
    const body = deviceBody(form, parents, before);
    const device = await live.send<EditedDevice>(before === null ? "POST" : "PATCH", before === null ? "/devices" : `/devices/${before.id}`, body);
    onSaved(device);
    setSaid(before === null ? deviceEdit.added(device.name) : deviceEdit.saved);
    if (device.agentId !== null) start(device.id);
    await live.reload();
    letOwnIn();
  });
  /** Asks the device as it is entered, before anything is kept. */
  const test = (form: FormData): void => {
    if (before === null) return;
    const snmp = snmpOf(form, null);
    const version = String(form.get("snmpVersion")) as "none" | "1" | "2c" | "3";
    const entered = snmp !== null && Object.keys(credentialsOf(form, version)).length > 0 ? { snmp } : {};
    start(before.id, { address: String(form.get("address")), ...entered });
  };
  // What is said stands below a long form.
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (said !== "" || trial.phase !== "none") told.current?.scrollIntoView({ block: "end" });
  }, [said, trial.phase]);
  return (
    <>
      <DeviceForm before={before} action={save} onTest={before?.agentId == null ? null : test} onClose={onClose} />
      <div ref={told} className="edit-told">
        {said === "" ? null : (
          <p className="saved" role="status" data-testid="edit-said">
            {said} {before !== null && before.agentId === null ? deviceEdit.noAgent : ""}
          </p>
        )}
        <TestReport trial={trial} />
      </div>
    </>
  );
}
