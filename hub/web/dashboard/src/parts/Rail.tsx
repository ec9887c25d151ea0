// The way between the pages: a rail at the left, a bar at the bottom of a phone.

import type { MouseEvent, ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { go, hrefOf, useRoute, type Place } from "../data/route";
import { change, settings } from "../data/settings";
import { texts } from "../texts";
import { Icon, Mark, type IconName } from "./Glyph";

export function Rail({ onHelp }: { onHelp: () => void }): ReactNode {
  const { railOpen } = useObservable(settings);
  const alerts = useObservable(usePage().live.journal.alerts);
  const { place } = useRoute();
  const firing = [...alerts.values()].filter((alert) => alert.state === "firing").length;
  const toggle = railOpen ? texts.rail.collapse : texts.rail.expand;
  return (
    <nav className={`rail${railOpen ? "" : " closed"}`} aria-label={texts.rail.label}>
      <div className="brand">
        <Mark />
        <span className="brand-name">{texts.product}</span>
      </div>
      <RailLink icon="devices" word={texts.rail.devices} place={{ page: "devices", deviceId: null }} here={place.page === "devices"} />
      <RailLink icon="alerts" word={texts.rail.alerts} place={{ page: "alerts" }} here={place.page === "alerts"} badge={firing} />
      <div className="rail-end">
        <button type="button" className="rail-item" title={`${texts.rail.help}  ?`} onClick={onHelp}>
          <Icon name="help" />
          <span className="word">{texts.rail.help}</span>
        </button>
        <button
          type="button"
          className="rail-item"
          aria-label={toggle}
          title={toggle}
          aria-expanded={railOpen}
          onClick={() => change({ railOpen: !railOpen })}
        >
          <Icon name="rail" />
        </button>
      </div>
    </nav>
  );
}

function RailLink(props: { icon: IconName; word: string; place: Place; here: boolean; badge?: number }): ReactNode {
  const { icon, word, place, here, badge = 0 } = props;
  const { query } = useRoute();
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(place);
  };
  return (
    <a className="rail-item" href={hrefOf(place, query)} title={word} aria-current={here ? "page" : undefined} onClick={follow}>
      <Icon name={icon} />
      <span className="word">{word}</span>
      {badge === 0 ? null : <span className="badge num">{badge}</span>}
    </a>
  );
}
