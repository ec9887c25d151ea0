// One device beside the map: what it is now, through what it is reached, and its links.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useRow } from "../../data/context";
import { at, go } from "../../data/route";
import { rate } from "../../model/format";
import { keyOfDevice, type Key, type Vertex } from "../../model/topology/graph";
import type { Flow } from "../../model/topology/links";
import { answerFor } from "../../model/words";
import { Glyph, Icon } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";
import { LinkWord } from "./tips";

const close = (): void => go(at("topology"));

export function VertexPanel(props: { id: number; parents: readonly Key[]; flows: readonly Flow[]; vertices: ReadonlyMap<Key, Vertex> }): ReactNode {
  const { id, parents, flows, vertices } = props;
  const device = useRow(id)?.device;
  const nowMs = useNow();
  const key = keyOfDevice(id);
  const own = flows.filter((flow) => flow.upper === key || flow.lower === key);
  const name = device?.name ?? vertices.get(key)?.name ?? "";
  return (
    <aside className="panel" aria-label={name} data-testid="topology-panel">
      <div className="panel-top">
        <button type="button" className="icon-button panel-back" aria-label={texts.topology.close} onClick={close}>
          <Icon name="back" />
        </button>
        <h2 title={name}>{name}</h2>
        <button type="button" className="icon-button panel-close" aria-label={texts.topology.close} title="Esc" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {device === undefined ? (
        <p className="panel-answer">{texts.device.unknownId}</p>
      ) : (
        <>
          <p className={`panel-answer is-${device.status}`}>
            <Glyph status={device.status} />
            <span>{answerFor(device, nowMs)}</span>
          </p>
          <p className="panel-facts">
            <span className="mono">{device.address}</span>
            <span>{device.siteName}</span>
          </p>
          <p className="topo-open">
            <Link to={at("devices", id)} className="button small">
              {texts.topology.open}
            </Link>
          </p>
          <section className="panel-section">
            <h3>{texts.topology.parents}</h3>
            {parents.length === 0 ? <p className="dim">{texts.topology.rootless}</p> : parents.map((parent) => <Neighbour key={parent} vertex={vertices.get(parent)} />)}
          </section>
          <section className="panel-section">
            <h3>{texts.topology.links}</h3>
            {own.length === 0 ? <p className="dim">{texts.topology.linkless}</p> : own.map((flow) => <OwnLink key={flow.key} flow={flow} mine={key} vertices={vertices} />)}
          </section>
        </>
      )}
    </aside>
  );
}

function Neighbour({ vertex }: { vertex: Vertex | undefined }): ReactNode {
  const status = useRow(vertex?.deviceId ?? 0)?.device.status;
  if (vertex === undefined) return null;
  if (vertex.deviceId === null) return <span className="dim">{vertex.name}</span>;
  return (
    <p>
      <Link to={at("topology", vertex.deviceId)} className="with-glyph link">
        <Glyph status={status ?? "unknown"} />
        {vertex.name}
        <span className="sr">{texts.status[status ?? "unknown"]}</span>
      </Link>
    </p>
  );
}

/** In and out as this device sees them. */
function OwnLink({ flow, mine, vertices }: { flow: Flow; mine: Key; vertices: ReadonlyMap<Key, Vertex> }): ReactNode {
  const isLower = flow.lower === mine;
  const [received, sent] = isLower ? [flow.downBps, flow.upBps] : [flow.upBps, flow.downBps];
  return (
    <div className="topo-link">
      <span className="topo-link-ends">
        <span className="dim">{isLower ? flow.lowerPort : flow.upperPort}</span>
        <Neighbour vertex={vertices.get(isLower ? flow.upper : flow.lower)} />
      </span>
      {flow.state !== "up" ? (
        <LinkWord flow={flow} />
      ) : (
        <span className="topo-link-rates" data-testid="link-rates">
          <span title={texts.device.facts.in}>
            <i className="topo-key in" aria-hidden="true" /> <span className="sr">{texts.device.facts.in}</span> <Num figure={rate(received)} />
          </span>
          <span title={texts.device.facts.out}>
            <i className="topo-key out" aria-hidden="true" /> <span className="sr">{texts.device.facts.out}</span> <Num figure={rate(sent)} />
          </span>
        </span>
      )}
    </div>
  );
}
