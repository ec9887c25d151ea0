// Why a device does not answer: its agent tries at once, and says what came back and how far the way goes.

import { useEffect, useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import type { Device } from "../../model/device";
import { delay } from "../../model/format";
import { icmpVerdict, reasonWord, snmpVerdict, type Probe } from "../../model/probe";
import { Dialog } from "../../parts/Dialog";
import { Trouble } from "../../parts/Form";
import { Glyph } from "../../parts/Glyph";
import { Facts } from "../../parts/Page";
import { texts } from "../../texts";

interface Way {
  reached: boolean;
  hops: { distance: number; address: string; rttS: number }[];
}

export function ProbeDialog({ device, onClose }: { device: Device; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const [probe, setProbe] = useState<Probe | null>(null);
  const [way, setWay] = useState<Way | null>(null);
  const probing = useAction(async () => {
    setProbe(null);
    setProbe(await live.send<Probe>("POST", `/devices/${device.id}/test`, {}));
  });
  const tracing = useAction(async () => {
    setWay(null);
    setWay(await live.send<Way>("POST", `/devices/${device.id}/traceroute`));
  });
  const ask = (): void => {
    void probing.run();
    void tracing.run();
  };
  useEffect(() => {
    ask();
    // Once when it is opened; again when a person asks.
  }, []);
  const words = texts.device.probe;
  const waiting = <span className="dim">{words.asking}</span>;
  const facts: [string, ReactNode][] = [
    [words.icmp, probe === null ? (probing.busy ? waiting : "–") : <Icmp key="i" probe={probe} />],
    [words.snmp, probe === null ? (probing.busy ? waiting : "–") : <Snmp key="s" probe={probe} />],
    [words.way, way === null ? (tracing.busy ? waiting : "–") : <TheWay key="w" way={way} />],
  ];
  return (
    <Dialog heading={words.heading(device.name)} onClose={onClose} testId="probe">
      <Facts facts={facts} />
      {(probe?.advice ?? []).map((advice) => (
        <p key={advice} className="probe-advice">
          {texts.hubSays(advice)}
        </p>
      ))}
      <Trouble refusal={probing.refusal} />
      <Trouble refusal={tracing.refusal?.message === probing.refusal?.message ? null : tracing.refusal} />
      <div className="form-end">
        <button type="button" className="button" disabled={probing.busy || tracing.busy} onClick={ask}>
          {words.again}
        </button>
      </div>
    </Dialog>
  );
}

function Icmp({ probe }: { probe: Probe }): ReactNode {
  const { sent, received, rttS, reason } = probe.icmp;
  const median = delay(rttS.median);
  const words = texts.device.probe;
  return (
    <span className="with-glyph">
      <Glyph status={icmpVerdict(probe)} />
      {sent === 0 ? words.icmpOff(reasonWord(reason)) : received === 0 ? words.icmpNone(sent, reason === "timeout" ? "" : reasonWord(reason)) : words.icmpAnswer(received, sent, `${median.value} ${median.unit}`)}
    </span>
  );
}

function Snmp({ probe }: { probe: Probe }): ReactNode {
  const words = texts.device.probe;
  if (probe.snmp === null) return <span className="dim">{words.snmpNot}</span>;
  const { ok, reason, sysName, detail } = probe.snmp;
  return (
    <span className="with-glyph">
      <Glyph status={snmpVerdict(probe)} />
      {ok ? words.snmpOk(sysName ?? "") : detail === null ? reasonWord(reason) : texts.hubSays(detail)}
    </span>
  );
}

function TheWay({ way }: { way: Way }): ReactNode {
  const words = texts.device.probe;
  const last = way.hops.at(-1);
  return (
    <>
      <span>{way.reached ? words.reached(way.hops.length) : last === undefined ? words.noHop : words.lastHop(last.address)}</span>
      <ol className="plain-list">
        {way.hops.map(({ distance, address, rttS }) => (
          <li key={`${distance} ${address}`} className="mono">
            {words.hop(distance, address, `${delay(rttS).value} ${delay(rttS).unit}`)}
          </li>
        ))}
      </ol>
    </>
  );
}
