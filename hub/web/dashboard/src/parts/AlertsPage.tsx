// The alerts that are active now.

import { useEffect, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { useObservable, usePage } from "../data/context";
import { toneOf } from "../data/journal";
import { go, hrefOf, useRoute } from "../data/route";
import { instant, span } from "../model/format";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import { Time } from "./Numbers";

const ORDER = { critical: 0, warning: 1, info: 2 } as const;

export function AlertsPage(): ReactNode {
  const nowMs = useNow();
  const { query } = useRoute();
  const alerts = [...useObservable(usePage().live.journal.alerts).values()].sort(
    (a, b) => ORDER[a.severity] - ORDER[b.severity] || Date.parse(b.startedAt) - Date.parse(a.startedAt),
  );
  useEffect(() => {
    document.title = texts.title(texts.alerts.heading);
  }, []);
  return (
    <>
      <header className="list-head">
        <h1>{texts.alerts.heading}</h1>
        <p className="answer">{alerts.length === 0 ? texts.alerts.none : texts.alerts.count(alerts.length)}</p>
      </header>
      <div className="alerts" role="list">
        {alerts.map((alert) => {
          const startedMs = instant(alert.startedAt) ?? nowMs;
          const place = { page: "devices", deviceId: alert.deviceId } as const;
          return (
            <article key={alert.id} className={`alert severity-${alert.severity}`} role="listitem" data-testid="alert-row">
              <Glyph status={toneOf({ kind: "alert", event: alert })} />
              <div className="alert-text">
                <p className="alert-title">
                  {alert.deviceId === null ? (
                    alert.title
                  ) : (
                    <a
                      href={hrefOf(place, query)}
                      onClick={(event) => {
                        event.preventDefault();
                        go(place);
                      }}
                    >
                      {alert.title}
                    </a>
                  )}
                </p>
                <p className="alert-why">
                  {[
                    texts.severity[alert.severity],
                    alert.state === "pending" ? texts.alerts.pending : "",
                    alert.reason ?? "",
                    alert.inhibitedBy == null ? "" : texts.alerts.inhibited(alert.inhibitedBy),
                    alert.silencedBy == null ? "" : texts.alerts.silenced(alert.silencedBy.comment),
                    alert.acknowledgedBy == null ? "" : texts.alerts.acknowledged(alert.acknowledgedBy),
                  ]
                    .filter((part) => part !== "")
                    .join(" · ")}
                </p>
              </div>
              <p className="alert-since">
                <span className="num">{span(nowMs - startedMs)}</span>
                <Time ms={startedMs} nowMs={nowMs} />
              </p>
            </article>
          );
        })}
      </div>
    </>
  );
}
