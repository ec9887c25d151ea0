// A customer's payments as the billing system tells of them, live.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useQuery } from "../../data/useQuery";
import { balances, decimal, money, type Customer, type Payment } from "../../model/customers";
import { Answered } from "../../parts/Answered";
import { texts } from "../../texts";
import { PaymentForm, PaymentHistory } from "./PaymentDialogs";
import { PaymentTable } from "./PaymentTable";

const MAY_PUBLISH: ReadonlySet<string> = new Set(["admin", "billing"]);

export function Payments({ customer }: { customer: Customer }): ReactNode {
  const { live } = usePage();
  const answer = useQuery<{ items: Payment[] }>(`/payments?customerId=${customer.id}&limit=1000#all`, { on: ["payment:update"] });
  const [publishing, setPublishing] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const words = texts.customers.payments;
  return (
    <section className="customer-part" data-testid="customer-payments">
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <div className="part-empty"><h3>{words.none}</h3><p className="dim">{words.noneLead}</p></div>)}>
        {({ items }) => (
          <>
            <Sums payments={items} />
            <PaymentTable payments={items} onOpen={setOpen} />
          </>
        )}
      </Answered>
      {MAY_PUBLISH.has(live.role) ? (
        <div className="form-end">
          <button type="button" className="button small" onClick={() => setPublishing(true)} data-testid="payment-publish">
            {words.publish}
          </button>
        </div>
      ) : null}
      {publishing ? <PaymentForm customerId={customer.id} onClose={() => setPublishing(false)} /> : null}
      {open === null ? null : <PaymentHistory paymentId={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Sums({ payments }: { payments: readonly Payment[] }): ReactNode {
  const found = [...balances(payments).values()].flat();
  return (
    <p className="sums">
      {found.map(({ status, count, sums }) => (
        <span key={status}>
          <span className="chip">{texts.customers.balance(texts.customers.payments.word(status), count)}</span> {[...sums].map(([currency, sum]) => money(decimal(sum), currency, texts.locale)).join(", ")}
        </span>
      ))}
    </p>
  );
}
