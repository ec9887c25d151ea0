// What an alert is about, in a few words and then in the hub's own sentences.

import type { AlertEvent } from "@noctule/client";
import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at } from "../../data/route";
import type { Explanation } from "../../model/explanation";
import { clock, instant } from "../../model/format";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { Facts, Section } from "../../parts/Page";
import { texts } from "../../texts";

export function AlertFacts({ alert, explanation }: { alert: AlertEvent; explanation: Explanation }): ReactNode {
  const nowMs = useNow();
  const { facts } = texts.alert;
  const startedMs = instant(alert.startedAt) ?? nowMs;
  const endedMs = instant(alert.resolvedAt);
  const { ruleNow, ruleRevision } = explanation;
  const known: (readonly [string, ReactNode])[] = [
    [facts.severity, texts.severity[alert.severity]],
    [facts.since, <Time key="since" ms={startedMs} nowMs={nowMs} seconds />],
  ];
  if (endedMs !== null) known.push([facts.over, <Time key="over" ms={endedMs} nowMs={nowMs} seconds />]);
  if (alert.deviceId !== null) known.push([facts.about, <Link key="device" to={at("devices", alert.deviceId)} className="link">{alert.deviceName ?? `#${alert.deviceId}`}</Link>]);
  known.push([
    facts.rule,
    <span key="rule">
      {ruleNow === null ? alert.rule : <Link to={at("rules", ruleNow.id)} className="link">{ruleNow.name}</Link>}
      <span className="dim"> {ruleNow === null ? texts.alert.ruleGone : ruleNow.revision === ruleRevision ? "" : texts.alert.ruleChanged(ruleRevision, ruleNow.revision)}</span>
    </span>,
  ]);
  if (alert.incident != null) known.push([facts.incident, <Link key="incident" to={at("incidents", alert.incident.id)} className="link">{texts.hubSays(alert.incident.title)}</Link>]);
  if (alert.acknowledgedBy != null) known.push([facts.acknowledged, acknowledged(alert, nowMs)]);
  if (alert.assignee != null) known.push([facts.assignee, alert.assignee.name]);
  if (alert.trouble != null) known.push([facts.customers, alert.trouble]);
  return (
    <>
      <Section heading={texts.alert.known}>
        <Facts facts={known} />
        <div className="sentences" data-testid="alert-sentences">
          {explanation.sentences.map((one) => (
            <p key={one}>{texts.hubSays(one)}</p>
          ))}
        </div>
      </Section>
    </>
  );
}

function acknowledged(alert: AlertEvent, nowMs: number): string {
  const time = (iso: string | null | undefined): string | null => {
    const ms = instant(iso);
    return ms === null ? null : clock(ms, nowMs);
  };
  const words = texts.alert.by(alert.acknowledgedBy ?? "", time(alert.acknowledgedAt) ?? "–", time(alert.acknowledgedUntil));
  return alert.note == null ? words : `${words}: ${alert.note}`;
}
