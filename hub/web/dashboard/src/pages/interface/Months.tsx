// What an interface carried in the last months: percentiles, volumes, and how much of each was measured.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { percent, rate, volume } from "../../model/format";
import { monthName, monthsBack, type BandwidthMonth } from "../../model/month";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";
import "./months.css";

const SHOWN = 3;
const EVERY_MS = 300_000;

export function Months({ interfaceId }: { interfaceId: number }): ReactNode {
  const months = monthsBack(useNow(), SHOWN);
  const words = texts.port.months;
  return (
    <section className="panel-section" data-testid="interface-months">
      <header>
        <h3>{words.heading}</h3>
      </header>
      <div className="scrolls-x" tabIndex={0} role="region" aria-label={words.heading}>
        <table className="month-table">
          <thead>
            <tr>
              <th scope="col">{words.month}</th>
              {[words.inP95, words.outP95, words.volumeIn, words.volumeOut, words.coverage].map((word) => (
                <th key={word} scope="col" className="figure">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {months.map((month) => (
              <MonthRow key={month} interfaceId={interfaceId} month={month} />
            ))}
          </tbody>
        </table>
      </div>
      <Zone interfaceId={interfaceId} month={months[0] ?? ""} />
    </section>
  );
}

const addressOf = (interfaceId: number, month: string): string => `/interfaces/${interfaceId}/months/${month}`;

function MonthRow({ interfaceId, month }: { interfaceId: number; month: string }): ReactNode {
  const answer = useQuery<BandwidthMonth>(addressOf(interfaceId, month), { everyMs: EVERY_MS });
  const words = texts.port.months;
  const found = answer.phase === "ready" ? answer.data : null;
  return (
    <tr>
      <th scope="row">{monthName(month, texts.locale)}</th>
      {found === null ? (
        <td colSpan={5} className="dim">
          {answer.phase === "failed" ? words.failed(answer.message) : "…"}
        </td>
      ) : (
        <>
          {[found.inP95Bps, found.outP95Bps].map((bps, at) => (
            <td key={at} className="figure" {...(bps === null ? { title: words.notYet } : {})}>
              <Num figure={rate(bps)} />
            </td>
          ))}
          {[found.inOctets, found.outOctets].map((octets, at) => (
            <td key={at} className="figure">
              <Num figure={volume(found.coverage === 0 ? null : octets)} />
            </td>
          ))}
          <td className="figure">
            <Num figure={percent(found.coverage)} />
          </td>
        </>
      )}
    </tr>
  );
}

function Zone({ interfaceId, month }: { interfaceId: number; month: string }): ReactNode {
  const answer = useQuery<BandwidthMonth>(addressOf(interfaceId, month), { everyMs: EVERY_MS });
  return answer.phase === "ready" ? <p className="chart-note">{texts.port.months.lead(answer.data.tz)}</p> : null;
}
