// A customer's own payments, live.

import type { ReactNode } from "react";

import { useQuery } from "../../data/useQuery";
import type { Payment } from "../../model/customers";
import { Answered } from "../../parts/Answered";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";
import { PaymentTable } from "../customers/PaymentTable";

export function OwnPayments(): ReactNode {
  const answer = useQuery<{ items: Payment[] }>("/me/payments?limit=1000#all", { on: ["payment:update"] });
  return (
    <Section heading={texts.portal.payments}>
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <p className="dim">{texts.portal.noPayments}</p>)}>
        {({ items }) => <PaymentTable payments={items} />}
      </Answered>
    </Section>
  );
}
