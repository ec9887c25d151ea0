// Beside the editor: the badge to take along, and the maintenance that the public will see.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useObservable, usePage } from "../../data/context";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { clock } from "../../model/format";
import { plannedFor, type Component, type Planned, type Window } from "../../model/statusPage";
import { Answered } from "../../parts/Answered";
import { Command } from "../../parts/Command";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";
import { REGISTRY } from "../registry";

export function Outlook({ components, published }: { components: readonly Component[]; published: boolean }): ReactNode {
  const { fleet } = usePage().live;
  useObservable(fleet.revision);
  const words = texts.statusPage;
  const answer = useQuery<{ items: Window[] }>("/maintenance?limit=500", { everyMs: 60_000 });
  const markdown = `[![${words.badgeAlt}](${location.origin}/status/badge.svg)](${location.origin}/status)`;
  const badge = `${location.origin}/status/badge.svg`;
  const html = `<a href="${location.origin}/status"><picture><source media="(prefers-color-scheme: dark)" srcset="${badge}"><img src="${badge}?theme=light" alt="${words.badgeAlt}"></picture></a>`;
  return (
    <div className="status-outlook">
      <Section heading={words.maintenance}>
        <p className="dim">{words.maintenanceLead}</p>
        <Answered answer={answer}>
          {({ items }) => {
            const planned = plannedFor(components, items, fleet.all().map(({ device }) => device));
            return planned.length === 0 ? <p className="status-none">{words.maintenanceNone}</p> : <>{planned.map((one) => <PlannedLine key={one.window.id} planned={one} />)}</>;
          }}
        </Answered>
      </Section>
      <Section heading={words.badge}>
        {published ? (
          <p className="status-badges">
            <img className="status-badge" src="/status/badge.svg" alt={words.badgeAlt} />
            <img className="status-badge" src="/status/badge.svg?theme=light" alt="" />
          </p>
        ) : null}
        <p className="dim">{words.badgeLead}</p>
        <Command text={markdown} />
        <p className="dim">{words.badgeHtml}</p>
        <Command text={html} />
      </Section>
    </div>
  );
}

function PlannedLine({ planned: { window, span, running, labels } }: { planned: Planned }): ReactNode {
  const nowMs = useNow();
  const words = texts.statusPage;
  const [from, until] = [clock(Date.parse(span.startsAt), nowMs), clock(Date.parse(span.endsAt), nowMs)];
  const linked = REGISTRY.some(({ page }) => page === "maintenance");
  return (
    <div className="status-planned">
      <p className="with-glyph">
        <Glyph status="maintenance" />
        {linked ? (
          <Link to={at("maintenance", window.id)} className="link">
            {window.name}
          </Link>
        ) : (
          window.name
        )}
      </p>
      <p>{running ? words.running(until) : words.planned(from, until)}</p>
      <p className="dim">{labels.join(", ")}</p>
    </div>
  );
}
