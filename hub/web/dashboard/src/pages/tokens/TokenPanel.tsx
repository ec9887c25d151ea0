// One token beside the list: how long it is good, a new one in its place, and its end.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import { clock, span } from "../../model/format";
import { TOKEN_TONE, tokenState, type Token } from "../../model/people";
import { Confirm } from "../../parts/Dialog";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Facts } from "../../parts/Page";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { Rotate } from "./NewToken";

export function TokenPanel({ token }: { token: Token }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const [asking, setAsking] = useState<"rotate" | "revoke" | null>(null);
  const revoke = useAction(() => live.send("DELETE", `/tokens/${token.id}`));
  const words = texts.tokens;
  const state = tokenState(token, nowMs);
  const time = (iso: string): ReactNode => <Time ms={Date.parse(iso)} nowMs={nowMs} />;
  const formerMs = token.formerUntil === null ? 0 : Date.parse(token.formerUntil);
  return (
    <SidePanel page="tokens" title={token.name} testId="token-panel">
      <p className="panel-answer">
        <Glyph status={TOKEN_TONE[state]} />
        <span>{sentenceOf(token, nowMs)}</span>
      </p>
      {formerMs > nowMs ? <p className="panel-note">{words.former(clock(formerMs, nowMs))}</p> : null}
      <Facts
        facts={[
          [words.facts.role, `${texts.roles.words[token.role] ?? token.role}. ${texts.roles.may[token.role] ?? ""}`],
          [words.facts.created, time(token.createdAt)],
          [words.facts.issued, time(token.issuedAt)],
          [words.facts.expires, time(token.expiresAt)],
          [words.facts.used, token.usedAt === null ? words.unused : <span key="used">{time(token.usedAt)} {token.usedFrom === null ? null : <span className="mono">{words.usedFrom(token.usedFrom)}</span>}</span>],
          ...(token.revokedAt === null ? [] : [[words.facts.revoked, time(token.revokedAt)] as const]),
        ]}
      />
      {state === "revoked" ? null : (
        <div className="people-deeds">
          <button type="button" className="button small" onClick={() => setAsking("rotate")} data-testid="token-rotate">
            {words.rotate}
          </button>
          <button type="button" className="button small danger" onClick={() => setAsking("revoke")} data-testid="token-revoke">
            {words.revoke}
          </button>
        </div>
      )}
      {asking === "rotate" ? <Rotate token={token} onClose={() => setAsking(null)} /> : null}
      {asking === "revoke" ? (
        <Confirm heading={words.revokeHeading(token.name)} word={words.revoke} action={revoke} onClose={() => setAsking(null)}>
          <p>{words.revokeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

function sentenceOf(token: Token, nowMs: number): string {
  const words = texts.tokens.sentence;
  const leftMs = Date.parse(token.expiresAt) - nowMs;
  if (token.revokedAt !== null) return words.revoked(span(nowMs - Date.parse(token.revokedAt)));
  return leftMs > 0 ? words.good(span(leftMs)) : words.expired(span(-leftMs));
}
