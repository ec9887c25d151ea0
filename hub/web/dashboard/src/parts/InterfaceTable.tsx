// A device's interfaces with their live rates.

import { useBandwidth, useInterfaceStatus } from "@noctule/client/hooks";
import type { BandwidthItem, DeviceStatus } from "@noctule/client";
import { useEffect, useState, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { usePage } from "../data/context";
import { messageOf } from "../data/session";
import { isStale, type Device, type Interface } from "../model/device";
import { percent, rate } from "../model/format";
import { ifWord } from "../model/words";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import { Bar, Num } from "./Numbers";

type Loaded = { rows: readonly Interface[] } | { failed: string } | null;

const RETRY_MS = 5_000;

export function InterfaceTable({ device }: { device: Device }): ReactNode {
  const loaded = useInterfaces(device.id);
  const rows = loaded !== null && "rows" in loaded ? loaded.rows : [];
  const up = rows.filter((row) => row.ifOperStatus === "up").length;
  return (
    <section className="panel-section">
      <header>
        <h3>{texts.device.interfaces}</h3>
        {rows.length === 0 ? null : <span className="dim num">{texts.device.interfacesCount(up, rows.length)}</span>}
      </header>
      {loaded === null ? <p className="dim">{texts.device.interfacesLoading}</p> : null}
      {loaded !== null && "failed" in loaded ? (
        <p role="alert">
          {texts.device.interfacesFailed}. {loaded.failed}
        </p>
      ) : null}
      {loaded !== null && "rows" in loaded && rows.length === 0 ? (
        <p className="dim">{device.snmp === null ? texts.device.interfacesNoSnmp : texts.device.interfacesNone}</p>
      ) : null}
      {rows.length === 0 ? null : (
        <table className="interfaces">
          <thead>
            <tr>
              <th scope="col">{texts.device.ifColumns.name}</th>
              <th scope="col" className="figure">
                {texts.device.ifColumns.in}
              </th>
              <th scope="col" className="figure">
                {texts.device.ifColumns.out}
              </th>
              <th scope="col" className="figure">
                {texts.device.ifColumns.speed}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <InterfaceRow key={row.id} row={row} intervalS={device.snmp?.intervalS ?? 30} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Reads the interfaces once, then follows them live; the panel holds the device's room. */
function useInterfaces(deviceId: number): Loaded {
  const { live } = usePage();
  const [loaded, setLoaded] = useState<Loaded>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      try {
        const { items } = await live.get<{ items: Interface[] }>(`/devices/${deviceId}/interfaces?limit=1000`);
        if (!over) setLoaded({ rows: [...items].sort((a, b) => a.ifIndex - b.ifIndex) });
      } catch (error) {
        if (over) return;
        setLoaded({ failed: messageOf(error) });
        timer = setTimeout(() => void read(), RETRY_MS);
      }
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [live, deviceId]);
  const edit = (change: (row: Interface) => Interface): void =>
    setLoaded((before) => (before !== null && "rows" in before ? { rows: before.rows.map(change) } : before));
  useBandwidth(({ items, test }) => {
    if (test === true) return;
    const mine = new Map<number, BandwidthItem>();
    for (const item of items) if (item.deviceId === deviceId && item.interfaceId !== null) mine.set(item.interfaceId, item);
    if (mine.size > 0) edit((row) => (mine.has(row.id) ? { ...row, bandwidth: mine.get(row.id) ?? null } : row));
  });
  useInterfaceStatus((event) => {
    if (event.deviceId !== deviceId || event.late === true || event.test === true) return;
    const { ifAdminStatus, ifOperStatus } = event;
    edit((row) => (row.id === event.interfaceId ? { ...row, ifAdminStatus, ifOperStatus } : row));
  });
  return loaded;
}

function InterfaceRow({ row, intervalS }: { row: Interface; intervalS: number }): ReactNode {
  const nowMs = useNow();
  const stale = isStale(row.bandwidth?.timestamp, intervalS, nowMs);
  return (
    <tr className={`${stale ? "stale" : ""}${row.ifOperStatus === "up" ? "" : " not-up"}`} data-testid="interface-row" data-interface-id={row.id}>
      <td className="if-name">
        <div>
          <Glyph status={ifTone(row)} />
          <span className="name" title={row.ifDescr}>
            {row.name}
          </span>
        </div>
        <div className="if-under">
          <span className="if-word">{ifWord(row)}</span>
          <span className="if-alias" title={row.ifAlias}>
            {row.ifAlias}
          </span>
        </div>
      </td>
      <RateCell row={row} way="in" />
      <RateCell row={row} way="out" />
      <td className="figure">
        <Num figure={rate(row.speedBps)} />
      </td>
    </tr>
  );
}

function RateCell({ row, way }: { row: Interface; way: "in" | "out" }): ReactNode {
  const { bandwidth } = row;
  const bps = (way === "in" ? bandwidth?.inBps : bandwidth?.outBps) ?? null;
  const told = (way === "in" ? bandwidth?.inUtilRatio : bandwidth?.outUtilRatio) ?? null;
  const ratio = told ?? (bps !== null && row.speedBps !== null && row.speedBps > 0 ? bps / row.speedBps : null);
  const share = percent(ratio);
  const speed = rate(row.speedBps);
  const marks = bandwidth?.quality.filter((word) => word !== "ok") ?? [];
  const title = [
    ratio === null ? texts.device.utilUnknown : texts.device.utilTitle(`${share.value} ${share.unit}`, `${speed.value} ${speed.unit}`),
    marks.length === 0 ? "" : texts.device.quality(marks.join(", ")),
    row.polled ? "" : texts.device.notPolled,
  ]
    .filter((part) => part !== "")
    .join("\n");
  return (
    <td className="figure traffic" title={title}>
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

function ifTone(row: Interface): DeviceStatus {
  if (row.ifAdminStatus === "down") return "unknown";
  if (row.ifOperStatus === "up") return "online";
  return row.ifOperStatus === "down" || row.ifOperStatus === "lowerLayerDown" ? "offline" : "unknown";
}
