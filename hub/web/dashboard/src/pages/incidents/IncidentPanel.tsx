// One incident beside the list: its probable cause, what belongs to it, and what cannot be reached because of it.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { toneOf } from "../../data/journal";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { instant, span } from "../../model/format";
import type { IncidentDetail } from "../../model/incidents";
import { Answered } from "../../parts/Answered";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";

const SHOWN = 200;

export function IncidentPanel({ id }: { id: number }): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<IncidentDetail>(`/incidents/${id}`, { on: ["alert:new", "alert:update", "device:status"] });
  const words = texts.incidents;
  return (
    <SidePanel page="incidents" title={answer.phase === "ready" ? texts.hubSays(answer.data.title) : texts.rail.pages.incidents} testId="incident-panel">
      <Answered answer={answer}>
        {(incident) => {
          const startedMs = Date.parse(incident.startedAt);
          const endedMs = instant(incident.endedAt);
          return (
            <>
              <p className="panel-answer">
                <Glyph status={endedMs === null ? "offline" : "online"} />
                <span>{endedMs === null ? words.open(span(nowMs - startedMs), incident.unreachable) : words.over(span(endedMs - startedMs), incident.unreachable)}</span>
              </p>
              {incident.mergedInto === null ? null : (
                <p className="panel-note">
                  <Link to={at("incidents", incident.mergedInto)} className="link">
                    {words.merged}
                  </Link>
                </p>
              )}
              <Section heading={words.members(incident.alerts)}>
                <ul className="plain-list">
                  {incident.members.slice(0, SHOWN).map((alert) => (
                    <li key={alert.id} className="hop">
                      <Glyph status={toneOf({ kind: "alert", event: alert })} />
                      <Link to={at("alerts", alert.id)} className="link">
                        {texts.hubSays(alert.title)}
                      </Link>
                      {alert.id === incident.rootAlertId ? <span className="chip">{words.root}</span> : null}
                      <span className="dim">
                        {texts.alerts.states[alert.state]} · <Time ms={Date.parse(alert.startedAt)} nowMs={nowMs} />
                      </span>
                    </li>
                  ))}
                  {incident.alerts > SHOWN ? <li className="dim">{texts.table.shown(SHOWN, incident.alerts)}</li> : null}
                </ul>
              </Section>
              {incident.devices.length === 0 ? null : (
                <Section heading={words.devices(incident.unreachable)}>
                  <ul className="plain-list">
                    {incident.devices.slice(0, SHOWN).map((device) => (
                      <li key={device.deviceId} className="hop">
                        <Glyph status={device.status ?? "unknown"} />
                        <Link to={at("devices", device.deviceId)}>{device.deviceName ?? texts.pick.gone(device.deviceId)}</Link>
                        <span className="dim">{device.status === null ? words.removed : texts.status[device.status]}</span>
                      </li>
                    ))}
                    {incident.unreachable > SHOWN ? <li className="dim">{texts.table.shown(SHOWN, incident.unreachable)}</li> : null}
                  </ul>
                </Section>
              )}
            </>
          );
        }}
      </Answered>
    </SidePanel>
  );
}
