// Over the map: how to look at it, and for operators how to arrange it.

import { useState, type ReactNode, type RefObject } from "react";

import type { Arrangement } from "../../data/arrangement";
import type { Action } from "../../data/useQuery";
import { Confirm, Dialog } from "../../parts/Dialog";
import { Trouble } from "../../parts/Form";
import { Icon } from "../../parts/Glyph";
import { texts } from "../../texts";
import type { MapCanvas } from "./MapCanvas";

const ZOOM = 1.35;

export function ViewButtons({ map }: { map: RefObject<MapCanvas | null> }): ReactNode {
  const words = texts.topology;
  const buttons = [
    ["plus", words.zoomIn, () => map.current?.zoom(ZOOM)],
    ["minus", words.zoomOut, () => map.current?.zoom(1 / ZOOM)],
    ["fit", words.fit, () => map.current?.fit()],
  ] as const;
  return (
    <div className="topo-view">
      {buttons.map(([icon, word, act]) => (
        <button key={icon} type="button" className="icon-button" title={word} aria-label={word} onClick={act}>
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}

export function ArrangeBar({ arrangement }: { arrangement: Arrangement }): ReactNode {
  const words = texts.topology;
  const { arranging, moved, save, afresh } = arrangement;
  const [asking, setAsking] = useState(false);
  if (!arranging) return null;
  const conflict = save.refusal?.field === "revision";
  return (
    <div className="topo-arrange" data-testid="arrange-bar">
      <span>{words.moved(moved.size)}</span>
      <button type="button" className="button small primary" disabled={moved.size === 0 || save.busy} onClick={() => void save.run()} data-testid="arrange-save">
        {words.saveMoves}
      </button>
      <button type="button" className="button small" onClick={arrangement.cancel}>
        {words.cancelMoves}
      </button>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        {words.afresh}
      </button>
      {conflict ? <Conflict arrangement={arrangement} /> : <Trouble refusal={save.refusal} />}
      {asking ? (
        <Confirm heading={words.afreshHeading} word={words.afresh} action={afresh} onClose={() => setAsking(false)}>
          <p>{words.afreshLead}</p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Conflict({ arrangement }: { arrangement: Arrangement }): ReactNode {
  const words = texts.topology;
  const { save, saveOnTop, moved, cancel } = arrangement;
  const forgiven = (action: Action<[]>) => (): void => {
    action.forgive();
    save.forgive();
  };
  return (
    <Dialog heading={words.conflictHeading} onClose={forgiven(saveOnTop)} testId="arrange-conflict">
      <p>{words.conflictLead(moved.size)}</p>
      <Trouble refusal={saveOnTop.refusal} />
      <div className="form-end">
        <button type="button" className="button primary" disabled={saveOnTop.busy} onClick={() => void saveOnTop.run().then((done) => done && save.forgive())} data-testid="arrange-on-top">
          {words.onTop}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            cancel();
            save.forgive();
          }}
        >
          {words.takeTheirs}
        </button>
      </div>
    </Dialog>
  );
}
