// One log entry whole.

import type { ReactNode } from "react";

import { at, setQuery } from "../../data/route";
import { utc } from "../../model/format";
import type { LogRow, Term } from "../../model/logs";
import { Dialog } from "../../parts/Dialog";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { Facts } from "../../parts/Page";
import { texts } from "../../texts";
import { Message } from "./LogLine";

export function LogDetail({ row, terms, onClose }: { row: LogRow; terms: readonly Term[]; onClose: () => void }): ReactNode {
  const { facts } = texts.logs;
  const ms = Date.parse(row.timestamp);
  const { deviceId } = row;
  return (
    <Dialog heading={texts.logs.entry} onClose={onClose} wide testId="log-detail">
      <Facts
        facts={[
          [facts.received, <><Time key="at" ms={ms} nowMs={ms} seconds /> <span className="dim">{utc(ms)}</span></>],
          [facts.device, deviceId === null ? texts.logs.noDevice : <Link key="device" to={at("devices", deviceId)} className="link">{row.deviceName ?? `#${deviceId}`}</Link>],
          [facts.address, <span key="address" className="mono">{row.address ?? "–"}</span>],
          [facts.severity, row.severity === null ? "–" : `${row.severity} ${row.severityName ?? ""}`],
          [facts.source, [row.source, row.facility].filter((part) => part !== null).join(", ")],
        ]}
      />
      <pre className="log-whole mono">
        <Message text={row.message} terms={terms} />
      </pre>
      {deviceId === null ? null : (
        <div className="form-end">
          <button
            type="button"
            className="button"
            onClick={() => {
              setQuery({ device: String(deviceId) });
              onClose();
            }}
          >
            {texts.logs.onlyThis}
          </button>
        </div>
      )}
    </Dialog>
  );
}
