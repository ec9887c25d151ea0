// What has changed of a customer's services, newest first.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { ownEventWords, type OwnEvent } from "../../model/own";
import { Answered } from "../../parts/Answered";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

const NAMES = ["device:status", "interface:status", "customer:update"] as const;
const SHOWN = 20;

export function Changes(): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<{ items: OwnEvent[] }>(`/events?names=${NAMES.join()}&limit=1000`, { on: NAMES });
  return (
    <Section heading={texts.portal.changes}>
      <Answered answer={answer} empty={({ items }) => (linesOf(items).length > 0 ? null : <p className="dim">{texts.portal.noChanges}</p>)}>
        {({ items }) => (
          <ul className="plain-lines" data-testid="own-changes">
            {linesOf(items).map(({ seq, atMs, text, tone }) => (
              <li key={seq}>
                <Time ms={atMs} nowMs={nowMs} seconds />
                <Glyph status={tone} />
                <span>{text}</span>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </Section>
  );
}

function linesOf(items: readonly OwnEvent[]): readonly { seq: number; atMs: number; text: string; tone: Parameters<typeof Glyph>[0]["status"] }[] {
  return items
    .flatMap((event) => {
      const words = ownEventWords(event);
      return words === null ? [] : [{ seq: event.seq, atMs: Date.parse(event.timestamp), ...words }];
    })
    .reverse()
    .slice(0, SHOWN);
}
