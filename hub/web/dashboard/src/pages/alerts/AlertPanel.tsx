// One alert beside the list: what it is in one sentence, what can be done about it, and all that is known of it.

import { useAlerts } from "@noctule/client/hooks";
import type { AlertEvent } from "@noctule/client";
import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useObservable, usePage } from "../../data/context";
import { toneOf } from "../../data/journal";
import { at, go } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { isOpen } from "../../model/alertList";
import type { Explanation } from "../../model/explanation";
import { instant, sentence, span } from "../../model/format";
import { windowQuery } from "../../model/maintenance";
import { silenceQuery } from "../../model/silences";
import { Answered } from "../../parts/Answered";
import { Trouble } from "../../parts/Form";
import { Glyph, Icon } from "../../parts/Glyph";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { Acknowledge } from "./Acknowledge";
import { AlertFacts } from "./AlertFacts";
import { Assign } from "./Assign";
import { Evidence } from "./Evidence";
import { Path, Quiet, Story, Told } from "./Explained";
import { useTakeBack } from "./useAcknowledge";

/** Deliveries and the devices on the way change without the alert. */
const EVERY_MS = 20_000;

export function AlertPanel({ id }: { id: number }): ReactNode {
  const { live } = usePage();
  const path = `/alerts/${id}/explanation`;
  const answer = useQuery<Explanation>(path, { everyMs: EVERY_MS });
  const now = useObservable(live.journal.alerts).get(id);
  useAlerts((alert) => alert.id === id && live.queries.again(path), { updates: true });
  const named = answer.phase === "ready" ? answer.data.alert.title : now?.title;
  return (
    <SidePanel page="alerts" title={named === undefined ? texts.alerts.heading : texts.hubSays(named)} testId="alert-panel">
      <Answered answer={answer}>
        {(explanation) => {
          // What came live is as new as it gets; what is over is not among it.
          const alert = now ?? explanation.alert;
          return (
            <>
              <Lead alert={alert} explanation={explanation} />
              {MAY_OPERATE.has(live.role) ? <Deeds alert={alert} /> : null}
              <AlertFacts alert={alert} explanation={explanation} />
              <Evidence explanation={explanation} />
              <Quiet explanation={explanation} />
              <Path explanation={explanation} />
              <Told explanation={explanation} />
              <Story explanation={explanation} />
            </>
          );
        }}
      </Answered>
    </SidePanel>
  );
}

function Lead({ alert, explanation }: { alert: AlertEvent; explanation: Explanation }): ReactNode {
  const nowMs = useNow();
  const startedMs = instant(alert.startedAt) ?? nowMs;
  // One that ended before it fired was not resolved; its last step says when.
  const endedMs = isOpen(alert) ? null : (instant(alert.resolvedAt) ?? instant(explanation.steps.at(-1)?.at) ?? instant(alert.timestamp));
  const state = texts.alerts.states[alert.state];
  const length = endedMs === null ? texts.alert.for(state, span(nowMs - startedMs)) : texts.alert.was(state, span(endedMs - startedMs));
  return (
    <p className="panel-answer">
      <Glyph status={toneOf({ kind: "alert", event: alert })} />
      <span>{[length, sentence(texts.hubSays(alert.reason ?? "")), explanation.late ? texts.alert.late : ""].filter((part) => part !== "").join(" ")}</span>
    </p>
  );
}

function Deeds({ alert }: { alert: AlertEvent }): ReactNode {
  const [asking, setAsking] = useState(false);
  const takeBack = useTakeBack();
  const open = isOpen(alert);
  // What is about the hub itself cannot be in maintenance.
  const about = alert.deviceId == null && alert.siteId == null ? null : windowQuery(alert);
  return (
    <div className="deeds">
      {!open ? null : alert.acknowledgedBy == null ? (
        <button type="button" className="button primary" onClick={() => setAsking(true)} data-testid="panel-acknowledge">
          <Icon name="check" />
          {texts.alerts.acknowledge}…
        </button>
      ) : (
        <button type="button" className="button" disabled={takeBack.busy} onClick={() => void takeBack.run([alert])} data-testid="panel-take-back">
          {texts.alerts.takeBack}
        </button>
      )}
      <button type="button" className="button" onClick={() => go(at("silences", null, "new"), { query: silenceQuery([alert]) })}>
        {texts.alert.silenceThis}…
      </button>
      {about === null ? null : (
        <button type="button" className="button" onClick={() => go(at("maintenance", null, "new"), { query: about })} data-testid="panel-maintenance">
          {texts.alert.maintain}…
        </button>
      )}
      {open ? <Assign alert={alert} /> : null}
      <Trouble refusal={takeBack.refusal} />
      {asking ? <Acknowledge alerts={[alert]} onClose={() => setAsking(false)} onDone={() => setAsking(false)} /> : null}
    </div>
  );
}
