// The columns of the list of customers. What is asked for per customer is asked for the rows that are looked at.

import { useMemo, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { useQuery } from "../../data/useQuery";
import { balances, CUSTOMER_TONE, troublesOf, type Balance, type Customer, type Payment, type Service } from "../../model/customers";
import type { Column } from "../../parts/DataTable";
import { Glyph } from "../../parts/Glyph";
import { texts } from "../../texts";

export const servicesPath = (id: number): string => `/customers/${id}/services?limit=1000`;

export function useCustomerColumns(): readonly Column<Customer>[] {
  const { staff } = usePage().live;
  const payments = useQuery<{ items: Payment[] }>("/payments?limit=1000#all", { on: ["payment:update"] });
  const sums = useMemo(() => (payments.phase === "ready" ? balances(payments.data.items) : null), [payments]);
  return useMemo(() => {
    const heads = texts.customers.columns;
    const columns: Column<Customer>[] = [
      { key: "state", head: heads.state, narrow: "112px", width: "120px", cell: (one) => <State customer={one} />, sort: (one) => one.state },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(150px, 1.2fr)", cell: (one) => one.name, sort: (one) => one.name },
      { key: "reference", head: heads.reference, title: texts.customers.referenceTitle, width: "minmax(90px, 0.6fr)", cell: (one) => one.reference ?? "–", sort: (one) => one.reference },
      { key: "services", head: heads.services, width: "76px", align: "end", cell: (one) => <ServiceCount id={one.id} /> },
      { key: "payments", head: heads.payments, width: "minmax(140px, 1fr)", cell: (one) => (sums === null ? "" : <Balances balances={sums.get(one.id) ?? []} />) },
    ];
    if (staff) columns.push({ key: "trouble", head: heads.trouble, narrow: "84px", width: "100px", cell: (one) => <Trouble customer={one} /> });
    return columns;
  }, [sums, staff]);
}

export function State({ customer }: { customer: Customer }): ReactNode {
  return (
    <span className="with-glyph">
      <Glyph status={CUSTOMER_TONE[customer.state]} /> {texts.customers.states[customer.state]}
    </span>
  );
}

function useServices(id: number): readonly Service[] | null {
  const answer = useQuery<{ items: Service[] }>(servicesPath(id));
  return answer.phase === "ready" ? answer.data.items : null;
}

function ServiceCount({ id }: { id: number }): ReactNode {
  return useServices(id)?.length.toLocaleString(texts.locale) ?? "";
}

function Balances({ balances: found }: { balances: readonly Balance[] }): ReactNode {
  if (found.length === 0) return <span className="dim">–</span>;
  return found.map(({ status, count }) => texts.customers.balance(texts.customers.payments.word(status), count)).join(", ");
}

function Trouble({ customer }: { customer: Customer }): ReactNode {
  const { journal } = usePage().live;
  const alerts = useObservable(journal.alerts);
  const services = useServices(customer.id);
  if (services === null) return "";
  const n = customer.state === "closed" ? 0 : troublesOf(services, alerts.values()).length;
  if (n === 0) return <span className="dim">{texts.customers.trouble(0)}</span>;
  return (
    <span className="with-glyph">
      <Glyph status="offline" /> {texts.customers.trouble(n)}
    </span>
  );
}
