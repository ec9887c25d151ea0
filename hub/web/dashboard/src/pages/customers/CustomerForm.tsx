// A new customer, or another word about one.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import type { Customer } from "../../model/customers";
import { Dialog } from "../../parts/Dialog";
import { Form, TextArea, TextField } from "../../parts/Form";
import { ZoneField } from "../../parts/ZoneField";
import { texts } from "../../texts";

export function CustomerForm({ customer: now, onClose }: { customer: Customer | null; onClose: () => void }): ReactNode {
  // What others change while it is open is refused by the revision that this was read with, not overwritten.
  const [customer] = useState(now);
  const { live } = usePage();
  const words = texts.customers.fields;
  const save = useAction(async (form: FormData) => {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const fields = { name: text("name"), reference: text("reference") || null, note: String(form.get("note") ?? "") };
    const timezone = text("timezone") === "" ? {} : { timezone: text("timezone") };
    if (customer === null) {
      const { id } = await live.send<Customer>("POST", "/customers", { ...fields, ...timezone });
      go(at("customers", id));
    } else await live.send("PATCH", `/customers/${customer.id}`, { ...fields, ...timezone, revision: customer.revision });
  });
  return (
    <Dialog heading={customer === null ? texts.customers.add : texts.customers.editHeading(customer.name)} onClose={onClose} testId="customer-form">
      <Form busy={save.busy} refusal={save.refusal} said={["name", "reference", "timezone", "note"]} onCancel={onClose} onSubmit={(form) => void save.run(form).then((done) => done && onClose())}>
        <TextField label={words.name} name="name" defaultValue={customer?.name} field="name" refusal={save.refusal} maxLength={100} required autoFocus />
        <div className="form-row">
          <TextField label={words.reference} note={words.referenceNote} name="reference" defaultValue={customer?.reference ?? ""} field="reference" refusal={save.refusal} maxLength={64} />
          <ZoneField label={words.timezone} note={words.timezoneNote} name="timezone" defaultValue={customer?.timezone} placeholder={words.timezoneHub} field="timezone" refusal={save.refusal} />
        </div>
        <TextArea label={words.note} note={words.noteNote} name="note" defaultValue={customer?.note} field="note" refusal={save.refusal} maxLength={4000} rows={3} />
      </Form>
    </Dialog>
  );
}
