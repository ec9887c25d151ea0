// What was told of a customer: its steps, its services, its payments. Newest first.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import type { Customer } from "../../model/customers";
import { Answered } from "../../parts/Answered";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";

interface Told {
  seq: number;
  name: string;
  timestamp: string;
  customerId: number;
  change?: string;
  suspensionReason?: string | null;
  paymentId?: string;
  status?: string;
}

const NAMES = ["customer:update", "payment:update"] as const;

export function Events({ customer }: { customer: Customer }): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<{ items: Told[] }>(`/events?names=${NAMES.join()}&limit=1000`, { on: NAMES });
  const own = (items: readonly Told[]): readonly Told[] => items.filter((one) => one.customerId === customer.id).reverse();
  return (
    <section className="customer-part" data-testid="customer-events">
      <Answered answer={answer} empty={({ items }) => (own(items).length > 0 ? null : <p className="dim">{texts.customers.events.none}</p>)}>
        {({ items }) => (
          <>
            <ol className="plain-lines">
              {own(items).map((one) => (
                <li key={one.seq}>
                  <Time ms={Date.parse(one.timestamp)} nowMs={nowMs} seconds />
                  <span>{wordsOf(one)}</span>
                </li>
              ))}
            </ol>
            {items.length >= 1000 ? <p className="field-note">{texts.customers.events.lead}</p> : null}
          </>
        )}
      </Answered>
    </section>
  );
}

function wordsOf(told: Told): string {
  const words = texts.customers.events;
  if (told.name === "payment:update") return words.payment(told.paymentId ?? "", texts.customers.payments.word(told.status ?? ""));
  const change = words.changes[told.change ?? ""] ?? told.change ?? "";
  const why = told.change === "suspended" ? texts.customers.reasons[told.suspensionReason ?? ""] : undefined;
  return why === undefined ? change : `${change}: ${why}`;
}
