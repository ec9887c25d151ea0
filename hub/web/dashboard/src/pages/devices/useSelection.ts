// The rows that are chosen, and the keys for it: `x` for one, `X` for all from the last one, `e` to edit.

import { useCallback, useEffect, useRef, useState } from "react";

import { usePage } from "../../data/context";
import { choose, chooseAll, NOTHING, withoutGone, type Selection } from "../../model/selection";
import { useKeys } from "../../parts/keys";
import { openDesk } from "./desk";

export interface Chosen {
  readonly ids: ReadonlySet<number>;
  readonly toggle: (id: number, range: boolean) => void;
  readonly toggleAll: () => void;
  readonly set: (ids: Iterable<number>) => void;
}

/** `shown` are the devices of the list in their order; `onEdit` is called for `e` while some are chosen. */
export function useSelection(shown: readonly number[], enabled: boolean, members: number, onEdit: () => void): Chosen {
  const { fleet } = usePage().live;
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const order = useRef(shown);
  useEffect(() => {
    order.current = shown;
  });
  useEffect(() => setSelection((before) => withoutGone(before, (id) => fleet.get(id) !== undefined)), [fleet, members]);
  const toggle = useCallback((id: number, range: boolean) => setSelection((before) => choose(before, id, range, order.current)), []);
  const toggleAll = useCallback(() => setSelection((before) => chooseAll(before, order.current)), []);
  const set = useCallback((ids: Iterable<number>) => setSelection({ ids: new Set(ids), anchor: null }), []);
  useKeys((key, _before, event) => {
    if (!enabled || document.querySelector("dialog[open]") !== null) return;
    const focused = document.activeElement?.closest<HTMLElement>(".device-row")?.dataset["deviceId"];
    if (key === "n") openDesk({ kind: "add" });
    else if ((key === "x" || key === "X") && focused !== undefined) toggle(Number(focused), key === "X");
    else if (key === "e" && selection.ids.size > 0) onEdit();
    else if (key === "e" && focused !== undefined) openDesk({ kind: "edit", id: Number(focused) });
    else return;
    event.preventDefault();
  });
  return { ids: selection.ids, toggle, toggleAll, set };
}
