// A customer's own troubles, those that last first.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { closed, instant, span } from "../../model/format";
import type { OwnAlert } from "../../model/own";
import { Answered } from "../../parts/Answered";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

const SHOWN = 8;

export function Troubles(): ReactNode {
  const nowMs = useNow();
  const words = texts.portal;
  const answer = useQuery<{ items: OwnAlert[] }>("/me/alerts?state=all&limit=50", { on: ["alert:new", "alert:update", "customer:update"] });
  return (
    <Section heading={words.trouble}>
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <p className="dim">{words.noTrouble}</p>)}>
        {({ items }) => (
          <ul className="plain-lines" data-testid="own-troubles">
            {[...items].sort((a, b) => Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null)).slice(0, SHOWN).map((alert) => {
              const [fromMs, toMs] = [Date.parse(alert.startedAt), instant(alert.resolvedAt)];
              return (
                <li key={alert.id}>
                  <Glyph status={toMs !== null ? "online" : alert.severity === "critical" ? "offline" : "degraded"} />
                  <span className={toMs === null ? "strong" : ""}>{closed(texts.hubSays(alert.title))}</span>
                  <Time ms={fromMs} nowMs={nowMs} />
                  <span className="dim">{toMs === null ? words.open(span(nowMs - fromMs)) : words.over(span(toMs - fromMs))}</span>
                </li>
              );
            })}
          </ul>
        )}
      </Answered>
    </Section>
  );
}
