// New alerts, said once, wherever on the page one is. Critical ones stay until they are dismissed. Where all that fires
// stands on the page anyway nothing is laid over it: there they are said to screen readers alone.

import { useAlerts } from "@noctule/client/hooks";
import type { AlertEvent } from "@noctule/client";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { useToday } from "../data/clock";
import { usePage } from "../data/context";
import { at, go, useRoute } from "../data/route";
import { toneOf } from "../data/journal";
import { sentence } from "../model/format";
import { texts } from "../texts";
import { Glyph, Icon } from "./Glyph";
import { Time } from "./Numbers";
import { PaymentToasts } from "./PaymentToasts";
import "./toasts.css";

/** More than these are counted, not shown: a storm must not cover the list. */
const SHOWN = 3;
const KEPT = 50;
const STAY_MS = 10_000;

export function Toasts(): ReactNode {
  const [alerts, setAlerts] = useState<readonly AlertEvent[]>([]);
  /** Nothing goes while somebody reads it, or is about to click it. */
  const [reading, setReading] = useState(false);
  const dismiss = (id: number): void => {
    setAlerts((all) => all.filter((alert) => alert.id !== id));
    // What has gone from under the pointer is not left by it.
    setReading(false);
  };
  const dismissAll = (): void => {
    setAlerts([]);
    setReading(false);
  };
  const { soon, staff, role } = usePage().live;
  const take = (alert: AlertEvent): void => {
    const quiet = alert.acknowledgedBy != null || alert.inhibitedBy != null || alert.silencedBy != null;
    if (alert.state !== "firing" || quiet) dismiss(alert.id);
    else setAlerts((all) => [alert, ...all.filter((other) => other.id !== alert.id)].slice(0, KEPT));
  };
  useAlerts((alert) => alert.late !== true && soon(() => take(alert)), { updates: true });
  const more = alerts.length - SHOWN;
  const { place } = useRoute();
  const standsThere = staff && place.page === "overview";
  useEffect(() => {
    // Whoever goes on to another page has seen them.
    if (standsThere && alerts.length > 0) return () => setAlerts([]);
    return undefined;
  }, [standsThere, alerts.length > 0]);
  if (standsThere) return <Said alert={alerts[0]} />;
  return (
    <div
      className="toasts"
      role="region"
      aria-label={texts.toast.label}
      aria-live="polite"
      onPointerEnter={() => setReading(true)}
      onPointerLeave={() => setReading(false)}
      onFocus={() => setReading(true)}
      onBlur={() => setReading(false)}
    >
      {role === "customer" ? <PaymentToasts held={reading} stayMs={STAY_MS} /> : null}
      {alerts.slice(0, SHOWN).map((alert) => (
        <Toast key={alert.id} alert={alert} held={reading} onDismiss={() => dismiss(alert.id)} />
      ))}
      {alerts.length > 1 ? (
        <div className="toast-rest">
          {more > 0 ? (
            <button type="button" className="toast-more" onClick={() => go(at(staff ? "alerts" : "services"))}>
              {texts.toast.more(more)}
            </button>
          ) : null}
          <button type="button" className="toast-more" onClick={dismissAll} data-testid="toasts-dismiss">
            {texts.toast.dismissAll}
          </button>
        </div>
      ) : null}
    </div>
  );
}

/** Says the newest alert; one that is over does not bring up the one before again. */
function Said({ alert }: { alert: AlertEvent | undefined }): ReactNode {
  const newestId = useRef(0);
  if (alert !== undefined) newestId.current = Math.max(newestId.current, alert.id);
  return (
    <div className="sr" role="alert">
      {alert?.id === newestId.current ? `${texts.severity[alert.severity]}: ${texts.hubSays(alert.title)}` : null}
    </div>
  );
}

function Toast({ alert, held, onDismiss }: { alert: AlertEvent; held: boolean; onDismiss: () => void }): ReactNode {
  const todayMs = useToday();
  const { staff } = usePage().live;
  const stays = alert.severity === "critical";
  useEffect(() => {
    if (stays || held) return undefined;
    const timer = setTimeout(onDismiss, STAY_MS);
    return () => clearTimeout(timer);
    // Each alert has its own timer; a new function for dismissing it is no reason to begin again.
  }, [alert.id, stays, held]);
  const { deviceId } = alert;
  return (
    <div className={`toast severity-${alert.severity}`} {...(stays ? { role: "alert" } : {})} data-testid="toast">
      <Glyph status={toneOf({ kind: "alert", event: alert })} />
      <div className="toast-text">
        <p className="toast-title">
          {deviceId === null || !staff ? (
            texts.hubSays(alert.title)
          ) : (
            <button type="button" className="plain" onClick={() => go(at("devices", deviceId))}>
              {texts.hubSays(alert.title)}
            </button>
          )}
        </p>
        <p className="toast-why">
          {alert.test === true ? `${texts.strip.test} · ` : null}
          {texts.severity[alert.severity]} · <Time ms={Date.parse(alert.startedAt)} nowMs={todayMs} />
          {alert.reason ? ` · ${sentence(texts.hubSays(alert.reason))}` : null}
        </p>
      </div>
      <button type="button" className="icon-button small" aria-label={texts.toast.dismiss} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
