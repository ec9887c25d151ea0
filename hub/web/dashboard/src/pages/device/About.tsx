// What is noted of a device, and what it says of itself.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import type { Device } from "../../model/device";
import { Facts } from "../../parts/Page";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";

interface System {
  sysName: string | null;
  sysDescr: string | null;
  sysObjectId: string | null;
  sysLocation: string | null;
  sysContact: string | null;
  seenAt: string | null;
}

export function About({ device }: { device: Device }): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<System>(device.snmp === null ? null : `/devices/${device.id}/system`);
  const words = texts.device.system;
  const system = answer.phase === "ready" && answer.data.seenAt !== null ? answer.data : null;
  const facts: [string, ReactNode][] = [];
  for (const key of ["sysName", "sysDescr", "sysLocation", "sysContact"] as const) {
    const said = system?.[key] ?? "";
    if (said !== "") facts.push([words[key], said]);
  }
  if (system?.sysObjectId) facts.push([words.sysObjectId, <span key="o" className="mono">{system.sysObjectId}</span>]);
  if (system?.seenAt) facts.push([words.seenAt, <Time key="s" ms={Date.parse(system.seenAt)} nowMs={nowMs} />]);
  return (
    <>
      {device.note === "" ? null : (
        <section className="panel-section">
          <header>
            <h3>{texts.device.note}</h3>
          </header>
          <p className="device-note">{device.note}</p>
        </section>
      )}
      <section className="panel-section" data-testid="system">
        <header>
          <h3>{words.heading}</h3>
        </header>
        {facts.length === 0 ? <p className="dim">{device.snmp === null ? words.noSnmp : answer.phase === "failed" ? answer.message : words.none}</p> : <Facts facts={facts} />}
      </section>
    </>
  );
}
