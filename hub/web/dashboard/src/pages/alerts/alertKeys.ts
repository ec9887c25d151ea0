// The keyboard of the alerts: `j` and `k` go through the rows, `a` acknowledges, `x` selects.

import type { RefObject } from "react";

import { at, go } from "../../data/route";
import { useKeys } from "../../parts/keys";

export function useAlertKeys(props: {
  scroller: RefObject<HTMLElement | null>;
  openId: number | null;
  enabled: boolean;
  onAcknowledge: (id: number | null) => void;
  onSelect: (id: number) => void;
}): void {
  const { scroller, openId, enabled, onAcknowledge, onSelect } = props;
  useKeys((key, before, event) => {
    const list = scroller.current;
    if (list === null || !enabled || before === "g") return;
    const rows = [...list.querySelectorAll<HTMLElement>("[data-alert-id]")];
    const idOf = (row: HTMLElement | undefined): number | null => (row === undefined ? null : Number(row.dataset["alertId"]));
    const focused = document.activeElement?.closest<HTMLElement>("[data-alert-id]") ?? rows.find((row) => idOf(row) === openId);
    const id = idOf(focused);
    if (key === "a") onAcknowledge(id);
    else if (key === "x" && id !== null) onSelect(id);
    else if (key === "j" || key === "k") {
      const place = focused === undefined ? -1 : rows.indexOf(focused);
      const next = rows[place < 0 ? 0 : place + (key === "j" ? 1 : -1)];
      const nextId = idOf(next);
      if (next === undefined || nextId === null) return;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
      if (openId !== null) go(at("alerts", nextId), { replace: true });
    } else return;
    event.preventDefault();
  });
}
