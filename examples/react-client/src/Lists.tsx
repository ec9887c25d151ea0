// Lists of what has happened since the page was opened, or since before its last reload.

import { useDeviceStatus, usePaymentUpdates } from "@noctule/client/hooks";
import type { HubEvents } from "@noctule/client";
import { useState, type ReactNode } from "react";

const MOST = 50;

type StatusChange = HubEvents["device:status"];

export function StatusChanges(): ReactNode {
  const [events, setEvents] = useState<readonly StatusChange[]>([]);
  useDeviceStatus((event) => setEvents((before) => [event, ...before].slice(0, MOST)));
  return (
    <section>
      <h2>Status changes</h2>
      <ol>
        {events.map((event) => (
          <li key={event.seq ?? event.timestamp} data-testid="status" data-seq={event.seq} data-status={event.status}>
            <time>{event.timestamp}</time> {told(event)}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Who is not signed in hears of the status page's components, and of no device. */
function told(event: StatusChange): string {
  if (event.deviceId === undefined) return event.components.map(({ label, state }) => `${label} is ${state}`).join(", ");
  return `${event.deviceName ?? `device ${event.deviceId}`} is ${event.status}`;
}

export function Payments(): ReactNode {
  const payments = usePaymentUpdates();
  return (
    <section>
      <h2>Payments</h2>
      <ol>
        {payments.map((payment) => (
          <li key={payment.seq ?? payment.timestamp} data-testid="payment" data-seq={payment.seq}>
            {payment.paymentId}: {payment.status}
          </li>
        ))}
      </ol>
    </section>
  );
}
