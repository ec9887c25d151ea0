// A device's interfaces with their live rates.

import type { ReactNode } from "react";

import { useInterfaces } from "../data/interfaces";
import type { Device } from "../model/device";
import { texts } from "../texts";
import { InterfaceRow } from "./InterfaceRow";

export function InterfaceTable({ device }: { device: Device }): ReactNode {
  const loaded = useInterfaces(device.id);
  const rows = loaded !== null && "rows" in loaded ? loaded.rows : [];
  const up = rows.filter((row) => row.ifOperStatus === "up").length;
  return (
    <section className="panel-section">
      <header>
        <h3>{texts.device.interfaces}</h3>
        {rows.length === 0 ? null : <span className="dim num">{texts.device.interfacesCount(up, rows.length)}</span>}
      </header>
      {loaded === null ? <p className="dim">{texts.device.interfacesLoading}</p> : null}
      {loaded !== null && "failed" in loaded ? (
        <p role="alert">
          {texts.device.interfacesFailed}. {loaded.failed}
        </p>
      ) : null}
      {loaded !== null && "rows" in loaded && rows.length === 0 ? (
        <p className="dim">{device.snmp === null ? texts.device.interfacesNoSnmp : texts.device.interfacesNone}</p>
      ) : null}
      {rows.length === 0 ? null : (
        <table className="interfaces">
          <thead>
            <tr>
              <th scope="col">{texts.device.ifColumns.name}</th>
              <th scope="col" className="figure">
                {texts.device.ifColumns.in}
              </th>
              <th scope="col" className="figure">
                {texts.device.ifColumns.out}
              </th>
              <th scope="col" className="figure">
                {texts.device.ifColumns.speed}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <InterfaceRow key={row.id} row={row} intervalS={device.snmp?.intervalS ?? 30} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
