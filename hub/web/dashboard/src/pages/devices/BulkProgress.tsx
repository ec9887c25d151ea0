// How far a change of many devices is, and what became of them.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { tally } from "../../model/bulk";
import { sentence } from "../../model/format";
import { Trouble } from "../../parts/Form";
import { texts } from "../../texts";
import type { BulkRun } from "./useBulk";
import type { Chosen } from "./useSelection";

const NAMES = 8;

/** Some of the devices by name, so that one sees whom it is about. */
export function Names({ ids }: { ids: readonly number[] }): ReactNode {
  const { fleet } = usePage().live;
  const names = ids.slice(0, NAMES).map((id) => fleet.get(id)?.device.name ?? String(id));
  return <p className="dim">{texts.deviceDesk.bulk.named(names, ids.length - names.length)}</p>;
}

export function Progress(props: { run: Exclude<BulkRun, { phase: "ready" }>; stop: () => void; said: (n: number) => string; chosen: Chosen; onClose: () => void }): ReactNode {
  const { run, stop, said, chosen, onClose } = props;
  const { bulk } = texts.deviceDesk;
  if (run.phase === "running") {
    return (
      <div className="form" role="status">
        <p>{bulk.progress(run.done, run.total)}</p>
        <progress value={run.done} max={run.total} aria-label={bulk.progress(run.done, run.total)} />
        <div className="form-end">
          <button type="button" className="button" onClick={stop}>
            {bulk.stop}
          </button>
        </div>
      </div>
    );
  }
  const { done, unchanged, refused } = tally(run.rows);
  const refusedIds = refused.flatMap(({ deviceIds }) => deviceIds);
  return (
    <div className="form" role="status" data-testid="bulk-report">
      <p>
        {said(done)} {unchanged > 0 ? bulk.unchanged(unchanged) : ""} {run.notReached > 0 ? bulk.notReached(run.notReached) : ""}
      </p>
      <Trouble refusal={run.refusal} />
      {refusedIds.length === 0 ? null : <p>{bulk.refused(refusedIds.length)}</p>}
      {refused.map(({ message, deviceIds }) => (
        <div key={message} className="refused">
          <p>{sentence(texts.hubSays(message))}</p>
          <Names ids={deviceIds} />
        </div>
      ))}
      <div className="form-end">
        <button type="button" className="button primary" onClick={onClose} autoFocus>
          {bulk.done}
        </button>
        {refusedIds.length === 0 ? null : (
          <button type="button" className="button" onClick={() => (chosen.set(refusedIds), onClose())}>
            {bulk.keepRefused}
          </button>
        )}
      </div>
    </div>
  );
}
