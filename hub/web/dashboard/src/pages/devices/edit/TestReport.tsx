// What a device answered to its agent, and why it did not, with what to try.

import type { ReactNode } from "react";

import { delay, sentence } from "../../../model/format";
import { icmpVerdict, reasonWord, snmpVerdict, type Probe, type Verdict } from "../../../model/probe";
import { Glyph } from "../../../parts/Glyph";
import { texts } from "../../../texts";
import type { Trial } from "./useTest";

export function TestReport({ trial }: { trial: Trial }): ReactNode {
  const { deviceEdit } = texts;
  switch (trial.phase) {
    case "none":
      return null;
    case "asking":
      return (
        <p className="test-report dim" role="status" data-testid="test-asking">
          {deviceEdit.testing}
        </p>
      );
    case "refused":
      return (
        <div className="test-report" role="status" data-testid="test-refused">
          <Line verdict="unknown" text={deviceEdit.notTested} />
          <p>{sentence(trial.refusal.message)}</p>
        </div>
      );
    case "answered":
      return <Answered probe={trial.probe} />;
  }
}

function Answered({ probe }: { probe: Probe }): ReactNode {
  const { deviceEdit } = texts;
  const { icmp, snmp, advice } = probe;
  const median = delay(icmp.rttS.median);
  return (
    <div className="test-report" role="status" data-testid="test-report">
      <h3>{deviceEdit.testHeading}</h3>
      <Line
        verdict={icmpVerdict(probe)}
        text={
          icmp.sent === 0
            ? deviceEdit.icmpOff(reasonWord(icmp.reason))
            : icmp.received === 0
              ? deviceEdit.icmpNone(icmp.sent)
              : deviceEdit.icmpOk(icmp.received, icmp.sent, `${median.value} ${median.unit}`)
        }
      />
      <Line
        verdict={snmpVerdict(probe)}
        text={
          snmp === null
            ? deviceEdit.snmpOff
            : snmp.ok
              ? `${deviceEdit.snmpOk(snmp.version, snmp.sysName ?? probe.address)} ${deviceEdit.interfaces(probe.interfaceCount)}`
              : deviceEdit.snmpNo(snmp.version, reasonWord(snmp.reason))
        }
      />
      {snmp?.sysDescr ? <p className="dim">{snmp.sysDescr}</p> : null}
      {advice.length === 0 ? null : (
        <>
          <h3>{deviceEdit.advice}</h3>
          <ul>
            {advice.map((one) => (
              <li key={one}>{texts.hubSays(one)}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Line({ verdict, text }: { verdict: Verdict; text: string }): ReactNode {
  return (
    <p className="with-glyph">
      <Glyph status={verdict} /> {text}
    </p>
  );
}
