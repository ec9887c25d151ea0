// One device on a page of its own, everything larger.

import { useRoom } from "@noctule/client/hooks";
import type { ReactNode } from "react";

import { useObservable, usePage, useRow } from "../../data/context";
import { at } from "../../data/route";
import { Blank, Waiting } from "../../parts/Answered";
import { Link } from "../../parts/Link";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { DeviceBody } from "./DeviceBody";
import "./device.css";

export function DeviceFull({ id }: { id: number }): ReactNode {
  const row = useRow(id);
  const load = useObservable(usePage().live.fleet.load);
  useRoom(`device:${id}`);
  if (row === undefined) {
    if (load.phase !== "ready") return <Waiting />;
    return (
      <Blank heading={texts.device.unknownId} lead={texts.device.unknownIdHelp}>
        <Link to={at("devices")} className="button">
          {texts.device.back}
        </Link>
      </Blank>
    );
  }
  const tools = (
    <Link to={at("devices", id)} className="button small">
      {texts.device.panel}
    </Link>
  );
  return (
    <Page title={row.device.name} tools={tools} testId="device-full">
      <DeviceBody key={id} device={row.device} large />
    </Page>
  );
}
