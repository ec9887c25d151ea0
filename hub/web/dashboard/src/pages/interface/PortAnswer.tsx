// The sentence that says what there is to know of an interface.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { isStale, type Interface } from "../../model/device";
import { percent, rate, span } from "../../model/format";
import { ifTone, utilisation } from "../../model/port";
import { ifWord } from "../../model/words";
import { Glyph } from "../../parts/Glyph";
import { texts } from "../../texts";

export function PortAnswer({ port, intervalS }: { port: Interface; intervalS: number }): ReactNode {
  const nowMs = useNow();
  return (
    <p className={`panel-answer is-${ifTone(port)}`} data-testid="interface-answer">
      <Glyph status={ifTone(port)} />
      <span>
        {texts.port.answer(ifWord(port), port.ifAlias)} {carries(port, intervalS, nowMs)}
      </span>
    </p>
  );
}

function carries(port: Interface, intervalS: number, nowMs: number): string {
  const { bandwidth } = port;
  const words = texts.port;
  if (!port.polled) return words.notPolled;
  if (bandwidth === null) return words.never;
  if (isStale(bandwidth.timestamp, intervalS, nowMs)) return words.silent(span(nowMs - Date.parse(bandwidth.timestamp)));
  const [into, out] = [rate(bandwidth.inBps), rate(bandwidth.outBps)];
  const most = Math.max(utilisation(port, "in") ?? -1, utilisation(port, "out") ?? -1);
  const [share, speed] = [percent(most), rate(port.speedBps)];
  const first = words.carries(`${into.value} ${into.unit}`, `${out.value} ${out.unit}`);
  return first + (most < 0 ? words.stop : words.of(`${share.value} ${share.unit}`, `${speed.value} ${speed.unit}`));
}
