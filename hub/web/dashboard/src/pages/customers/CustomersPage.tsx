// The customers: their state, services, payments and troubles, and beside the list the one that is open.

import { useRoom } from "@noctule/client/hooks";
import { useMemo, useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, setQuery, useRoute } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { findCustomers, type Customer } from "../../model/customers";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable } from "../../parts/DataTable";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_OPERATE, type PageProps } from "../registry";
import { CUSTOMERS } from "./address";
import { CustomerForm } from "./CustomerForm";
import { CustomerPanel } from "./CustomerPanel";
import { useCustomerColumns } from "./columns";
import "./customers.css";

export default function CustomersPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  useRoom("customers");
  useRoom("payments");
  const answer = useQuery<{ items: Customer[]; nextCursor: string | null }>(CUSTOMERS, { on: ["customer:update"] });
  const [adding, setAdding] = useState(false);
  const mayWrite = MAY_OPERATE.has(live.role);
  const columns = useCustomerColumns();
  const all = answer.phase === "ready" ? answer.data.items : [];
  const [text, state] = [query.get("q") ?? "", query.get("state") ?? ""];
  const shown = useMemo(() => findCustomers(all, text).filter((one) => state === "" || one.state === state), [all, text, state]);
  const add = (
    <button type="button" className="button primary" onClick={() => setAdding(true)}>
      {texts.customers.add}
    </button>
  );
  return (
    <div className="beside">
      <div className="beside-list">
        <Page title={texts.rail.pages.customers} answer={answer.phase === "ready" && all.length > 0 ? sentenceOf(all) : ""} testId="customers" flush tools={<Tools text={text} state={state} {...(mayWrite ? { onAdd: () => setAdding(true) } : {})} />}>
          <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <Blank heading={texts.customers.empty} lead={texts.customers.emptyLead}>{mayWrite ? add : null}</Blank>)}>
            {({ nextCursor }) => (
              <>
                {nextCursor === null ? null : <p className="trouble-line">{texts.customers.more}</p>}
                <DataTable label={texts.rail.pages.customers} columns={columns} rows={shown} keyOf={(one) => one.id} placeOf={(one) => at("customers", one.id, part)} openKey={id} testId="customer-table" empty={<p className="no-match">{texts.table.noMatch}</p>} />
              </>
            )}
          </Answered>
        </Page>
      </div>
      <Opened page="customers" id={id} answer={answer}>
        {(customer) => <CustomerPanel key={customer.id} customer={customer} part={part} />}
      </Opened>
      {adding ? <CustomerForm customer={null} onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

function Tools({ text, state, onAdd }: { text: string; state: string; onAdd?: () => void }): ReactNode {
  return (
    <>
      <input className="find" value={text} placeholder={texts.table.find} aria-label={texts.table.find} onChange={(event) => setQuery({ q: event.target.value })} data-testid="customer-find" />
      <select className="find narrow" value={state} aria-label={texts.customers.columns.state} onChange={(event) => setQuery({ state: event.target.value })}>
        <option value="">{texts.customers.allStates}</option>
        {Object.entries(texts.customers.states).map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
      {onAdd === undefined ? null : (
        <button type="button" className="button small" onClick={onAdd} data-testid="customer-add">
          {texts.customers.add}
        </button>
      )}
    </>
  );
}

function sentenceOf(customers: readonly Customer[]): string {
  const count = (state: string): number => customers.filter((one) => one.state === state).length;
  return texts.customers.answer(count("active"), count("suspended"), count("closed"));
}
