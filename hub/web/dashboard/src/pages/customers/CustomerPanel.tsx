// One customer beside the list: how it stands, what can be done, and its parts.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { CUSTOMER_TONE, type Customer } from "../../model/customers";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Facts, Tabs } from "../../parts/Page";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { CustomerForm } from "./CustomerForm";
import { Events } from "./Events";
import { Months } from "./Months";
import { Payments } from "./Payments";
import { Services } from "./Services";
import { Step, type StepName } from "./Step";

export function CustomerPanel({ customer, part }: { customer: Customer; part: string | null }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const words = texts.customers;
  const why = words.reasons[customer.suspensionReason ?? ""] ?? customer.suspensionReason ?? "";
  const tabs = [
    { part: null, word: words.tabs.services },
    // Billing may not read what was measured.
    ...(live.staff ? [{ part: "months", word: words.tabs.months }] : []),
    { part: "payments", word: words.tabs.payments },
    { part: "events", word: words.tabs.events },
  ];
  return (
    <SidePanel page="customers" title={customer.name} testId="customer-panel">
      <p className="panel-answer" data-testid="customer-answer">
        <Glyph status={CUSTOMER_TONE[customer.state]} />
        <span>{customer.state === "suspended" ? words.sentence.suspended(why) : words.sentence[customer.state]}</span>
      </p>
      <Facts
        facts={[
          [words.facts.reference, customer.reference ?? "–"],
          [words.facts.timezone, customer.timezone],
          [words.facts.since, <Time key="since" ms={Date.parse(customer.createdAt)} nowMs={nowMs} />],
          ...(customer.note === "" ? [] : [[words.facts.note, <span key="note" className="note-text">{customer.note}</span>] as const]),
        ]}
      />
      <Deeds customer={customer} />
      <Tabs page="customers" id={customer.id} part={part} tabs={tabs} />
      {part === null ? <Services customer={customer} /> : null}
      {part === "months" && live.staff ? <Months customer={customer} /> : null}
      {part === "payments" ? <Payments customer={customer} /> : null}
      {part === "events" ? <Events customer={customer} /> : null}
    </SidePanel>
  );
}

function Deeds({ customer }: { customer: Customer }): ReactNode {
  const { live } = usePage();
  const [asking, setAsking] = useState<StepName | "edit" | null>(null);
  const mayWrite = MAY_OPERATE.has(live.role);
  const words = texts.customers;
  // Billing suspends and resumes for non-payment alone.
  const mayStep = mayWrite || customer.suspensionReason === null || customer.suspensionReason === "non-payment";
  const button = (name: StepName | "edit", word: string, danger = false): ReactNode => (
    <button type="button" className={`button small${danger ? " danger" : ""}`} onClick={() => setAsking(name)} data-testid={`customer-${name}`}>
      {word}
    </button>
  );
  return (
    <div className="people-deeds">
      {mayWrite ? button("edit", texts.form.edit) : null}
      {customer.state === "active" && mayStep ? button("suspend", words.suspend) : null}
      {customer.state === "suspended" && mayStep ? button("resume", words.resume) : null}
      {customer.state === "closed" && mayWrite ? button("resume", words.resume) : null}
      {customer.state !== "closed" && mayWrite ? button("close", words.close, true) : null}
      {customer.state === "closed" && mayWrite ? button("remove", words.remove, true) : null}
      {asking === "edit" ? <CustomerForm customer={customer} onClose={() => setAsking(null)} /> : null}
      {asking === null || asking === "edit" ? null : <Step customer={customer} step={asking} onClose={() => setAsking(null)} />}
    </div>
  );
}
