// What stands between an alert and somebody's ear: why it is quiet, the way to it, who was told, and its story.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at } from "../../data/route";
import { deliveryTone } from "../../model/channels";
import type { Explanation } from "../../model/explanation";
import { clock, instant, sentence } from "../../model/format";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

interface Given {
  readonly explanation: Explanation;
}

export function Quiet({ explanation }: Given): ReactNode {
  const nowMs = useNow();
  const { silences, maintenance, suspended, alert } = explanation;
  if (silences.length === 0 && maintenance === null && suspended === null && alert.inhibitedBy == null) return null;
  return (
    <Section heading={texts.alert.quiet}>
      <ul className="plain-list">
        {silences.map((silence) => (
          <li key={silence.id}>
            <Link to={at("silences", silence.id)} className="link">
              {texts.alert.silencedUntil(silence.comment, clock(Date.parse(silence.endsAt), nowMs))}
            </Link>
          </li>
        ))}
        {maintenance === null ? null : <li>{texts.alert.maintenance(maintenance)}</li>}
        {suspended === null ? null : <li>{texts.alert.suspended(suspended)}</li>}
        {alert.inhibitedBy == null ? null : <li>{sentence(texts.alerts.inhibited(texts.hubSays(alert.inhibitedBy)))}</li>}
      </ul>
    </Section>
  );
}

export function Path({ explanation }: Given): ReactNode {
  if (explanation.alert.deviceId === null) return null;
  return (
    <Section heading={texts.alert.path}>
      {explanation.path.length === 0 ? <p className="dim">{texts.alert.noPath}</p> : null}
      <ul className="plain-list">
        {explanation.path.map((hop) => (
          <li key={hop.deviceId} className="hop">
            <Glyph status={hop.status} />
            <Link to={at("devices", hop.deviceId)} className="link">
              {hop.name}
            </Link>
            <span>{texts.status[hop.status]}</span>
            <span className="dim">{[texts.alert.away(hop.away), texts.hubSays(hop.reason)].filter((part) => part !== "").join(" · ")}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Told({ explanation }: Given): ReactNode {
  const nowMs = useNow();
  const { deliveries } = explanation;
  return (
    <Section heading={texts.alert.told}>
      {deliveries.length === 0 ? <p className="dim">{texts.alert.noneTold}</p> : null}
      <ul className="plain-list">
        {deliveries.map((told, index) => (
          // A channel may be told of one thing several times.
          <li key={index} className="hop">
            <Glyph status={deliveryTone(told.state)} />
            <span>{told.channel}</span>
            <span>{texts.alert.deliveryStates[told.state] ?? told.state}</span>
            <span className="dim">
              {[texts.alert.deliveryKinds[told.kind] ?? told.kind, clock(instant(told.triedAt) ?? Date.parse(told.createdAt), nowMs), told.attempts > 1 ? texts.alert.tries(told.attempts) : "", texts.hubSays(told.outcome ?? "")]
                .filter((part) => part !== "")
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The first ten steps are kept, then the newest: what lies between is only counted. */
const FIRST_KEPT = 10;

export function Story({ explanation }: Given): ReactNode {
  const nowMs = useNow();
  const { steps, stepsDropped } = explanation;
  return (
    <Section heading={texts.alert.story}>
      <ol className="story" data-testid="alert-story">
        {steps.map((step, index) => (
          <li key={`${step.at} ${index}`}>
            {index === FIRST_KEPT && stepsDropped > 0 ? <p className="dim">{texts.alert.dropped(stepsDropped)}</p> : null}
            <Time ms={Date.parse(step.observedAt ?? step.at)} nowMs={nowMs} seconds />
            <span>
              <strong>{texts.alert.steps[step.kind] ?? step.kind}</strong>
              {step.by == null ? "" : ` · ${step.by}`}
              {step.text === "" ? null : <span className="dim"> {sentence(texts.hubSays(step.text))}</span>}
              {step.until == null ? null : <span className="dim"> {texts.alert.until(clock(Date.parse(step.until), nowMs))}</span>}
              {step.note == null ? null : <span> “{step.note}”</span>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
