// Which of the open alerts a silence would be about.

import type { ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { toneOf } from "../../data/journal";
import { at } from "../../data/route";
import { covers, isEmpty, type Matchers } from "../../model/silences";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { texts } from "../../texts";

const SHOWN = 8;

export function Preview({ matchers }: { matchers: Matchers }): ReactNode {
  const { fleet, journal } = usePage().live;
  useObservable(fleet.revision);
  const open = [...useObservable(journal.alerts).values()];
  if (isEmpty(matchers)) return null;
  const hit = open.filter((alert) => {
    const device = alert.deviceId === null ? undefined : fleet.get(alert.deviceId)?.device;
    return covers(matchers, alert, { name: device?.name ?? alert.deviceName ?? "", role: device?.role ?? "", tags: device?.tags ?? [] });
  });
  return (
    <div className="silence-preview" role="status" data-testid="silence-preview">
      <p>{texts.silences.preview(hit.length, open.length)}</p>
      <ul className="plain-list">
        {hit.slice(0, SHOWN).map((alert) => (
          <li key={alert.id} className="with-glyph">
            <Glyph status={toneOf({ kind: "alert", event: alert })} />
            <Link to={at("alerts", alert.id)}>{texts.hubSays(alert.title)}</Link>
          </li>
        ))}
        {hit.length > SHOWN ? <li className="dim">{texts.table.shown(SHOWN, hit.length)}</li> : null}
      </ul>
    </div>
  );
}
