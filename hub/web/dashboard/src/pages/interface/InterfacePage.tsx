// One interface: what it carries now and did, where its limits are, and what a month came to.

import { useRoom } from "@noctule/client/hooks";
import type { ReactNode } from "react";

import { useRow } from "../../data/context";
import { at } from "../../data/route";
import { useQuery, type Answer } from "../../data/useQuery";
import type { Interface } from "../../model/device";
import { rate } from "../../model/format";
import { Answered, Blank } from "../../parts/Answered";
import { Link } from "../../parts/Link";
import { Facts, Page } from "../../parts/Page";
import { texts } from "../../texts";
import { DeviceLink } from "../device/Around";
import type { PageProps } from "../registry";
import { Months } from "./Months";
import { PollNow } from "./PollNow";
import { PortAnswer } from "./PortAnswer";
import { Traffic } from "./Traffic";
import { useLivePort } from "./useLivePort";
import "../device/device.css";

const EVERY_MS = 60_000;

export default function InterfacePage({ id }: PageProps): ReactNode {
  const answer = useQuery<Interface>(id === null ? null : `/interfaces/${id}`, { everyMs: EVERY_MS });
  if (id === null) return <Blank heading={texts.answer.gone} lead={texts.answer.goneHelp} />;
  const name = answer.phase === "ready" ? answer.data.name : "";
  return <Whole key={id} name={name} answer={answer} />;
}

function Whole({ name, answer }: { name: string; answer: Answer<Interface> }): ReactNode {
  const deviceId = answer.phase === "ready" ? answer.data.deviceId : null;
  const device = useRow(deviceId ?? 0)?.device;
  useRoom(deviceId === null ? undefined : `device:${deviceId}`);
  const title = device === undefined ? name : texts.port.heading(device.name, name);
  const tools =
    answer.phase === "ready" ? (
      <>
        <PollNow port={answer.data} />
        <Link to={at("devices", answer.data.deviceId)} className="button small">
          {texts.port.toDevice}
        </Link>
      </>
    ) : undefined;
  return (
    <Page title={title} testId="interface" tools={tools}>
      <Answered answer={answer}>{(port) => <Body port={port} deviceName={device?.name ?? `#${port.deviceId}`} intervalS={device?.snmp?.intervalS ?? 30} />}</Answered>
    </Page>
  );
}

function Body({ port: read, deviceName, intervalS }: { port: Interface; deviceName: string; intervalS: number }): ReactNode {
  const port = useLivePort(read);
  const words = texts.port.facts;
  const speed = rate(port.speedBps);
  const facts: [string, ReactNode][] = [
    [words.device, <DeviceLink key="d" id={port.deviceId} name={deviceName} />],
    [words.ifIndex, String(port.ifIndex)],
    [words.ifName, port.ifName],
    [words.ifDescr, port.ifDescr],
    [words.ifAlias, port.ifAlias],
    [words.speed, port.speedBps === null ? texts.port.unknown : `${speed.value} ${speed.unit}`],
    [words.duplex, port.duplex === null ? texts.port.unknown : texts.device.duplex[port.duplex]],
    [words.admin, port.ifAdminStatus],
    [words.oper, port.ifOperStatus],
  ];
  return (
    <div className="device-body large">
      <div className="device-head">
        <PortAnswer port={port} intervalS={intervalS} />
      </div>
      <div className="device-main">
        <Traffic port={port} fileName={`${deviceName} ${port.name}`} intervalS={intervalS} />
        <Months interfaceId={port.id} />
      </div>
      <div className="device-side">
        <section className="panel-section">
          <header>
            <h3>{texts.port.about}</h3>
          </header>
          <Facts facts={facts.filter(([, value]) => value !== "")} />
        </section>
      </div>
    </div>
  );
}
