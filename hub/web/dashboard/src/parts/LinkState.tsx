// Whether what is on the screen is live, and if not, how old it is and what is being done.

import { useLink } from "@noctule/client/hooks";
import { memo, useEffect, type ReactNode } from "react";

import { useClock, useNow, useToday } from "../data/clock";
import { usePage } from "../data/context";
import { clock, span, utc } from "../model/format";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import { Time } from "./Numbers";
import "./linkState.css";

/** A first attempt right after the page was opened is no loss yet. */
const PATIENCE_MS = 3_000;
/** The hub says something each 5 s and is asked after 8 s; silence beyond that has an age. */
const QUIET_LIMIT_MS = 10_000;

/** Returns whether what is on the screen is no longer live. */
function useLost(): boolean {
  const { phase, sinceMs } = useLink();
  const early = useClock((nowMs) => nowMs - sinceMs < PATIENCE_MS);
  return phase !== "live" && phase !== "idle" && !(phase === "connecting" && early);
}

/** Before a sentence that says how things are: of when that is, once it is not of now. */
export const AsOf = memo(function AsOf(): ReactNode {
  const { client } = usePage().live;
  const { sinceMs } = useLink();
  const nowMs = useClock((ms) => Math.floor(ms / 60_000)) * 60_000;
  if (!useLost()) return null;
  return (
    <span className="as-of" data-testid="as-of">
      {texts.link.asOf} <Time ms={client.heardAtMs ?? sinceMs} nowMs={nowMs} seconds />:{" "}
    </span>
  );
});

export function LinkBadge(): ReactNode {
  const link = useLink();
  const todayMs = useToday();
  const { client } = usePage().live;
  const age = useClock((nowMs) => {
    const ageMs = client.heardAtMs === null ? 0 : nowMs - client.heardAtMs;
    const old = link.phase !== "live" || ageMs > QUIET_LIMIT_MS;
    return old && client.heardAtMs !== null ? texts.link.age(span(ageMs)) : "";
  });
  const title = link.phase === "live" ? `${texts.link.liveTitle(clock(link.sinceMs, todayMs, { seconds: true }))}\n${utc(link.sinceMs)}` : texts.hubSays(link.reason ?? "");
  const lost = link.phase === "reconnecting" || link.phase === "refused";
  return (
    <span className={`link-state ${link.phase}`} role="status" data-testid="link-state" data-phase={link.phase} title={title}>
      {lost ? <Glyph status="degraded" /> : <span className="pulse" aria-hidden="true" />}
      <span className="word">{texts.link.words[link.phase]}</span>
      {age === "" ? null : <span className="link-age">{age}</span>}
    </span>
  );
}

/** The bar below the top bar while there is no link. Everything below it is dimmed meanwhile. */
export function LinkBar(): ReactNode {
  const shown = useLost();
  useEffect(() => {
    document.documentElement.classList.toggle("link-lost", shown);
    return () => document.documentElement.classList.remove("link-lost");
  }, [shown]);
  return shown ? <Lost /> : null;
}

function Lost(): ReactNode {
  const link = useLink();
  const nowMs = useNow();
  const { client } = usePage().live;
  if (link.phase === "refused") {
    return (
      <div className="linkbar" role="alert" data-testid="link-bar">
        <Glyph status="offline" />
        {texts.link.refused(texts.hubSays(link.reason ?? ""))}
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
      <span>{texts.link.dataAge(span(nowMs - (client.heardAtMs ?? link.sinceMs)))}</span>
      <span className="linkbar-why">
        {navigator.onLine ? (link.reason === null ? null : texts.link.why(texts.hubSays(link.reason))) : texts.link.offline}
      </span>
      <span className="linkbar-next">{waitS === null || waitS <= 0 ? texts.link.trying : texts.link.next(waitS)}</span>
      <button type="button" className="button small" onClick={() => client.retryNow()}>
        {texts.link.retry}
      </button>
    </div>
  );
}
