// Whether what is on the screen is live, and if not, how old it is and what is being done.

import { useLink } from "@noctule/client/hooks";
import { useEffect, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { usePage } from "../data/context";
import { clock, span, utc } from "../model/format";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import { Time } from "./Numbers";

/** A first attempt right after the page was opened is no loss yet. */
const PATIENCE_MS = 3_000;
/** The hub says something each 5 s and is asked after 8 s; silence beyond that has an age. */
const QUIET_LIMIT_MS = 10_000;

export function LinkBadge(): ReactNode {
  const link = useLink();
  const nowMs = useNow();
  const { client } = usePage().live;
  const ageMs = client.heardAtMs === null ? 0 : nowMs - client.heardAtMs;
  const old = link.phase !== "live" || ageMs > QUIET_LIMIT_MS;
  const age = old && client.heardAtMs !== null ? texts.link.age(span(ageMs)) : null;
  const title = link.phase === "live" ? `${texts.link.liveTitle(clock(link.sinceMs, nowMs, { seconds: true }))}\n${utc(link.sinceMs)}` : (link.reason ?? "");
  const lost = link.phase === "reconnecting" || link.phase === "refused";
  return (
    <span className={`link-state ${link.phase}`} role="status" data-testid="link-state" data-phase={link.phase} title={title}>
      {lost ? <Glyph status="degraded" /> : <span className="pulse" aria-hidden="true" />}
      <span className="word">{texts.link.words[link.phase]}</span>
      {age === null ? null : <span className="link-age">{age}</span>}
    </span>
  );
}

/** The bar below the top bar while there is no link. Everything below it is dimmed meanwhile. */
export function LinkBar(): ReactNode {
  const link = useLink();
  const nowMs = useNow();
  const { client } = usePage().live;
  const waiting = link.phase === "connecting" && nowMs - link.sinceMs < PATIENCE_MS;
  const shown = link.phase !== "live" && link.phase !== "idle" && !waiting;
  useEffect(() => {
    document.documentElement.classList.toggle("link-lost", shown);
    return () => document.documentElement.classList.remove("link-lost");
  }, [shown]);
  if (!shown) return null;
  if (link.phase === "refused") {
    return (
      <div className="linkbar" role="alert" data-testid="link-bar">
        <Glyph status="offline" />
        {texts.link.refused(link.reason ?? "")}
      </div>
    );
  }
  const waitS = link.retryAtMs === null ? null : Math.ceil((link.retryAtMs - nowMs) / 1000);
  const [before, after] = texts.link.lost("\u0000").split("\u0000");
  return (
    <div className="linkbar" role="alert" data-testid="link-bar">
      <Glyph status="degraded" />
      <strong>
        {before}
        <Time ms={link.sinceMs} nowMs={nowMs} seconds />
        {after}
      </strong>
      {client.heardAtMs === null ? null : <span>{texts.link.dataAge(span(nowMs - client.heardAtMs))}</span>}
      <span className="linkbar-why">
        {navigator.onLine ? (link.reason === null ? null : texts.link.why(link.reason)) : texts.link.offline}
      </span>
      <span className="linkbar-next">{waitS === null || waitS <= 0 ? texts.link.trying : texts.link.next(waitS)}</span>
      <button type="button" className="button small" onClick={() => client.retryNow()}>
        {texts.link.retry}
      </button>
    </div>
  );
}
