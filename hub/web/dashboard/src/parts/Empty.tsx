// What the list shows while there is no list: that it is being read, why it could not be, or how to begin.

import type { ReactNode } from "react";

import { texts } from "../texts";
import { Command } from "./Command";

const LINES = 9;

export function LoadingList(): ReactNode {
  return (
    <div className="loading-list" role="status" aria-label={texts.devices.loading}>
      {Array.from({ length: LINES }, (_, index) => (
        <span key={index} className="skeleton" />
      ))}
    </div>
  );
}

export function FailedList({ message, onRetry }: { message: string; onRetry: () => void }): ReactNode {
  return (
    <div className="blank" role="alert" data-testid="list-failed">
      <h1>{texts.devices.failed}</h1>
      <p>{message}</p>
      <p className="dim">{texts.devices.failedHelp}</p>
      <button type="button" className="button" onClick={onRetry}>
        {texts.link.retry}
      </button>
    </div>
  );
}

export function EmptyList(): ReactNode {
  const { empty } = texts.devices;
  return (
    <div className="blank" data-testid="list-empty">
      <h1>{empty.heading}</h1>
      <p className="lead">{empty.lead}</p>
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
