// What becomes of a customer's own payments, said once, wherever on the page one is.

import { usePaymentUpdates } from "@noctule/client/hooks";
import type { PaymentUpdateEvent } from "@noctule/client";
import { useEffect, useState, type ReactNode } from "react";

import { texts } from "../texts";
import { Icon } from "./Glyph";

/** The newest of these many payments; the table has them all. */
const SHOWN = 3;

/** `held`: somebody reads them, and none goes; `stayMs` is how long one stays otherwise. */
export function PaymentToasts({ held, stayMs }: { held: boolean; stayMs: number }): ReactNode {
  const [payments, setPayments] = useState<readonly PaymentUpdateEvent[]>([]);
  usePaymentUpdates((payment) => {
    if (payment.late !== true) setPayments((all) => [payment, ...all.filter(({ paymentId }) => paymentId !== payment.paymentId)].slice(0, SHOWN));
  });
  return payments.map((payment) => (
    <PaymentToast key={`${payment.paymentId} ${payment.timestamp}`} payment={payment} held={held} stayMs={stayMs} onDismiss={() => setPayments((all) => all.filter((one) => one !== payment))} />
  ));
}

function PaymentToast(props: { payment: PaymentUpdateEvent; held: boolean; stayMs: number; onDismiss: () => void }): ReactNode {
  const { payment, held, stayMs, onDismiss } = props;
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(onDismiss, stayMs);
    return () => clearTimeout(timer);
    // A new function for dismissing it is no reason to begin again.
  }, [held, stayMs]);
  const amount = payment.amount == null ? "" : `${payment.amount} ${payment.currency ?? ""}`;
  return (
    <div className="toast" data-testid="payment-toast">
      <div className="toast-text">
        <p className="toast-title">{texts.customers.events.payment(payment.paymentId, texts.customers.payments.word(payment.status))}</p>
        <p className="toast-why num">{[payment.test === true ? texts.strip.test : "", amount].filter((part) => part !== "").join(" · ")}</p>
      </div>
      <button type="button" className="icon-button small" aria-label={texts.toast.dismiss} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
