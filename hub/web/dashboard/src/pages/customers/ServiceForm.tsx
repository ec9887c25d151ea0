// A service: which device or port it is, how the customer calls it, and what is committed.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction, useQuery } from "../../data/useQuery";
import type { Interface } from "../../model/device";
import type { Service } from "../../model/customers";
import { Answered } from "../../parts/Answered";
import { Dialog } from "../../parts/Dialog";
import { Finder } from "../../parts/Finder";
import { Form, TextField } from "../../parts/Form";
import { texts } from "../../texts";

/** What a service is of; `interfaceId` null: the whole device. */
interface Target {
  readonly deviceId: number;
  readonly interfaceId: number | null;
  readonly word: string;
}

interface Owned extends Interface {
  /** Whose the port is; null for who may not know. */
  customers?: { id: number; name: string; interfaceId: number | null }[] | null;
}

const MEGA = 1e6;

export function ServiceForm({ customerId, service: now, onClose }: { customerId: number; service: Service | null; onClose: () => void }): ReactNode {
  // What others change while it is open is refused by the revision that this was read with, not overwritten.
  const [service] = useState(now);
  const { live } = usePage();
  const words = texts.customers.services;
  const [target, setTarget] = useState<Target | null>(null);
  const save = useAction(async (form: FormData) => {
    const committed = Number(form.get("committed"));
    const fields = {
      label: String(form.get("label") ?? "").trim(),
      committedBps: committed > 0 ? Math.round(committed * MEGA) : null,
      ...(target === null ? {} : { deviceId: target.deviceId, interfaceId: target.interfaceId }),
    };
    if (service === null) await live.send("POST", `/customers/${customerId}/services`, fields);
    else await live.send("PATCH", `/customers/${customerId}/services/${service.id}`, { ...fields, revision: service.revision });
  });
  const chosen = target !== null || service !== null;
  const said = ["label", "committedBps", "deviceId", "interfaceId"];
  return (
    <Dialog heading={service === null ? words.add : words.editHeading(service.label)} onClose={onClose} testId="service-form">
      {chosen ? (
        <Form busy={save.busy} refusal={save.refusal} said={said.slice(0, 2)} onCancel={onClose} onSubmit={(form) => void save.run(form).then((done) => done && onClose())}>
          {target === null ? null : (
            <p className="chosen">
              <span>{target.word}</span>
              <button type="button" className="button small" onClick={() => setTarget(null)}>
                {words.another}
              </button>
            </p>
          )}
          <TextField label={words.label} note={words.labelNote} name="label" defaultValue={service?.label} field="label" refusal={save.refusal} maxLength={100} required autoFocus />
          <TextField label={words.committed} note={words.committedNote} name="committed" type="number" min={0} step="any" defaultValue={service?.committedBps == null ? "" : service.committedBps / MEGA} field="committedBps" refusal={save.refusal} />
        </Form>
      ) : (
        <TargetPicker onPick={setTarget} />
      )}
    </Dialog>
  );
}

function TargetPicker({ onPick }: { onPick: (target: Target) => void }): ReactNode {
  const { fleet } = usePage().live;
  const [deviceId, setDeviceId] = useState<number | null>(null);
  const device = deviceId === null ? undefined : fleet.get(deviceId)?.device;
  if (device === undefined) {
    const choices = fleet.all().map(({ device: one }) => ({ key: one.id, word: one.name, hint: `${one.address} · ${one.siteName}` }));
    return <Finder label={texts.customers.services.find} choices={choices} autoFocus onPick={(key) => setDeviceId(Number(key))} testId="find-device" />;
  }
  return <PortPicker deviceId={device.id} name={device.name} onPick={onPick} onBack={() => setDeviceId(null)} />;
}

function PortPicker({ deviceId, name, onPick, onBack }: { deviceId: number; name: string; onPick: (target: Target) => void; onBack: () => void }): ReactNode {
  const words = texts.customers.services;
  const answer = useQuery<{ items: Owned[] }>(`/devices/${deviceId}/interfaces?limit=1000`);
  return (
    <>
      <p className="chosen">
        <span>{name}</span>
        <button type="button" className="button small" onClick={onBack}>
          {words.another}
        </button>
      </p>
      <Answered answer={answer}>
        {({ items }) => (
          <Finder
            label={words.findPort}
            autoFocus
            testId="find-port"
            onPick={(key) => {
              const port = items.find(({ id }) => id === key);
              onPick({ deviceId, interfaceId: port?.id ?? null, word: port === undefined ? `${name}, ${words.device}` : `${name} ${port.name}` });
            }}
            choices={[
              { key: "whole", word: words.whole, hint: words.wholeHint },
              ...items.map((port) => {
                const owner = port.customers?.find(({ interfaceId }) => interfaceId === port.id);
                return { key: port.id, word: port.name, hint: port.ifAlias, ...(owner === undefined ? {} : { taken: words.taken(owner.name) }) };
              }),
            ]}
          />
        )}
      </Answered>
    </>
  );
}
