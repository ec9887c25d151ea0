// The listed alerts: one row for each incident, opened where somebody wants to see its parts.

import { useState, type ReactNode } from "react";

import { at } from "../../data/route";
import { isOpen } from "../../model/alertList";
import type { Group } from "../../model/firing";
import { Icon } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { NearEnd } from "../../parts/NearEnd";
import { texts } from "../../texts";
import { AlertRow } from "./AlertRow";

/** Drawn at once; more as the end comes near. */
const STEP = 100;
/** Of one incident; its own page shows all. */
const PARTS = 100;

export function AlertGroups(props: {
  groups: readonly Group[];
  openId: number | null;
  selected: ReadonlySet<number>;
  mayWrite: boolean;
  onSelect: (ids: readonly number[], on: boolean) => void;
}): ReactNode {
  const { groups, openId, selected, mayWrite, onSelect } = props;
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [shown, setShown] = useState(STEP);
  const toggle = (key: number): void => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  const drawn = groups.slice(0, shown);
  return (
    <>
      <div role="list" aria-label={texts.alerts.heading}>
        {drawn.map((group) => {
          const [lead, ...parts] = group.alerts;
          if (lead === undefined) return null;
          const ids = group.alerts.map(({ id }) => id);
          const open = parts.length > 0 && (group.alerts.some(({ id }) => opened.has(id)) || parts.some(({ id }) => id === openId));
          const row = { mayWrite, openId };
          return (
            <div key={lead.id} role="listitem" className="alert-group">
              <AlertRow {...row} alert={lead} title={texts.hubSays(group.title)} extra={group.unreachable === 0 ? "" : texts.incidents.unreachable(group.unreachable)} about={group.alerts.filter(isOpen)} selected={ids.every((id) => selected.has(id))} onSelect={(on) => onSelect(ids, on)} />
              {parts.length === 0 ? null : (
                <button type="button" className="alert-parts" aria-expanded={open} onClick={() => toggle(lead.id)}>
                  <Icon name={open ? "up" : "down"} />
                  {texts.alerts.parts(parts.length)}
                </button>
              )}
              {open ? (
                <div className="alert-members" role="list">
                  {parts.slice(0, PARTS).map((alert) => (
                    <div key={alert.id} role="listitem">
                      <AlertRow {...row} alert={alert} title={texts.hubSays(alert.title)} extra="" about={isOpen(alert) ? [alert] : []} selected={selected.has(alert.id)} onSelect={(on) => onSelect([alert.id], on)} />
                    </div>
                  ))}
                  {parts.length > PARTS && lead.incident != null ? (
                    <p role="listitem" className="alert-more-parts">
                      <Link to={at("incidents", lead.incident.id)} className="link">
                        {texts.alerts.allParts(parts.length + 1)}
                      </Link>
                    </p>
                  ) : null}
                </div>
              ) : null}
            </div>
          );
        })}
      </div>
      {groups.length > shown ? <NearEnd key={shown} onNear={() => setShown(shown + STEP)} /> : null}
    </>
  );
}
