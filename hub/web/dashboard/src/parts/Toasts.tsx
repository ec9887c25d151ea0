// New alerts, said once, wherever on the page one is. Critical ones stay until they are dismissed.

import { useAlerts } from "@noctule/client/hooks";
import type { AlertEvent } from "@noctule/client";
import { useEffect, useState, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { go } from "../data/route";
import { toneOf } from "../data/journal";
import { sentence } from "../model/format";
import { texts } from "../texts";
import { Glyph, Icon } from "./Glyph";
import { Time } from "./Numbers";

/** More than these are counted, not shown: a storm must not cover the list. */
const SHOWN = 3;
const KEPT = 50;
const STAY_MS = 10_000;

export function Toasts(): ReactNode {
  const [alerts, setAlerts] = useState<readonly AlertEvent[]>([]);
  const dismiss = (id: number): void => setAlerts((all) => all.filter((alert) => alert.id !== id));
  useAlerts(
    (alert) => {
      if (alert.late === true) return;
      const quiet = alert.acknowledgedBy != null || alert.inhibitedBy != null || alert.silencedBy != null;
      if (alert.state !== "firing" || quiet) dismiss(alert.id);
      else setAlerts((all) => [alert, ...all.filter((other) => other.id !== alert.id)].slice(0, KEPT));
    },
    { updates: true },
  );
  const more = alerts.length - SHOWN;
  return (
    <div className="toasts" role="region" aria-label={texts.toast.label} aria-live="polite">
      {alerts.slice(0, SHOWN).map((alert) => (
        <Toast key={alert.id} alert={alert} onDismiss={() => dismiss(alert.id)} />
      ))}
      {more > 0 ? (
        <button type="button" className="toast-more" onClick={() => go({ page: "alerts" })}>
          {texts.toast.more(more)}
        </button>
      ) : null}
    </div>
  );
}

function Toast({ alert, onDismiss }: { alert: AlertEvent; onDismiss: () => void }): ReactNode {
  const nowMs = useNow();
  const stays = alert.severity === "critical";
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(onDismiss, STAY_MS);
    return () => clearTimeout(timer);
    // Each alert has its own timer, begun once; a new function for dismissing it is no reason to begin again.
  }, [alert.id, stays]);
  const { deviceId } = alert;
  return (
    <div className={`toast severity-${alert.severity}`} role="alert" data-testid="toast">
      <Glyph status={toneOf({ kind: "alert", event: alert })} />
      <div className="toast-text">
        <p className="toast-title">
          {deviceId === null ? (
            alert.title
          ) : (
            <button type="button" className="plain" onClick={() => go({ page: "devices", deviceId })}>
              {alert.title}
            </button>
          )}
        </p>
        <p className="toast-why">
          {alert.test === true ? `${texts.strip.test} · ` : null}
          {texts.severity[alert.severity]} · <Time ms={Date.parse(alert.startedAt)} nowMs={nowMs} />
          {alert.reason ? ` · ${sentence(alert.reason)}` : null}
        </p>
      </div>
      <button type="button" className="icon-button small" aria-label={texts.toast.dismiss} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
