// What the list shows while there is no device: how to begin.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { openDesk } from "./desk";
import { Command } from "../../parts/Command";

export function EmptyList(): ReactNode {
  const { empty } = texts.devices;
  const { deviceDesk } = texts;
  const mayEdit = MAY_OPERATE.has(usePage().live.role);
  return (
    <div className="blank" data-testid="list-empty">
      <h1>{empty.heading}</h1>
      <p className="lead">{empty.lead}</p>
      {mayEdit ? (
        <p className="empty-actions">
          <button type="button" className="button primary" onClick={() => openDesk({ kind: "add" })} data-testid="add-device">
            {deviceDesk.add}
          </button>
          <button type="button" className="button" onClick={() => openDesk({ kind: "discover" })}>
            {deviceDesk.discover}
          </button>
          <button type="button" className="button" onClick={() => openDesk({ kind: "import" })}>
            {deviceDesk.importFile}
          </button>
        </p>
      ) : null}
      <ol className="steps">
        <li>
          <p>{empty.agent}</p>
          <Command text={empty.agentCommand} />
        </li>
        <li>
          <p>{empty.join}</p>
          <Command text={empty.joinCommand} />
        </li>
        <li>
          <p>{empty.device}</p>
          <Command text={empty.deviceCommand} />
          <p className="dim">{empty.snmp}</p>
          <Command text={empty.snmpCommand} />
        </li>
      </ol>
    </div>
  );
}
