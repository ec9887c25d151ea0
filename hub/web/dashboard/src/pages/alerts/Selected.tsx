// What can be done with the alerts that are selected.

import type { AlertEvent } from "@noctule/client";
import type { ReactNode } from "react";

import { at, go } from "../../data/route";
import { silenceQuery } from "../../model/silences";
import { texts } from "../../texts";

export function Selected({ alerts, onAcknowledge, onClear }: { alerts: readonly AlertEvent[]; onAcknowledge: () => void; onClear: () => void }): ReactNode {
  return (
    <div className="selected-bar" role="toolbar" aria-label={texts.alerts.selected(alerts.length)} data-testid="alerts-selected">
      <span>{texts.alerts.selected(alerts.length)}</span>
      <span className="spring" />
      <button type="button" className="button primary" onClick={onAcknowledge}>
        {texts.alerts.acknowledge}…
      </button>
      <button type="button" className="button" onClick={() => go(at("silences", null, "new"), { query: silenceQuery(alerts) })}>
        {texts.alerts.silence}…
      </button>
      <button type="button" className="button" onClick={onClear}>
        {texts.alerts.clearSelection}
      </button>
    </div>
  );
}
