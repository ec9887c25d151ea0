// Payments as a small table, for staff and for the customer whose they are.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { money, type Payment } from "../../model/customers";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";

/** Newest first; without `onOpen` as a customer sees its own. */
export function PaymentTable({ payments, onOpen }: { payments: readonly Payment[]; onOpen?: (paymentId: string) => void }): ReactNode {
  const nowMs = useNow();
  const heads = texts.customers.payments.columns;
  const sorted = [...payments].sort((a, b) => Date.parse(b.occurredAt) - Date.parse(a.occurredAt));
  return (
    <div className="plain-scroll">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{heads.id}</th>
            <th>{heads.status}</th>
            <th className="end">{heads.amount}</th>
            <th className="end">{heads.at}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((payment) => (
            <tr key={payment.paymentId} data-testid="payment-row">
              <td>
                {onOpen === undefined ? (
                  payment.paymentId
                ) : (
                  <button type="button" className="text-link" onClick={() => onOpen(payment.paymentId)}>
                    {payment.paymentId}
                  </button>
                )}
              </td>
              <td>{texts.customers.payments.word(payment.status)}</td>
              <td className="end num">{money(payment.amount, payment.currency, texts.locale)}</td>
              <td className="end">
                <Time ms={Date.parse(payment.occurredAt)} nowMs={nowMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
