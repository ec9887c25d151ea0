// What is done to a customer as a whole, each with what will happen by it.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { SUSPENSION_REASONS, type Customer } from "../../model/customers";
import { Confirm, Dialog } from "../../parts/Dialog";
import { Form, SelectField } from "../../parts/Form";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";

export type StepName = "suspend" | "resume" | "close" | "remove";

export function Step({ customer, step, onClose }: { customer: Customer; step: StepName; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.customers;
  const { id, name, revision } = customer;
  const act = useAction(async () => {
    if (step === "remove") {
      await live.send("DELETE", `/customers/${id}`);
      go(at("customers"), { replace: true });
    } else await live.send("POST", `/customers/${id}/${step}`, { revision });
  });
  switch (step) {
    case "suspend":
      return <Suspend customer={customer} onClose={onClose} />;
    case "resume":
      return (
        <Confirm heading={words.resumeHeading(name)} word={words.resume} action={act} onClose={onClose}>
          <p>{words.resumeLead}</p>
        </Confirm>
      );
    case "close":
      return (
        <Confirm heading={words.closeHeading(name)} word={words.close} action={act} onClose={onClose}>
          <p>{words.closeLead}</p>
        </Confirm>
      );
    case "remove":
      return (
        <Confirm heading={words.removeHeading(name)} word={words.remove} action={act} onClose={onClose}>
          <p>{words.removeLead}</p>
        </Confirm>
      );
  }
}

function Suspend({ customer, onClose }: { customer: Customer; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.customers;
  const mayAll = MAY_OPERATE.has(live.role);
  const reasons = mayAll ? SUSPENSION_REASONS : (["non-payment"] as const);
  const suspend = useAction((reason: string) => live.send("POST", `/customers/${customer.id}/suspend`, { revision: customer.revision, reason }));
  return (
    <Dialog heading={words.suspendHeading(customer.name)} onClose={onClose} testId="suspend-dialog">
      <Form busy={suspend.busy} refusal={suspend.refusal} said={["reason"]} word={words.suspend} onCancel={onClose} onSubmit={(form) => void suspend.run(String(form.get("reason"))).then((done) => done && onClose())}>
        <ul className="what-happens">
          {words.suspendLead.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <SelectField label={words.suspendReason} name="reason" field="reason" refusal={suspend.refusal} options={reasons.map((reason) => [reason, words.reasons[reason] ?? reason] as const)} {...(mayAll ? {} : { note: words.onlyNonPayment })} />
      </Form>
    </Dialog>
  );
}
