// A customer's services, each with its state and what it carries now.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at, useLinkTo } from "../../data/route";
import { delay, rate } from "../../model/format";
import { figuresNow, SERVICE_TONE, sinceWords, type OwnService } from "../../model/own";
import { Glyph } from "../../parts/Glyph";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";

export function ServiceCards({ services, openId }: { services: readonly OwnService[]; openId: number | null }): ReactNode {
  return (
    <nav className="service-cards" aria-label={texts.rail.pages.services}>
      {services.map((service) => (
        <Card key={service.id} service={service} open={service.id === openId && services.length > 1} />
      ))}
    </nav>
  );
}

function Card({ service, open }: { service: OwnService; open: boolean }): ReactNode {
  const nowMs = useNow();
  const words = texts.portal;
  const { latency, bandwidth } = figuresNow(service, nowMs);
  const facts = [
    [words.facts.latency, delay(latency?.rttS ?? null)],
    [words.facts.in, rate(bandwidth?.inBps ?? null)],
    [words.facts.out, rate(bandwidth?.outBps ?? null)],
    ...(service.committedBps === null ? [] : [[words.facts.committed, rate(service.committedBps)] as const]),
  ] as const;
  return (
    <a className="service-card" {...useLinkTo(at("services", service.id))} {...(open ? { "aria-current": "true" as const } : {})} data-testid="own-service" data-state={service.state}>
      <span className="service-card-name">{service.label}</span>
      <span className="with-glyph">
        <Glyph status={SERVICE_TONE[service.state]} />
        <span>{words.states[service.state] ?? service.state}</span>
        <span className="dim">{sinceWords(service, nowMs)}</span>
      </span>
      <span className="service-card-facts">
        {facts.map(([word, figure]) => (
          <span key={word}>
            <span className="dim">{word}</span> <Num figure={figure} />
          </span>
        ))}
      </span>
    </a>
  );
}
