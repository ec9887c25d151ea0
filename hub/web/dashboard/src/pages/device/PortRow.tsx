// One interface: its name, its state, and its rates as numbers, as a share of its speed and over the last minutes.

import { memo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import type { PortRow as Row } from "../../data/interfaces";
import { at, useLinkTo } from "../../data/route";
import { isStale, type Interface } from "../../model/device";
import { percent, rate } from "../../model/format";
import { ifTone, rateTitle, utilisation, type Faults } from "../../model/port";
import { ifWord } from "../../model/words";
import { Glyph } from "../../parts/Glyph";
import { Bar, Num } from "../../parts/Numbers";
import { TrafficSpark } from "../../parts/Spark";
import { texts } from "../../texts";
import { FaultCell, FaultTag } from "./FaultCell";

export const PortRow = memo(function PortRow(props: { row: Row; faults: Faults | undefined; intervalS: number; spanMs: number; large: boolean }): ReactNode {
  const { row, faults, intervalS, spanMs, large } = props;
  const nowMs = useNow();
  const { port } = row;
  const link = useLinkTo(at("interfaces", port.id));
  const stale = isStale(port.bandwidth?.timestamp, intervalS, nowMs);
  const word = port.duplex === null || port.ifOperStatus !== "up" ? ifWord(port) : `${ifWord(port)}, ${texts.device.duplex[port.duplex]}`;
  return (
    <tr className={`${stale ? "stale" : ""}${port.ifOperStatus === "up" ? "" : " not-up"}`} data-testid="interface-row" data-interface-id={port.id} data-polled={port.polled} onClick={link.onClick}>
      <td className="if-name">
        <div>
          <Glyph status={ifTone(port)} />
          <a className="name" href={link.href} title={port.ifDescr} onClick={link.onClick}>
            {port.name}
          </a>
        </div>
        <div className="if-under">
          <span className="if-word">{word}</span>
          <span className="if-alias" title={port.ifAlias}>
            {port.ifAlias}
          </span>
          {large ? null : <FaultTag faults={faults} />}
        </div>
      </td>
      <RateCell port={port} way="in" />
      <RateCell port={port} way="out" />
      <td className="if-trail">
        <TrafficSpark inBps={row.inBps} outBps={row.outBps} nowMs={nowMs} spanMs={spanMs} intervalS={intervalS} />
      </td>
      {large ? (
        <>
          <td className="figure">
            <Num figure={rate(port.speedBps)} />
          </td>
          <FaultCell faults={faults} kind="errors" />
          <FaultCell faults={faults} kind="discards" />
        </>
      ) : null}
    </tr>
  );
});

function RateCell({ port, way }: { port: Interface; way: "in" | "out" }): ReactNode {
  const bps = (way === "in" ? port.bandwidth?.inBps : port.bandwidth?.outBps) ?? null;
  const ratio = utilisation(port, way);
  const share = percent(ratio);
  return (
    <td className="figure traffic" title={rateTitle(port, way)}>
      <span className="if-rate">
        {bps === null || ratio === null ? null : (
          <span className="if-util">
            {share.value}
            <span className="unit">{share.unit}</span>
          </span>
        )}
        <span className="if-bps">
          <Num figure={rate(bps)} />
        </span>
      </span>
      <Bar ratio={bps === null ? null : ratio} way={way} />
    </td>
  );
}
