// A customer's own page: whether its connections work, what they carry, and what it has paid.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { useOwnServices } from "../../data/own";
import { useQuery } from "../../data/useQuery";
import { sentence } from "../../model/format";
import { ownAnswer, SERVICE_TONE, worstOf, type OwnCustomer, type OwnService } from "../../model/own";
import { Answered, Blank, TroubleLine } from "../../parts/Answered";
import { Glyph } from "../../parts/Glyph";
import { AsOf } from "../../parts/LinkState";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import type { PageProps } from "../registry";
import { Changes } from "./Changes";
import { OwnMonths } from "./OwnMonths";
import { OwnPayments } from "./OwnPayments";
import { OwnTraffic } from "./OwnTraffic";
import { ServiceCards } from "./ServiceCards";
import { Troubles } from "./Troubles";
import "./services.css";

export default function ServicesPage({ id }: PageProps): ReactNode {
  const customer = useQuery<OwnCustomer>("/me/customer", { on: ["customer:update"] });
  const services = useOwnServices();
  const { live } = usePage();
  const words = texts.portal;
  if (customer.phase === "failed" && customer.status === 404) return <Blank heading={words.noCustomer} />;
  const who = customer.phase === "ready" ? customer.data : null;
  return (
    <Page title={who?.name ?? words.title} testId="portal">
      <div className="portal">
        {customer.phase === "failed" && services.phase !== "failed" ? <TroubleLine why={sentence(customer.message)} onRetry={() => live.queries.retry()} /> : null}
        {who === null ? null : <Contract customer={who} />}
        <Answered answer={services} empty={(items) => (items.length > 0 || who?.state === "closed" ? null : <Blank heading={words.none} lead={words.noneLead} />)}>
          {(items) => (items.length === 0 ? null : <Own services={items} id={id} timezone={who?.timezone ?? null} />)}
        </Answered>
        <OwnPayments />
        <Changes />
      </div>
    </Page>
  );
}

/** What a customer must not overlook: that it is suspended, or that its contract has ended. */
function Contract({ customer }: { customer: OwnCustomer }): ReactNode {
  const words = texts.portal;
  if (customer.state === "active") return null;
  const suspended = customer.state === "suspended";
  return (
    <div className="portal-contract" role="alert" data-testid="portal-contract">
      <Glyph status={suspended ? "degraded" : "unknown"} />
      <div>
        <strong>{suspended ? words.suspended(words.reasons[customer.suspensionReason ?? ""] ?? words.reasons["other"] ?? "") : words.closed}</strong>
        <p>{suspended ? words.suspendedLead : words.closedLead}</p>
      </div>
    </div>
  );
}

function Own({ services, id, timezone }: { services: readonly OwnService[]; id: number | null; timezone: string | null }): ReactNode {
  const nowMs = useNow();
  const named = services.find((service) => service.id === id);
  const open = named ?? services[0];
  return (
    <>
      {id === null || named !== undefined ? null : (
        <p className="trouble-line" role="status" data-testid="service-gone">
          {texts.answer.gone} {texts.answer.goneHelp}
        </p>
      )}
      <p className="panel-answer portal-answer" data-testid="portal-answer">
        <Glyph status={SERVICE_TONE[worstOf(services)]} />
        <span>
          <AsOf />
          {ownAnswer(services, nowMs)}
        </span>
      </p>
      <ServiceCards services={services} openId={open?.id ?? null} />
      <Troubles />
      {open === undefined ? null : <OwnTraffic key={`traffic ${open.id}`} service={open} />}
      {open === undefined || timezone === null ? null : <OwnMonths key={`months ${open.id}`} service={open} timezone={timezone} />}
    </>
  );
}
