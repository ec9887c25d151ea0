// One device beside the list.

import { useRoom } from "@noctule/client/hooks";
import type { ReactNode } from "react";

import { useObservable, usePage, useRow } from "../../data/context";
import { at, go, useLinkTo } from "../../data/route";
import { Icon } from "../../parts/Glyph";
import { texts } from "../../texts";
import { DeviceBody } from "./DeviceBody";
import "./device.css";

const close = (): void => go(at("devices"));

export function DevicePanel({ id }: { id: number }): ReactNode {
  const row = useRow(id);
  const load = useObservable(usePage().live.fleet.load);
  useRoom(`device:${id}`);
  if (row === undefined && load.phase !== "ready") return null;
  return (
    <aside className="panel" data-testid="device-panel" data-device-id={id} aria-label={row?.device.name ?? ""}>
      {row === undefined ? (
        <>
          <PanelTop id={null} name="" />
          <p className="panel-answer">{texts.device.unknownId}</p>
          <p className="panel-note">{texts.device.unknownIdHelp}</p>
        </>
      ) : (
        <>
          <PanelTop id={id} name={row.device.name} />
          <DeviceBody key={id} device={row.device} large={false} />
        </>
      )}
    </aside>
  );
}

function PanelTop({ id, name }: { id: number | null; name: string }): ReactNode {
  const whole = useLinkTo(at("devices", id, "full"));
  return (
    <div className="panel-top">
      <button type="button" className="icon-button panel-back" aria-label={texts.device.back} onClick={close}>
        <Icon name="back" />
      </button>
      <h2 title={name}>{name}</h2>
      {id === null ? null : (
        <a className="icon-button panel-whole" {...whole} title={texts.device.whole} aria-label={texts.device.whole} data-testid="device-whole">
          <Icon name="whole" />
        </a>
      )}
      <button type="button" className="icon-button panel-close" aria-label={texts.device.close} title="Esc" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}
