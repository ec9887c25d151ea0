// What a policy would do with an alert that begins to ring now, and sent for a test where somebody wants it.

import { useState, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import { sentence, span } from "../../model/format";
import type { Rehearsal } from "../../model/policies";
import { Trouble } from "../../parts/Form";
import { Glyph } from "../../parts/Glyph";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

const LISTED = 50;

export function Rehearse({ policyId }: { policyId: number }): ReactNode {
  const { live } = usePage();
  const open = [...useObservable(live.journal.alerts).values()].slice(0, LISTED);
  const [alertId, setAlertId] = useState("");
  const [result, setResult] = useState<Rehearsal | null>(null);
  const run = useAction(async (send: boolean) => setResult(await live.work<Rehearsal>(`/notification-policies/${policyId}/test`, { alertId: alertId === "" ? null : Number(alertId), send })));
  const words = texts.policies.rehearse;
  return (
    <Section heading={words.heading}>
      <div className="deeds">
        <select className="find" value={alertId} aria-label={words.about} onChange={(event) => setAlertId(event.target.value)}>
          <option value="">{words.example}</option>
          {open.map((alert) => (
            <option key={alert.id} value={alert.id}>
              {texts.hubSays(alert.title)}
            </option>
          ))}
        </select>
        <button type="button" className="button" disabled={run.busy} onClick={() => void run.run(false)} data-testid="policy-rehearse">
          {words.run}
        </button>
        <button type="button" className="button" disabled={run.busy} onClick={() => void run.run(true)}>
          {run.busy ? texts.channels.testing : words.send}
        </button>
      </div>
      <Trouble refusal={run.refusal} />
      {result === null ? null : <Result result={result} />}
    </Section>
  );
}

function Result({ result }: { result: Rehearsal }): ReactNode {
  const words = texts.policies.rehearse;
  return (
    <div className="rehearsal" data-testid="policy-rehearsal">
      <ol className="plain-list">
        {result.steps.map((step) => (
          <li key={step.afterS}>
            <strong>{step.atS < 1 ? texts.policies.atOnce : texts.policies.after(span(step.atS * 1000))}</strong>
            <ul className="plain-list">
              {step.channels.length === 0 ? <li className="dim">{words.nobody}</li> : null}
              {step.channels.map((channel) => (
                <li key={channel.channelId} className="hop">
                  <Glyph status={channel.delivered === null ? (channel.told ? "online" : "unknown") : channel.delivered ? "online" : "offline"} />
                  <span>{channel.name}</span>
                  <span className="dim">{sentence(texts.hubSays(channel.outcome ?? channel.reason ?? words.told))}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {result.repeatS === null ? null : <p>{words.repeats(span(result.repeatS * 1000))}</p>}
      <Message heading={words.problem} message={result.problem} />
      {result.end === null ? <p className="dim">{words.noEnd}</p> : <Message heading={words.end} message={result.end} />}
    </div>
  );
}

function Message({ heading, message }: { heading: string; message: Rehearsal["problem"] }): ReactNode {
  return (
    <>
      <h3>{heading}</h3>
      {message.fault === null ? null : (
        <p className="field-trouble">
          <Glyph status="degraded" />
          {sentence(texts.hubSays(message.fault))}
        </p>
      )}
      <div className="message">
        <p>{message.title}</p>
        <pre>{message.text}</pre>
      </div>
    </>
  );
}
