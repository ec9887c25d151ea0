// A month of a customer: what each service carried against what is committed, and how available it was.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { download } from "../../data/download";
import { useAction, useQuery, type Answer } from "../../data/useQuery";
import { csvText } from "../../model/csv";
import type { Customer, Service } from "../../model/customers";
import { percent, rate } from "../../model/format";
import { availabilityFigure, monthAt, monthsBefore, monthWord, volume, type AvailabilityMonth, type TrafficMonth } from "../../model/months";
import { Answered } from "../../parts/Answered";
import { Trouble } from "../../parts/Form";
import { Glyph, Icon } from "../../parts/Glyph";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";
import { servicesPath } from "./columns";

export function Months({ customer }: { customer: Customer }): ReactNode {
  const { live } = usePage();
  const now = monthAt(useNow(), customer.timezone);
  const [back, setBack] = useState(0);
  const month = monthsBefore(now, back);
  const answer = useQuery<{ items: Service[] }>(servicesPath(customer.id));
  const words = texts.customers.months;
  const save = useAction(async (services: readonly Service[]) => {
    const rows: (string | number | null)[][] = [];
    for (const service of services) {
      const { traffic, availability } = pathsOf(service, month, customer.timezone);
      const carried = traffic === null ? null : await live.get<TrafficMonth>(traffic);
      const reached = await live.get<AvailabilityMonth>(availability);
      rows.push([month, customer.timezone, customer.name, customer.reference, service.label, carried?.inP95Bps ?? null, carried?.outP95Bps ?? null, carried?.maxP95Bps ?? null, service.committedBps, carried?.inOctets ?? null, carried?.outOctets ?? null, carried?.coverage ?? null, reached.ratio]);
    }
    const heads = ["month", "timezone", "customer", "reference", "service", "in_p95_bps", "out_p95_bps", "max_p95_bps", "committed_bps", "in_octets", "out_octets", "coverage", "availability"];
    download(`${customer.name} ${month}.csv`, new Blob([csvText(heads, rows)], { type: "text/csv;charset=utf-8" }));
  });
  return (
    <section className="customer-part" data-testid="customer-months">
      <div className="month-head">
        <button type="button" className="icon-button small" aria-label={words.earlier} title={words.earlier} onClick={() => setBack(back + 1)}>
          <Icon name="back" />
        </button>
        <h3>{monthWord(month, texts.locale)}</h3>
        <button type="button" className="icon-button small turned" aria-label={words.later} title={words.later} disabled={back === 0} onClick={() => setBack(back - 1)}>
          <Icon name="back" />
        </button>
        <span className="dim">{[words.zone(customer.timezone), back === 0 ? words.open : ""].join(" ")}</span>
        <button type="button" className="icon-button small" aria-label={words.csv} title={words.csv} disabled={save.busy || answer.phase !== "ready"} onClick={() => answer.phase === "ready" && void save.run(answer.data.items)}>
          <Icon name="download" />
        </button>
      </div>
      <Trouble refusal={save.refusal} />
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <p className="dim">{words.none}</p>)}>
        {({ items }) => (
          <div className="plain-scroll">
            <table className="plain-table">
              <thead>
                <tr>
                  {Object.entries(texts.customers.services.columns).map(([key, head]) => (
                    <th key={key} className={key === "service" ? "" : "end"}>
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {items.map((service) => (
                  <MonthRow key={`${service.id} ${month}`} service={service} month={month} tz={customer.timezone} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answered>
    </section>
  );
}

function pathsOf(service: Service, month: string, tz: string): { traffic: string | null; availability: string } {
  const zone = `tz=${encodeURIComponent(tz)}`;
  return {
    traffic: service.interfaceId === null ? null : `/interfaces/${service.interfaceId}/months/${month}?${zone}`,
    availability: `/devices/${service.deviceId}/availability/${month}?${zone}`,
  };
}

function MonthRow({ service, month, tz }: { service: Service; month: string; tz: string }): ReactNode {
  const paths = pathsOf(service, month, tz);
  const traffic = useQuery<TrafficMonth>(paths.traffic);
  const availability = useQuery<AvailabilityMonth>(paths.availability);
  const carried = paths.traffic === null ? null : readyOf(traffic);
  const p95 = carried?.maxP95Bps ?? null;
  const share = p95 === null || service.committedBps === null ? null : p95 / service.committedBps;
  const why = traffic.phase === "failed" ? traffic.message : availability.phase === "failed" ? availability.message : undefined;
  return (
    <tr title={why}>
      <td>
        {service.label}
        {carried === null || carried.coverage >= 0.995 ? null : <div className="dim">{texts.customers.months.coverage(words(percent(carried.coverage)))}</div>}
      </td>
      <td className="end">
        <Num figure={rate(p95)} />
        {share === null ? null : (
          <div className="dim">
            {share > 1 ? <Glyph status="degraded" /> : null} {texts.customers.months.share(words(percent(share)))}
          </div>
        )}
      </td>
      <td className="end">
        <Num figure={volume(carried?.inOctets ?? null)} />
        <br />
        <Num figure={volume(carried?.outOctets ?? null)} />
      </td>
      <td className="end">
        <Num figure={availabilityFigure(readyOf(availability)?.ratio ?? null)} />
      </td>
    </tr>
  );
}

const readyOf = <T,>(answer: Answer<T>): T | null => (answer.phase === "ready" ? answer.data : null);
const words = ({ value, unit }: { value: string; unit: string }): string => `${value} ${unit}`;
