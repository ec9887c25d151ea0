// A device's interfaces with their live rates.

import { useMemo, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useInterfaces } from "../../data/interfaces";
import { useQuery } from "../../data/useQuery";
import type { Device } from "../../model/device";
import { span } from "../../model/format";
import type { Faults } from "../../model/port";
import { trailSpanMs } from "../../model/trail";
import { texts } from "../../texts";
import { PortRow } from "./PortRow";
import "./ports.css";

/** They are counted in steps of 5 minutes. */
const FAULTS_MS = 300_000;

export function Ports({ device, large }: { device: Device; large: boolean }): ReactNode {
  const loaded = useInterfaces(device.id);
  const faults = useFaults(device);
  const rows = loaded !== null && "rows" in loaded ? loaded.rows : [];
  const up = rows.filter(({ port }) => port.ifOperStatus === "up").length;
  const words = texts.device;
  const [startedMs] = useState(() => Date.now());
  const spanMs = trailSpanMs(useNow() - startedMs);
  return (
    <section className="panel-section" data-testid="interfaces">
      <header>
        <h3>{words.interfaces}</h3>
        {rows.length === 0 ? null : <span className="dim num">{words.interfacesCount(up, rows.length)}</span>}
      </header>
      {loaded === null ? <p className="dim">{words.interfacesLoading}</p> : null}
      {loaded !== null && "failed" in loaded ? (
        <p role="alert">
          {words.interfacesFailed}. {loaded.failed}
        </p>
      ) : null}
      {loaded !== null && "rows" in loaded && rows.length === 0 ? (
        <p className="dim">{device.snmp === null ? words.interfacesNoSnmp : words.interfacesNone}</p>
      ) : null}
      {rows.length === 0 ? null : (
        <table className={`interfaces${large ? " large" : ""}`}>
          <thead>
            <tr>
              <th scope="col">{words.ifColumns.name}</th>
              <th scope="col" className="figure">
                {words.ifColumns.in}
              </th>
              <th scope="col" className="figure">
                {words.ifColumns.out}
              </th>
              <th scope="col" className="if-trail">
                {span(spanMs)}
              </th>
              {(large ? [words.ifColumns.speed, words.ifColumns.errors, words.ifColumns.discards] : []).map((word) => (
                <th key={word} scope="col" className="figure">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <PortRow key={row.port.id} row={row} faults={faults.get(row.port.id)} intervalS={device.snmp?.intervalS ?? 30} spanMs={spanMs} large={large} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Returns what was counted in the last hour, by interface. */
function useFaults({ id, snmp }: Device): ReadonlyMap<number, Faults> {
  const answer = useQuery<{ items: Faults[] }>(snmp === null ? null : `/devices/${id}/interfaces/faults`, { everyMs: FAULTS_MS });
  return useMemo(() => new Map(answer.phase === "ready" ? answer.data.items.map((faults) => [faults.interfaceId, faults]) : []), [answer]);
}
