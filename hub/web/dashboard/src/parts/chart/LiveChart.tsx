// A chart of the last two minutes that moves each second while the device is in focus.

import type { ReactNode } from "react";
import { useLink } from "@noctule/client/hooks";

import { useNow } from "../../data/clock";
import { useFocus } from "../../data/focus";
import { clock } from "../../model/format";
import { texts } from "../../texts";
import { Glyph } from "../Glyph";
import type { Plot } from "./model";
import { TimeChart } from "./TimeChart";

const SHOWN_MS = 120_000;
const still = (): void => undefined;

export function LiveChart({ deviceId, plot, fileName, heightPx = 180 }: { deviceId: number; plot: Plot; fileName: string; heightPx?: number }): ReactNode {
  const { focus, start, stop } = useFocus(deviceId);
  const nowMs = useNow();
  const { phase } = useLink();
  const words = texts.focus;
  if (focus.phase === "off") {
    return (
      <p className="focus-off">
        <button type="button" className="button small" onClick={start} data-testid="focus-start">
          {words.start}
        </button>
        {focus.why === null ? null : (
          <span role="alert" className="with-glyph">
            <Glyph status="degraded" />
            {focus.why}
          </span>
        )}
      </p>
    );
  }
  const span = { fromMs: nowMs - SHOWN_MS, toMs: nowMs, live: true };
  return (
    <div className="focus" data-testid="focus" data-phase={focus.phase}>
      <TimeChart heading={words.heading} plot={plot} chosen={{ span, zoom: still, reset: still }} heightPx={heightPx} fileName={fileName} empty={words.waiting} testId="focus-chart" />
      <p className="focus-off">
        <button type="button" className="button small" onClick={stop} data-testid="focus-stop">
          {words.stop}
        </button>
        <span className="dim">{focus.phase === "starting" ? words.starting : phase === "live" ? words.until(clock(focus.untilMs, nowMs, { seconds: true }), focus.intervalS) : words.paused}</span>
      </p>
    </div>
  );
}
