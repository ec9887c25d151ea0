// The updates of one payment, and one more.

import { useRef, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { useAction, useQuery } from "../../data/useQuery";
import { money } from "../../model/customers";
import { Answered } from "../../parts/Answered";
import { Dialog } from "../../parts/Dialog";
import { Form, TextField } from "../../parts/Form";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";

interface Update {
  status: string;
  amount: string | null;
  currency: string | null;
  occurredAt: string;
  receivedAt: string;
  late: boolean;
  subject: string;
}

export function PaymentHistory({ paymentId, onClose }: { paymentId: string; onClose: () => void }): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<{ updates: Update[] }>(`/payments/${encodeURIComponent(paymentId)}`, { on: ["payment:update"] });
  const words = texts.customers.payments;
  return (
    <Dialog heading={words.history(paymentId)} onClose={onClose}>
      <Answered answer={answer}>
        {({ updates }) => (
          <ol className="plain-lines">
            {[...updates].reverse().map((update) => (
              <li key={`${update.occurredAt} ${update.receivedAt}`}>
                <Time ms={Date.parse(update.occurredAt)} nowMs={nowMs} seconds />
                <span>{words.word(update.status)}</span>
                <span className="num">{money(update.amount, update.currency, texts.locale)}</span>
                <span className="dim">{words.by(update.subject)}</span>
                {update.late ? <span className="chip">{words.late}</span> : null}
              </li>
            ))}
          </ol>
        )}
      </Answered>
    </Dialog>
  );
}

/** Returns an idempotency key. `randomUUID` is only there on https and on this machine. */
function newKey(): string {
  return `page-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export function PaymentForm({ customerId, onClose }: { customerId: number; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.customers.payments;
  // Sent again unchanged, after an answer that got lost, it is the same update; changed it is another one.
  const sent = useRef({ text: "", key: "" });
  const publish = useAction(async (form: FormData) => {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const at = new Date(text("occurredAt"));
    const occurredAt = Number.isNaN(at.getTime()) ? "" : at.toISOString();
    const money = text("amount") === "" ? {} : { amount: text("amount"), currency: text("currency").toUpperCase() };
    const body = { customerId, status: text("status"), occurredAt, ...money };
    const asText = JSON.stringify([text("paymentId"), body]);
    if (sent.current.text !== asText) sent.current = { text: asText, key: newKey() };
    await live.send("POST", `/payments/${encodeURIComponent(text("paymentId"))}/updates`, body, { "Idempotency-Key": sent.current.key });
  });
  const { refusal } = publish;
  return (
    <Dialog heading={words.publish} onClose={onClose} testId="payment-form">
      <Form busy={publish.busy} refusal={refusal} said={["status", "amount", "currency", "occurredAt"]} onCancel={onClose} onSubmit={(form) => void publish.run(form).then((done) => done && onClose())}>
        <p className="dim">{words.publishLead}</p>
        <TextField label={words.fields.id} note={words.fields.idNote} name="paymentId" required autoFocus maxLength={64} pattern="[A-Za-z0-9][A-Za-z0-9._:\-]*" title={words.fields.idNote} />
        <div className="form-row">
          <TextField label={words.fields.status} note={words.fields.statusNote} name="status" pattern="[A-Za-z][A-Za-z0-9_\-]*" title={words.fields.statusNote} field="status" refusal={refusal} required maxLength={32} />
          <TextField label={words.fields.at} name="occurredAt" type="datetime-local" step={1} defaultValue={localNow()} field="occurredAt" refusal={refusal} required />
        </div>
        <div className="form-row">
          <TextField label={words.fields.amount} note={words.fields.amountNote} name="amount" inputMode="decimal" pattern="-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?" title={words.fields.amountNote} field="amount" refusal={refusal} />
          <TextField label={words.fields.currency} name="currency" pattern="[A-Za-z]{3}" title={words.fields.currencyNote} note={words.fields.currencyNote} field="currency" refusal={refusal} maxLength={3} />
        </div>
      </Form>
    </Dialog>
  );
}

/** Returns the time now as a field for local times takes it. */
function localNow(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
