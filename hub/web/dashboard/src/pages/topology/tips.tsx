// What is told of a device or a link that is pointed at.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useRow } from "../../data/context";
import { clock, instant, percent, rate, sentence, span } from "../../model/format";
import type { Vertex } from "../../model/topology/graph";
import { LINK_GLYPHS, type Flow } from "../../model/topology/links";
import { Glyph } from "../../parts/Glyph";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";

export function VertexTip({ vertex }: { vertex: Vertex }): ReactNode {
  return vertex.deviceId === null ? (
    <>
      <strong>{vertex.name}</strong>
      <p className="dim">{texts.topology.outsideNode}</p>
    </>
  ) : (
    <DeviceTip id={vertex.deviceId} name={vertex.name} />
  );
}

function DeviceTip({ id, name }: { id: number; name: string }): ReactNode {
  const device = useRow(id)?.device;
  const nowMs = useNow();
  const status = device?.status ?? "unknown";
  const sinceMs = instant(device?.statusSince);
  return (
    <>
      <strong>{name}</strong>
      <p className="with-glyph">
        <Glyph status={status} />
        {texts.status[status]}
        {sinceMs === null ? null : <span className="dim">{texts.topology.since(clock(sinceMs, nowMs), span(nowMs - sinceMs))}</span>}
      </p>
      {device === undefined || status === "online" || device.statusReason === "" ? null : <p>{sentence(texts.hubSays(device.statusReason))}</p>}
    </>
  );
}

export function FlowTip({ flow, nameOf }: { flow: Flow; nameOf: (key: string) => string }): ReactNode {
  return (
    <>
      <strong>
        {nameOf(flow.upper)} <span className="dim">{flow.upperPort}</span> – {nameOf(flow.lower)} <span className="dim">{flow.lowerPort}</span>
      </strong>
      <LinkWord flow={flow} />
      {flow.downBps === null && flow.upBps === null ? null : (
        <dl className="topo-rates">
          <Rate way="in" bps={flow.downBps} utilRatio={flow.downUtilRatio} />
          <Rate way="out" bps={flow.upBps} utilRatio={flow.upUtilRatio} />
        </dl>
      )}
      <p className="dim">{texts.topology.told[flow.told]}</p>
    </>
  );
}

export function LinkWord({ flow }: { flow: Flow }): ReactNode {
  return (
    <span className="with-glyph">
      <Glyph status={LINK_GLYPHS[flow.state]} />
      {texts.topology.linkWords[flow.state]}
    </span>
  );
}

export function Rate({ way, bps, utilRatio }: { way: "in" | "out"; bps: number | null; utilRatio: number | null }): ReactNode {
  return (
    <div>
      <dt>
        <i className={`topo-key ${way}`} aria-hidden="true" />
        {texts.topology.legend[way]}
      </dt>
      <dd>
        <Num figure={rate(bps)} />
      </dd>
      <dd>{utilRatio === null ? null : <Num figure={percent(utilRatio)} />}</dd>
    </div>
  );
}
