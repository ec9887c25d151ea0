// How much of this month and the last one a device was reachable.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { percent, span } from "../../model/format";
import { downS, monthName, monthsBack, type Availability as Month } from "../../model/month";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";

const EVERY_MS = 300_000;

export function Availability({ deviceId }: { deviceId: number }): ReactNode {
  const months = monthsBack(useNow(), 2);
  const words = texts.device.availability;
  return (
    <section className="panel-section" data-testid="availability">
      <header>
        <h3>{words.heading}</h3>
      </header>
      <dl className="months">
        {months.map((month, at) => (
          <MonthLine key={month} deviceId={deviceId} month={month} word={at === 0 ? words.months.this : words.months.last} />
        ))}
      </dl>
    </section>
  );
}

function MonthLine({ deviceId, month, word }: { deviceId: number; month: string; word: string }): ReactNode {
  const answer = useQuery<Month>(`/devices/${deviceId}/availability/${month}`, { everyMs: EVERY_MS });
  const words = texts.device.availability;
  return (
    <div>
      <dt title={monthName(month, texts.locale)}>{word}</dt>
      <dd>{answer.phase === "ready" ? <Ratio month={answer.data} /> : <span className="dim">{answer.phase === "failed" ? words.failed : "…"}</span>}</dd>
    </div>
  );
}

function Ratio({ month }: { month: Month }): ReactNode {
  const words = texts.device.availability;
  if (month.ratio === null) return <span className="dim">{words.none}</span>;
  const [down, unknown] = [downS(month), month.seconds.unknown];
  const more = [words.outages(month.outagesTotal), down >= 1 ? words.down(span(down * 1000)) : "", unknown >= 60 ? words.unknown(span(unknown * 1000)) : ""];
  return (
    <>
      <span>
        <Num figure={percent(month.ratio)} />
      </span>
      <span className="dim">{more.filter((part) => part !== "").join(", ")}</span>
    </>
  );
}
