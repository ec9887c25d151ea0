// A device's open alerts, each with the sentence that explains it.

import type { AlertEvent } from "@noctule/client";
import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useObservable, usePage } from "../../data/context";
import { toneOf } from "../../data/journal";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { closed, instant, sentence, span } from "../../model/format";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Age } from "../../parts/Numbers";
import { texts } from "../../texts";

/** More are counted: a device with fifty dead ports must not push everything else off the page. */
const SHOWN = 4;
const ORDER = { critical: 0, warning: 1, info: 2 } as const;

export function OpenAlerts({ deviceId }: { deviceId: number }): ReactNode {
  const all = useObservable(usePage().live.journal.alerts);
  const alerts = [...all.values()]
    .filter((alert) => alert.deviceId === deviceId)
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || Date.parse(b.startedAt) - Date.parse(a.startedAt));
  if (alerts.length === 0) return null;
  const words = texts.device.alerts;
  return (
    <section className="panel-section" data-testid="open-alerts">
      <header>
        <h3>{words.heading}</h3>
      </header>
      <ul className="plain-list">
        {alerts.slice(0, SHOWN).map((alert) => (
          <OpenAlert key={alert.id} alert={alert} />
        ))}
      </ul>
      {alerts.length > SHOWN ? <Link to={at("alerts")}>{words.more(alerts.length - SHOWN)}</Link> : null}
    </section>
  );
}

function OpenAlert({ alert }: { alert: AlertEvent }): ReactNode {
  const nowMs = useNow();
  const why = useQuery<{ sentences: string[] }>(`/alerts/${alert.id}/explanation`);
  const startedMs = instant(alert.startedAt) ?? nowMs;
  // What it says of itself stands in until the explanation is read, and when it cannot be.
  const text = why.phase === "ready" ? (why.data.sentences[0] ?? "") : (alert.reason ?? "");
  return (
    <li className={`open-alert severity-${alert.severity}`}>
      <Glyph status={toneOf({ kind: "alert", event: alert })} />
      <div>
        <p>
          <Link to={at("alerts", alert.id)} title={texts.device.alerts.all}>
            {texts.hubSays(alert.title)}
          </Link>{" "}
          <Age ms={startedMs} className="dim num">
            {span(nowMs - startedMs)}
          </Age>
          {alert.state === "pending" ? <span className="tag">{texts.alerts.states.pending.toLowerCase()}</span> : null}
          {alert.acknowledgedBy == null ? null : <span className="dim"> {texts.alerts.acknowledged(alert.acknowledgedBy)}</span>}
        </p>
        <p className="dim">{why.phase === "ready" ? closed(texts.hubSays(text)) : sentence(texts.hubSays(text))}</p>
      </div>
    </li>
  );
}
