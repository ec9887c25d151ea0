import { useAlerts } from "@noctule/client/hooks";
import type { AlertEvent } from "@noctule/client";
import { useEffect, useState, type ReactNode } from "react";

const SHOWN_MS = 30_000;
const MOST = 5;

/** Shows each new alert for a while. */
export function Toasts(): ReactNode {
  const [alerts, setAlerts] = useState<readonly AlertEvent[]>([]);
  useAlerts((alert) => setAlerts((before) => [alert, ...before].slice(0, MOST)));
  return (
    <aside aria-live="assertive">
      {alerts.map((alert) => (
        <Toast key={alert.id} alert={alert} onEnd={() => setAlerts((before) => before.filter((one) => one !== alert))} />
      ))}
    </aside>
  );
}

function Toast({ alert, onEnd }: { alert: AlertEvent; onEnd: () => void }): ReactNode {
  useEffect(() => {
    const timer = setTimeout(onEnd, SHOWN_MS);
    return () => clearTimeout(timer);
    // Its time begins when it is shown, whatever happens around it.
  }, [alert]);
  return (
    <p role="alert" data-testid="toast" className={alert.severity}>
      New alert: {alert.title}
    </p>
  );
}
