// What fires and rings, one line for each incident.

import type { AlertEvent } from "@noctule/client";
import { memo, useMemo, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { toneOf } from "../../data/journal";
import { at } from "../../data/route";
import { firingGroups } from "../../model/firing";
import { sentence, span } from "../../model/format";
import { TroubleLine } from "../../parts/Answered";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Age } from "../../parts/Numbers";
import { Ticking } from "../../parts/Written";
import { texts } from "../../texts";
import "./firing.css";

const SHOWN = 12;

export function Firing({ shown = SHOWN }: { shown?: number }): ReactNode {
  const { live } = usePage();
  const { journal } = live;
  const load = useObservable(journal.alertsLoad);
  const alerts = useObservable(journal.alerts);
  const { groups, quiet } = useMemo(() => firingGroups(alerts.values()), [alerts]);
  const more = groups.length - shown;
  return (
    <section className="side-block" data-testid="firing">
      <h2>{texts.overview.firing}</h2>
      {load.phase === "failed" ? <TroubleLine why={texts.overview.firingUnknown(load.message)} onRetry={() => void live.reloadAlerts()} /> : null}
      {groups.length === 0 && load.phase === "ready" ? <p className="calm">{quiet > 0 ? texts.overview.nothingRings : texts.overview.calm}</p> : null}
      {load.phase === "loading" ? <span className="skeleton firing-wait" role="status" aria-label={texts.answer.loading} /> : null}
      {groups.slice(0, shown).map((group) => (
        <FiringLine key={group.key} lead={group.lead} title={group.title} alerts={group.alerts.length} startedMs={group.startedMs} />
      ))}
      {more > 0 ? (
        <Link to={at("alerts")} className="link">
          {texts.overview.more(more)}
        </Link>
      ) : null}
      {quiet > 0 ? (
        <p className="firing-quiet dim">
          <Link to={at("alerts")}>{texts.overview.quiet(quiet)}</Link>
        </p>
      ) : null}
    </section>
  );
}

/** `alerts`: how many there are of what `lead` stands for. */
const FiringLine = memo(function FiringLine({ lead, title, alerts, startedMs }: { lead: AlertEvent; title: string; alerts: number; startedMs: number }): ReactNode {
  const part = texts.overview.part(alerts);
  return (
    <Link to={at("alerts", lead.id)} className={`firing severity-${lead.severity}`}>
      <Glyph status={toneOf({ kind: "alert", event: lead })} />
      <span className="firing-text">
        <span className="firing-title">{texts.hubSays(title)}</span>
        <span className="firing-why">{[texts.severity[lead.severity], part, sentence(texts.hubSays(lead.reason ?? ""))].filter((one) => one !== "").join(" · ")}</span>
      </span>
      <Age ms={startedMs} className="firing-age num">
        <Ticking read={(nowMs) => span(nowMs - startedMs)} />
      </Age>
    </Link>
  );
});
