// A device's latency of the last hour: read once, then followed live.

import { useLatency } from "@noctule/client/hooks";
import { useEffect, useState } from "react";

import type { Round } from "../model/chart";
import { usePage } from "./context";

/** More than an hour of rounds at one a second; older ones go first. */
const MAX_ROUNDS = 4_000;

interface Columns {
  tsMs: number[];
  rttS: (number | null)[];
  lossRatio: number[];
  rttMinS: (number | null)[];
  rttMaxS: (number | null)[];
}

/** Returns the rounds, oldest first; `failed`: the past could not be read, what is live still comes. */
export function useRounds(deviceId: number): { rounds: readonly Round[]; failed: boolean } {
  const { live } = usePage();
  const [rounds, setRounds] = useState<readonly Round[]>([]);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let over = false;
    live
      .get<Columns>(`/devices/${deviceId}/latency`)
      .then((columns) => {
        if (over) return;
        const past = columns.tsMs.map((ms, at) => ({
          ms,
          value: columns.rttS[at] ?? null,
          lossRatio: columns.lossRatio[at] ?? 0,
          low: columns.rttMinS[at] ?? null,
          high: columns.rttMaxS[at] ?? null,
        }));
        setRounds((since) => [...past, ...since.filter((round) => round.ms > (past.at(-1)?.ms ?? 0))]);
      })
      .catch(() => {
        if (!over) setFailed(true);
      });
    return () => {
      over = true;
    };
  }, [live, deviceId]);
  useLatency(({ items, test }) => {
    if (test === true) return;
    for (const item of items) {
      if (item.deviceId !== deviceId) continue;
      const round = { ms: Date.parse(item.timestamp), value: item.rttS, lossRatio: item.lossRatio, low: null, high: null };
      setRounds((before) => {
        if (round.ms <= (before.at(-1)?.ms ?? 0)) return before;
        return [...before, round].slice(-MAX_ROUNDS);
      });
    }
  });
  return { rounds, failed };
}
