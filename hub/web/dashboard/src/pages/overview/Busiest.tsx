// The interfaces that carry most, read again every few seconds.

import type { ReactNode } from "react";

import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import type { Interface } from "../../model/device";
import { rate } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { Link } from "../../parts/Link";
import { Bar, Num } from "../../parts/Numbers";
import { texts } from "../../texts";

interface Busy {
  deviceName: string;
  interface: Interface;
}

const EVERY_MS = 5_000;

export function Busiest(): ReactNode {
  const answer = useQuery<{ items: Busy[] }>("/interfaces/busiest?limit=10", { everyMs: EVERY_MS });
  return (
    <section className="side-block" data-testid="busiest">
      <header className="busy-head">
        <h2>{texts.overview.busiest}</h2>
        <span aria-hidden="true">{texts.overview.figures.in}</span>
        <span aria-hidden="true">{texts.overview.figures.out}</span>
      </header>
      <Answered answer={answer} empty={({ items }) => (items.length === 0 ? <p className="dim">{texts.overview.busiestNone}</p> : null)}>
        {({ items }) => (
          <>
            {/* Each is a place: whoever is busiest now stands there, and no line is moved. */}
            {items.map((busy, place) => (
              <BusyLine key={place} busy={busy} />
            ))}
          </>
        )}
      </Answered>
    </section>
  );
}

function BusyLine({ busy }: { busy: Busy }): ReactNode {
  const { deviceName, interface: port } = busy;
  const { inBps = null, outBps = null, inUtilRatio = null, outUtilRatio = null } = port.bandwidth ?? {};
  return (
    <Link to={at("devices", port.deviceId)} className="busy" title={`${deviceName} ${port.name}\n${port.ifAlias}`.trim()}>
      <span className="busy-name">
        <span className="busy-device">{deviceName}</span> <span className="dim">{port.name}</span>
      </span>
      <span className="busy-rate">
        <span className="sr">{texts.overview.figures.in}</span> <Num figure={rate(inBps)} />
        <Bar ratio={inUtilRatio} way="in" />
      </span>
      <span className="busy-rate">
        <span className="sr">{texts.overview.figures.out}</span> <Num figure={rate(outBps)} />
        <Bar ratio={outUtilRatio} way="out" />
      </span>
    </Link>
  );
}
