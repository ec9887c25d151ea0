// One sentence on all devices, as it changes.

import { useMemo, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { answerForAll, latestFault } from "../model/words";
import { AsOf } from "./LinkState";
import { Ticking } from "./Written";

export function AnswerForAll({ className = "answer" }: { className?: string }): ReactNode {
  const { fleet } = usePage().live;
  const counts = useObservable(fleet.counts);
  const { statuses } = useObservable(fleet.revision);
  // They are looked through once for a change of a state, not for each second that it lasts.
  const latest = useMemo(() => latestFault(fleet.unwell()), [fleet, statuses]);
  return (
    <p className={className} data-testid="devices-answer">
      <AsOf />
      <Ticking read={(nowMs) => answerForAll(fleet.size, counts, latest, nowMs)} />
    </p>
  );
}
