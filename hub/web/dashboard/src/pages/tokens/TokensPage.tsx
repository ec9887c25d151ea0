// Programs' tokens: which are good, for how long, and beside the list one of them.

import { useMemo, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { connectionsOf, TOKEN_TONE, tokenState, type Token } from "../../model/people";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import type { PageProps } from "../registry";
import { NewToken } from "./NewToken";
import { TokenPanel } from "./TokenPanel";

export default function TokensPage({ id }: PageProps): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<{ items: Token[] }>("/tokens?limit=1000#all", { everyMs: 60_000 });
  const clients = useQuery<{ items: { user: string; role: string }[] }>("/clients?limit=1000", { everyMs: 5_000 });
  const [adding, setAdding] = useState(false);
  const connections = useMemo(() => (clients.phase === "ready" ? connectionsOf(clients.data.items) : null), [clients]);
  const columns = useColumns(connections);
  const tokens = answer.phase === "ready" ? answer.data.items : [];
  const states = tokens.map((token) => tokenState(token, nowMs));
  const add = (className: string): ReactNode => (
    <button type="button" className={className} onClick={() => setAdding(true)} data-testid="token-add">
      {texts.tokens.add}
    </button>
  );
  const soon = states.filter((state) => state === "soon").length;
  return (
    <div className="beside">
      <div className="beside-list">
        <Page title={texts.rail.pages.tokens} answer={tokens.length === 0 ? "" : texts.tokens.answer(states.filter((state) => state === "good").length + soon, soon)} testId="tokens" flush tools={tokens.length === 0 ? undefined : add("button small")}>
          <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <Blank heading={texts.tokens.empty} lead={texts.tokens.emptyLead}>{add("button primary")}</Blank>)}>
            {({ items }) => <DataTable label={texts.rail.pages.tokens} columns={columns} rows={items} keyOf={(token) => token.id} placeOf={(token) => at("tokens", token.id)} openKey={id} testId="token-table" />}
          </Answered>
        </Page>
      </div>
      <Opened page="tokens" id={id} answer={answer}>
        {(token) => <TokenPanel key={token.id} token={token} />}
      </Opened>
      {adding ? <NewToken onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

/** Who is connected may not be known: then nothing is said. */
const wordOf = (connected: number | null): string => (connected === null ? "" : texts.tokens.connected(connected));

function useColumns(connections: ReadonlyMap<string, number> | null): readonly Column<Token>[] {
  const nowMs = useNow();
  return useMemo(() => {
    const heads = texts.tokens.columns;
    const connected = (token: Token): number | null => (connections === null ? null : (connections.get(`${token.role} ${token.name}`) ?? 0));
    return [
      { key: "state", head: heads.state, narrow: "136px", width: "136px", cell: (token) => <TokenStateCell token={token} nowMs={nowMs} />, sort: (token) => tokenState(token, nowMs) },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(110px, 1fr)", cell: (token) => token.name, sort: (token) => token.name },
      { key: "role", head: heads.role, width: "92px", cell: (token) => texts.roles.words[token.role] ?? token.role, sort: (token) => token.role },
      { key: "expires", head: heads.expires, width: "132px", align: "end", cell: (token) => <Time ms={Date.parse(token.expiresAt)} nowMs={nowMs} />, sort: (token) => Date.parse(token.expiresAt) },
      { key: "used", head: heads.used, title: texts.tokens.usedTitle, width: "minmax(128px, 0.8fr)", cell: (token) => <Used token={token} nowMs={nowMs} />, sort: (token) => Date.parse(token.usedAt ?? "0") || 0 },
      { key: "connected", head: heads.connected, title: texts.tokens.connectedTitle, width: "96px", cell: (token) => wordOf(connected(token)), sort: connected },
    ] satisfies Column<Token>[];
  }, [connections, nowMs]);
}

function Used({ token, nowMs }: { token: Token; nowMs: number }): ReactNode {
  if (token.usedAt === null) return <span className="dim">{texts.tokens.unused}</span>;
  return (
    <>
      <Time ms={Date.parse(token.usedAt)} nowMs={nowMs} /> <span className="dim mono">{token.usedFrom}</span>
    </>
  );
}

function TokenStateCell({ token, nowMs }: { token: Token; nowMs: number }): ReactNode {
  const state = tokenState(token, nowMs);
  return (
    <span className="with-glyph">
      <Glyph status={TOKEN_TONE[state]} /> {texts.tokens.states[state]}
    </span>
  );
}
