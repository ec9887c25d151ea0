// A customer's services: what each is, how it is now, and what is committed.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage, useRow } from "../../data/context";
import { at } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import type { Customer, Service } from "../../model/customers";
import { clock, rate } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { Confirm } from "../../parts/Dialog";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { servicesPath } from "./columns";
import { ServiceForm } from "./ServiceForm";

export function Services({ customer }: { customer: Customer }): ReactNode {
  const { live } = usePage();
  const answer = useQuery<{ items: Service[] }>(servicesPath(customer.id), { on: ["customer:update"] });
  const [adding, setAdding] = useState(false);
  const mayWrite = MAY_OPERATE.has(live.role) && customer.state !== "closed";
  const words = texts.customers.services;
  return (
    <section className="customer-part" data-testid="customer-services">
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <div className="part-empty"><h3>{words.none}</h3><p className="dim">{words.noneLead}</p></div>)}>
        {({ items }) => (
          <ul className="service-list">
            {items.map((service) => (
              <ServiceLine key={service.id} service={service} mayWrite={mayWrite} />
            ))}
          </ul>
        )}
      </Answered>
      {mayWrite ? (
        <div className="form-end">
          <button type="button" className="button small" onClick={() => setAdding(true)} data-testid="service-add">
            {words.add}
          </button>
        </div>
      ) : null}
      {adding ? <ServiceForm customerId={customer.id} service={null} onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

function ServiceLine({ service, mayWrite }: { service: Service; mayWrite: boolean }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const [asking, setAsking] = useState<"edit" | "remove" | null>(null);
  const words = texts.customers.services;
  const remove = useAction(() => live.send("DELETE", `/customers/${service.customerId}/services/${service.id}`));
  const committed = service.committedBps === null ? null : rate(service.committedBps);
  return (
    <li data-testid="service-line">
      <div className="service-name">{service.label}</div>
      <div className="service-what">
        {live.staff ? <ObjectLink service={service} /> : null}
        <span className="dim">
          {[committed === null ? "" : words.committedAt(`${committed.value} ${committed.unit}`), words.since(clock(Date.parse(service.since), nowMs))].filter((word) => word !== "").join(" · ")}
        </span>
      </div>
      {mayWrite ? (
        <div className="service-deeds">
          <button type="button" className="button small" aria-label={`${texts.form.edit}: ${service.label}`} onClick={() => setAsking("edit")}>
            {texts.form.edit}
          </button>
          <button type="button" className="button small" aria-label={`${texts.form.remove}: ${service.label}`} onClick={() => setAsking("remove")}>
            {texts.form.remove}
          </button>
        </div>
      ) : null}
      {asking === "edit" ? <ServiceForm customerId={service.customerId} service={service} onClose={() => setAsking(null)} /> : null}
      {asking === "remove" ? (
        <Confirm heading={words.removeHeading(service.label)} word={texts.form.remove} action={remove} onClose={() => setAsking(null)}>
          <p>{words.removeLead}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

/** The device or port with its state, as the NOC calls it. */
function ObjectLink({ service }: { service: Service }): ReactNode {
  const row = useRow(service.deviceId);
  const port = useQuery<{ name: string; ifAlias: string }>(service.interfaceId === null ? null : `/interfaces/${service.interfaceId}`);
  if (row === undefined) return <span className="dim">{texts.customers.services.gone}</span>;
  const portName = service.interfaceId === null ? texts.customers.services.device : port.phase === "ready" ? port.data.name : port.phase === "failed" ? texts.customers.services.gone : "";
  return (
    <span className="with-glyph">
      <Glyph status={row.device.status} />
      <Link to={at("devices", service.deviceId)} className="text-link">
        {row.device.name}
      </Link>
      <span>{portName}</span>
    </span>
  );
}
