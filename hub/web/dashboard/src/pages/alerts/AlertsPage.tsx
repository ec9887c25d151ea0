// Alerts: what is open and, where asked for, what is over; by incident, each at its place, and beside the list the one that is open.

import { useRef, useState, type ReactNode } from "react";

import type { AlertEvent } from "@noctule/client";

import { usePage, useUserId } from "../../data/context";
import { useRoute } from "../../data/route";
import { countsOf, filterOf, isFiltered } from "../../model/alertList";
import { isQuiet } from "../../model/firing";
import { Blank, Failed, TroubleLine, Waiting } from "../../parts/Answered";
import { NearEnd } from "../../parts/NearEnd";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_OPERATE, type PageProps } from "../registry";
import { Acknowledge } from "./Acknowledge";
import { AlertFilters } from "./AlertFilters";
import { AlertGroups } from "./AlertGroups";
import { AlertPanel } from "./AlertPanel";
import { Selected } from "./Selected";
import { useAlertKeys } from "./alertKeys";
import { useAlertRows, type AlertRows } from "./useAlertRows";
import { useReading } from "./useReading";
import "./alerts.css";

const NONE: ReadonlySet<number> = new Set();

export default function AlertsPage({ id }: PageProps): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const filter = filterOf(query);
  const scroller = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState(NONE);
  const [asking, setAsking] = useState<readonly AlertEvent[] | null>(null);
  const reading = useReading(scroller);
  const rows = useAlertRows(filter, useUserId(), reading.now || selected.size > 0 || id !== null);
  const alerts = rows.groups.flatMap((group) => group.alerts);
  const chosen = alerts.filter((alert) => selected.has(alert.id));
  const ringing = alerts.filter((alert) => alert.state === "firing" && !isQuiet(alert)).map((alert) => alert.id);
  const mayWrite = MAY_OPERATE.has(live.role);
  const select = (ids: readonly number[], on: boolean): void => {
    const next = new Set(selected);
    for (const one of ids) if (on) next.add(one); else next.delete(one);
    setSelected(next);
  };
  useAlertKeys({
    scroller,
    openId: id,
    enabled: asking === null,
    onAcknowledge: (focused) => {
      const about = chosen.length > 0 ? chosen : alerts.filter((alert) => alert.id === focused);
      if (mayWrite && about.length > 0) setAsking(about);
    },
    onSelect: (focused) => mayWrite && select([focused], !selected.has(focused)),
  });
  const letIn = (): void => {
    scroller.current?.scrollTo({ top: 0 });
    rows.letIn();
    reading.over();
  };
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.alerts.heading}
          answer={alerts.length === 0 ? "" : filter.all ? texts.alerts.history(alerts.length, rows.more) : texts.alerts.answer(countsOf(rows.groups))}
          testId="alerts"
          flush
          tools={
            <>
              {rows.waiting === 0 ? null : (
                <button type="button" className="notice" onClick={letIn} data-testid="alerts-waiting">
                  {texts.alerts.waiting(rows.waiting)}
                </button>
              )}
              {!mayWrite || ringing.length < 2 || chosen.length > 0 ? null : (
                <button type="button" className="button small select-all" onClick={() => select(ringing, true)} data-testid="alerts-select-all">
                  {texts.alerts.selectAll(ringing.length)}
                </button>
              )}
            </>
          }
        >
          <AlertFilters filter={filter} />
          {rows.trouble === null || alerts.length === 0 ? null : <TroubleLine why={rows.trouble} onRetry={rows.retry} />}
          <div className="alerts" ref={scroller}>
            <AlertGroups groups={rows.groups} openId={id} selected={selected} mayWrite={mayWrite} onSelect={select} />
            {alerts.length > 0 ? null : <Nothing rows={rows} filtered={isFiltered(filter)} />}
            {rows.more && alerts.length > 0 && rows.trouble === null ? <NearEnd key={`${alerts.length} ${rows.loading}`} onNear={rows.older} /> : null}
            {rows.more && alerts.length > 0 ? (
              <button type="button" className="button alerts-more" onClick={rows.older} disabled={rows.loading}>
                {rows.loading ? texts.answer.loading : texts.alerts.older}
              </button>
            ) : null}
          </div>
          {chosen.length === 0 ? null : <Selected alerts={chosen} onAcknowledge={() => setAsking(chosen)} onClear={() => setSelected(NONE)} />}
        </Page>
      </div>
      {id === null ? null : <AlertPanel key={id} id={id} />}
      {asking === null ? null : (
        <Acknowledge
          alerts={asking}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            setSelected(NONE);
          }}
        />
      )}
    </div>
  );
}

/** No alert in the list is good news only if the list could be read. */
function Nothing({ rows, filtered }: { rows: AlertRows; filtered: boolean }): ReactNode {
  if (rows.trouble !== null) return <Failed message={rows.trouble} onRetry={rows.retry} />;
  if (rows.loading) return <Waiting />;
  if (filtered) return <p className="no-match">{texts.alerts.noneFiltered}</p>;
  return <Blank heading={texts.alerts.none} lead={texts.alerts.emptyLead} testId="alerts-none" />;
}
