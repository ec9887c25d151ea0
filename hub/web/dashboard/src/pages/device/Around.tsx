// What a device stands next to: the devices that it is reached through, those behind it, and its neighbours by LLDP.

import { useMemo, type ReactNode } from "react";

import { useObservable, usePage, useStatus } from "../../data/context";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import type { Device } from "../../model/device";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Facts } from "../../parts/Page";
import { texts } from "../../texts";

interface Neighbour {
  interfaceId: number | null;
  interfaceName: string | null;
  localPort: string;
  portId: string;
  portDescr: string;
  chassisId: string;
  sysName: string;
  deviceId: number | null;
  deviceName: string | null;
}

const EVERY_MS = 300_000;
const MOST = 30;

export function Around({ device }: { device: Device }): ReactNode {
  const { fleet } = usePage().live;
  const { members } = useObservable(fleet.revision);
  const children = useMemo(
    () => fleet.all().flatMap((row) => (row.device.parents.includes(device.id) ? [row.device.id] : [])),
    // `members` stands for who is in the fleet.
    [fleet, device.id, members],
  );
  const heard = useQuery<{ items: Neighbour[] }>(device.snmp === null ? null : `/devices/${device.id}/neighbours?limit=200`, { everyMs: EVERY_MS });
  const words = texts.device.around;
  const facts: [string, ReactNode][] = [];
  if (device.parents.length > 0) facts.push([words.parents, <Devices key="p" ids={device.parents} />]);
  if (children.length > 0) facts.push([words.children, <Devices key="c" ids={children} />]);
  const neighbours = heard.phase === "ready" ? heard.data.items : [];
  if (facts.length === 0 && (device.snmp === null || heard.phase === "loading")) return null;
  return (
    <section className="panel-section" data-testid="around">
      <header>
        <h3>{words.heading}</h3>
      </header>
      {facts.length === 0 ? null : <Facts facts={facts} />}
      {heard.phase === "failed" && device.snmp !== null ? (
        <p className="dim" role="alert">
          {words.failed(heard.message)}
        </p>
      ) : neighbours.length === 0 ? (
        device.snmp === null || facts.length > 0 ? null : <p className="dim">{words.none}</p>
      ) : (
        <>
          <h4>{words.neighbours}</h4>
          <ul className="plain-list neighbours">
            {neighbours.slice(0, MOST).map((neighbour, index) => (
              <NeighbourLine key={index} neighbour={neighbour} />
            ))}
          </ul>
        </>
      )}
      {neighbours.length > MOST ? <p className="dim">{words.more(neighbours.length - MOST)}</p> : null}
    </section>
  );
}

function NeighbourLine({ neighbour }: { neighbour: Neighbour }): ReactNode {
  const { interfaceId, interfaceName, localPort, portId, portDescr, sysName, chassisId, deviceId, deviceName } = neighbour;
  const name = interfaceName ?? (localPort === "" ? texts.device.around.unknownPort : localPort);
  return (
    <li>
      {interfaceId === null ? <span>{name}</span> : <Link to={at("interfaces", interfaceId)}>{name}</Link>}
      <span className="dim" aria-hidden="true">
        →
      </span>
      {deviceId === null ? <span>{sysName || chassisId}</span> : <DeviceLink id={deviceId} name={deviceName ?? sysName} />}
      <span className="dim">{portDescr || portId}</span>
    </li>
  );
}

function Devices({ ids }: { ids: readonly number[] }): ReactNode {
  const { fleet } = usePage().live;
  return (
    <span className="device-links">
      {ids.slice(0, MOST).map((id) => (
        <DeviceLink key={id} id={id} name={fleet.get(id)?.device.name ?? `#${id}`} />
      ))}
      {ids.length > MOST ? <span className="dim">{texts.device.around.more(ids.length - MOST)}</span> : null}
    </span>
  );
}

export function DeviceLink({ id, name }: { id: number; name: string }): ReactNode {
  const status = useStatus(id);
  return (
    <Link to={at("devices", id)} className="with-glyph">
      {status === undefined ? null : <Glyph status={status} />}
      {name}
      {status === undefined ? null : <span className="sr">{texts.status[status]}</span>}
    </Link>
  );
}
