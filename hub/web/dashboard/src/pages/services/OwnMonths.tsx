// A service's months in the customer's own zone.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { percent, rate } from "../../model/format";
import { availabilityFigure, monthAt, monthsBefore, monthWord, volume, type AvailabilityMonth, type TrafficMonth } from "../../model/months";
import type { OwnService } from "../../model/own";
import { Num } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

const SHOWN = 3;
const MORE = 3;
const MOST = 24;

export function OwnMonths({ service, timezone }: { service: OwnService; timezone: string }): ReactNode {
  const now = monthAt(useNow(), timezone);
  const [shown, setShown] = useState(SHOWN);
  const words = texts.portal;
  return (
    <Section heading={words.months}>
      <div className="plain-scroll">
        <table className="plain-table" data-testid="own-months">
          <thead>
            <tr>
              {Object.entries(words.monthColumns).map(([key, head]) => (
                <th key={key} className={key === "month" ? "" : "end"}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: shown }, (_, back) => monthsBefore(now, back)).map((month) => (
              <MonthRow key={month} service={service} month={month} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="field-note">{words.zone(timezone)}</p>
      {shown < MOST ? (
        <button type="button" className="button small" onClick={() => setShown(shown + MORE)}>
          {words.moreMonths}
        </button>
      ) : null}
    </Section>
  );
}

function MonthRow({ service, month }: { service: OwnService; month: string }): ReactNode {
  const words = texts.portal;
  const traffic = useQuery<TrafficMonth>(service.interfaceId === null ? null : `/me/services/${service.id}/months/${month}`);
  const availability = useQuery<AvailabilityMonth>(`/me/services/${service.id}/availability/${month}`);
  const carried = traffic.phase === "ready" ? traffic.data : null;
  const reached = availability.phase === "ready" ? availability.data : null;
  const measured = carried !== null && carried.coverage > 0;
  const share = carried?.maxP95Bps == null || service.committedBps === null ? null : carried.maxP95Bps / service.committedBps;
  return (
    <tr>
      <td>
        {monthWord(month, texts.locale)}
        {reached?.complete === false ? <span className="dim"> {words.soFar}</span> : null}
      </td>
      {traffic.phase === "failed" ? (
        <NotRead why={traffic.message} />
      ) : (
        <>
          <td className="end">
            <Num figure={rate(carried?.maxP95Bps ?? null)} />
            {share === null ? null : (
              <div className="dim">
                <Num figure={percent(share)} />
              </div>
            )}
          </td>
          <td className="end">
            {measured ? (
              <>
                <Num figure={volume(carried.inOctets)} />, <Num figure={volume(carried.outOctets)} />
              </>
            ) : (
              "–"
            )}
          </td>
        </>
      )}
      {availability.phase === "failed" ? (
        <NotRead why={availability.message} />
      ) : (
        <>
          <td className="end">
            <Num figure={availabilityFigure(reached?.ratio ?? null)} />
          </td>
          <td className="end num">{reached === null || reached.ratio === null ? "–" : reached.outagesTotal.toLocaleString(texts.locale)}</td>
        </>
      )}
    </tr>
  );
}

function NotRead({ why }: { why: string }): ReactNode {
  return (
    <td colSpan={2} className="end dim">
      {texts.port.months.failed(why)}
    </td>
  );
}
