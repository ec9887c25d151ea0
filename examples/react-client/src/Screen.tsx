// Everything of the hub that this page shows. Each part renders again only when what it shows has changed.

import { useClient, useFreshness, useLink, useStatsUpdates } from "@noctule/client/hooks";
import type { ReactNode } from "react";

import Dashboard from "./Dashboard";
import { Payments, StatusChanges } from "./Lists";
import { Toasts } from "./Toasts";

export function Screen({ onSignOut }: { onSignOut: () => void }): ReactNode {
  return (
    <main>
      <header>
        <Dashboard />
        <Freshness />
        <Connection />
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <Totals />
      <StatusChanges />
      <Payments />
      <Toasts />
    </main>
  );
}

function Freshness(): ReactNode {
  const { state, ageMs } = useFreshness();
  return (
    <span data-testid="freshness" data-state={state} className={state}>
      {ageMs === null ? "no data yet" : `data ${(ageMs / 1000).toFixed(1)} s old`}
    </span>
  );
}

/** One tab of all that are open holds the connection; the others use it. */
function Connection(): ReactNode {
  const client = useClient();
  const { phase, reason } = useLink();
  return (
    <span data-testid="connection" data-phase={phase} data-leads={client.leads}>
      {phase === "live" ? (client.leads ? "this tab's connection" : "another tab's connection") : reason}
    </span>
  );
}

function Totals(): ReactNode {
  const stats = useStatsUpdates();
  if (stats === null) return null;
  return (
    <p data-testid="totals">
      {stats.devices["online"] ?? 0} of {stats.devices["total"] ?? 0} devices are online
    </p>
  );
}
