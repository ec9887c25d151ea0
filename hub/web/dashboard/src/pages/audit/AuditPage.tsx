// Who changed what, from where and when; beside the list one change with all that differs.

import { useEffect, useMemo, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { download } from "../../data/download";
import { at, useRoute } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { auditQuery, differenceLine, nameOf, objectOf, type AuditEntry, type AuditFilter } from "../../model/audit";
import { csvText } from "../../model/csv";
import { Answered } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Trouble } from "../../parts/Form";
import { Icon } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import type { PageProps } from "../registry";
import { ChangePanel } from "./ChangePanel";
import { Filters } from "./Filters";
import "./audit.css";

interface AuditPage {
  items: AuditEntry[];
  nextCursor: string | null;
}

const PAGE = 200;
const EVERY_MS = 15_000;

export default function AuditPage({ id }: PageProps): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const text = query.toString();
  const filter = useMemo<AuditFilter>(() => ({ subject: query.get("who") ?? "", kind: query.get("kind") ?? "", objectId: query.get("object") ?? "", since: query.get("since") ?? "", until: query.get("until") ?? "" }), [text]);
  const asked = auditQuery(filter, PAGE);
  const answer = useQuery<AuditPage>(`/audit?${asked}`, { everyMs: EVERY_MS });
  const [older, setOlder] = useState<{ asked: string; pages: readonly AuditPage[] }>({ asked, pages: [] });
  useEffect(() => setOlder({ asked, pages: [] }), [asked]);
  const first = answer.phase === "ready" ? answer.data : null;
  const pages = older.asked === asked ? older.pages : [];
  const rows = useMemo(() => [...new Map([...(first?.items ?? []), ...pages.flatMap(({ items }) => items)].map((entry) => [entry.id, entry])).values()].sort((a, b) => b.id - a.id), [first, pages]);
  const next = (pages.at(-1) ?? first)?.nextCursor ?? null;
  const more = useAction(async () => {
    const page = await live.get<AuditPage>(`/audit?${asked}&cursor=${next ?? ""}`);
    setOlder({ asked, pages: [...pages, page] });
  });
  const [cut, setCut] = useState<number | null>(null);
  const save = useAction(async () => {
    const { items, nextCursor } = await live.read<AuditPage>(`/audit?${auditQuery(filter, 1000)}#all`);
    setCut(nextCursor === null ? null : items.length);
    const heads = ["at", "subject", "actor", "address", "action", "kind", "object", "name", "before", "after"];
    const lines = items.map((one) => [one.at, one.subject, one.actor, one.address, one.action, one.kind, one.objectId, one.name, jsonOf(one.before), jsonOf(one.after)]);
    download("audit.csv", new Blob([csvText(heads, lines)], { type: "text/csv;charset=utf-8" }));
  });
  const columns = useColumns();
  const listed = answer.phase === "ready" && rows.some((entry) => entry.id === id);
  // One that is older than the list has read so far, or not of the kind that is asked for: the newest before the next one's number.
  const alone = useQuery<AuditPage>(id === null || listed ? null : `/audit?limit=1&cursor=${id + 1}`);
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.audit}
          answer={first === null ? "" : texts.audit.answer(rows.length, next !== null)}
          testId="audit"
          flush
          tools={
            <button type="button" className="icon-button small" title={texts.audit.csv} aria-label={texts.audit.csv} disabled={save.busy} onClick={() => void save.run()} data-testid="audit-csv">
              <Icon name="download" />
            </button>
          }
        >
          <Filters filter={filter} kinds={rows.map(({ kind }) => kind)} />
          {cut === null ? null : <p className="trouble-line" role="status">{texts.audit.csvLimit(cut)}</p>}
          <Trouble refusal={save.refusal ?? more.refusal} />
          <Answered answer={answer}>
            {() => (
              <DataTable label={texts.rail.pages.audit} columns={columns} rows={rows} keyOf={(entry) => entry.id} placeOf={(entry) => at("audit", entry.id)} openKey={id} testId="audit-table" empty={<p className="no-match">{text === "" ? texts.audit.empty : texts.table.noMatch}</p>} />
            )}
          </Answered>
          {next === null ? null : (
            <div className="audit-more">
              <button type="button" className="button small" disabled={more.busy} onClick={() => void more.run()}>
                {texts.audit.older}
              </button>
            </div>
          )}
        </Page>
      </div>
      <Opened page="audit" id={id} answer={listed ? { ...answer, data: { items: rows } } : alone}>
        {(entry) => <ChangePanel key={entry.id} entry={entry} />}
      </Opened>
    </div>
  );
}

const jsonOf = (record: object | null): string | null => (record === null ? null : JSON.stringify(record));

function useColumns(): readonly Column<AuditEntry>[] {
  const nowMs = useNow();
  return useMemo(() => {
    const heads = texts.audit.columns;
    return [
      { key: "at", head: heads.at, narrow: "64px", width: "130px", cell: (entry) => <Time ms={Date.parse(entry.at)} nowMs={nowMs} seconds /> },
      { key: "who", head: heads.who, narrow: "minmax(0, 0.7fr)", width: "minmax(90px, 0.5fr)", cell: (entry) => <span title={entry.subject}>{entry.actor}</span> },
      { key: "did", head: heads.did, narrow: "minmax(0, 0.7fr)", width: "110px", cell: (entry) => texts.audit.actions[entry.action] ?? entry.action },
      { key: "kind", head: heads.kind, width: "minmax(110px, 0.5fr)", cell: objectOf },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(120px, 0.8fr)", cell: nameOf },
      { key: "difference", head: heads.difference, width: "minmax(160px, 1.6fr)", cell: (entry) => (differenceLine(entry) === "" ? "" : <span className="dim" title={differenceLine(entry)}>{differenceLine(entry)}</span>) },
    ] satisfies Column<AuditEntry>[];
  }, [nowMs]);
}
