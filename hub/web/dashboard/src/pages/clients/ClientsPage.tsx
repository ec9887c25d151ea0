// Who listens: every connection of a browser or a program, as it is now.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useQuery } from "../../data/useQuery";
import { span, volume } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Page } from "../../parts/Page";
import { Age, Num } from "../../parts/Numbers";
import { texts } from "../../texts";

/** As `GET /api/v1/clients` answers. */
interface Client {
  sid: string;
  user: string;
  role: string;
  address: string;
  tab: string | null;
  transport: string;
  rooms: string[];
  since: string;
  queuedBytes: number;
  lastEvent: string | null;
}

const EVERY_MS = 3_000;

export default function ClientsPage(): ReactNode {
  const answer = useQuery<{ items: Client[] }>("/clients?limit=1000", { everyMs: EVERY_MS });
  const columns = useColumns();
  return (
    <Page title={texts.rail.pages.clients} answer={answer.phase === "ready" ? texts.clients.answer(answer.data.items.length) : ""} testId="clients" flush>
      <Answered answer={answer}>
        {({ items }) => <DataTable label={texts.rail.pages.clients} columns={columns} rows={items} keyOf={(client) => client.sid} testId="client-table" />}
      </Answered>
    </Page>
  );
}

function useColumns(): readonly Column<Client>[] {
  const nowMs = useNow();
  const { columns: heads } = texts.clients;
  return useMemo(
    () => [
      { key: "user", head: heads.user, narrow: "minmax(0, 1fr)", width: "minmax(110px, 1fr)", cell: (one) => one.user || texts.clients.anonymous, sort: (one) => one.user },
      { key: "role", head: heads.role, narrow: "98px", width: "104px", cell: (one) => texts.roles.words[one.role] ?? one.role, sort: (one) => one.role },
      { key: "address", head: heads.address, narrow: "116px", width: "130px", cell: (one) => <span className="mono">{one.address}</span>, sort: (one) => one.address },
      { key: "transport", head: heads.transport, width: "90px", cell: (one) => one.transport, sort: (one) => one.transport },
      { key: "since", head: heads.since, width: "90px", align: "end", cell: (one) => <Age ms={Date.parse(one.since)}>{span(nowMs - Date.parse(one.since))}</Age>, sort: (one) => Date.parse(one.since) },
      { key: "queued", head: heads.queued, title: texts.clients.queuedTitle, width: "90px", align: "end", cell: (one) => <Num figure={volume(one.queuedBytes)} />, sort: (one) => one.queuedBytes },
      { key: "last", head: heads.last, width: "130px", cell: (one) => one.lastEvent ?? "–", sort: (one) => one.lastEvent },
      { key: "tab", head: heads.tab, width: "90px", cell: (one) => <span className="dim">{one.tab ?? "–"}</span>, sort: (one) => one.tab },
      { key: "rooms", head: heads.rooms, width: "minmax(180px, 2fr)", cell: (one) => <span className="dim" title={one.rooms.join(", ")}>{one.rooms.join(", ")}</span>, sort: (one) => one.rooms.length },
    ],
    [nowMs, heads],
  );
}
