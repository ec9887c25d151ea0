// Incidents: what fell together, and beside the list the one that is open.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at, setQuery, useRoute } from "../../data/route";
import { useList } from "../../data/useList";
import { instant, span } from "../../model/format";
import type { Incident } from "../../model/incidents";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import type { PageProps } from "../registry";
import { IncidentPanel } from "./IncidentPanel";

const PAGE = 200;

export default function IncidentsPage({ id }: PageProps): ReactNode {
  const { query } = useRoute();
  const all = query.get("state") === "all";
  const { answer, more, older } = useList<Incident>(`/incidents?state=${all ? "all" : "open"}&limit=${PAGE}`, { on: ["alert:new", "alert:update"] });
  const columns = useColumns();
  const listed = answer.phase === "ready" ? answer.data.items.length : 0;
  const sentence = all ? texts.incidents.history : texts.incidents.answer;
  return (
    <div className="beside">
      <div className="beside-list">
        <Page title={texts.rail.pages.incidents} answer={listed > 0 ? sentence(listed, more) : ""} testId="incidents" flush>
          <div className="segments page-segments">
            <button type="button" aria-pressed={!all} onClick={() => setQuery({ state: "" })}>
              {texts.alerts.tabs.open}
            </button>
            <button type="button" aria-pressed={all} onClick={() => setQuery({ state: "all" })}>
              {texts.alerts.tabs.all}
            </button>
          </div>
          <Answered answer={answer} empty={(data) => (data.items.length > 0 ? null : <Blank heading={texts.incidents.empty} lead={texts.incidents.emptyLead} />)}>
            {(data) => <DataTable label={texts.rail.pages.incidents} columns={columns} rows={data.items} keyOf={(incident) => incident.id} placeOf={(incident) => at("incidents", incident.id)} openKey={id} testId="incident-table" onEnd={more ? older : undefined} />}
          </Answered>
        </Page>
      </div>
      {id === null ? null : <IncidentPanel key={id} id={id} />}
    </div>
  );
}

function useColumns(): readonly Column<Incident>[] {
  const nowMs = useNow();
  const words = texts.incidents;
  const heads = words.columns;
  return useMemo(
    () => [
      {
        key: "title",
        head: heads.title,
        narrow: "minmax(0, 1fr)",
        width: "minmax(220px, 2fr)",
        cell: (incident) => (
          <span className="with-glyph">
            <Glyph status={incident.endedAt === null ? "offline" : "online"} />
            <span className="cut">{texts.hubSays(incident.title)}</span>
          </span>
        ),
        sort: (incident) => incident.title,
      },
      { key: "since", head: heads.since, width: "110px", cell: (incident) => <Time ms={Date.parse(incident.startedAt)} nowMs={nowMs} />, sort: (incident) => Date.parse(incident.startedAt) },
      {
        key: "lasts",
        head: heads.lasts,
        narrow: "84px",
        width: "110px",
        align: "end",
        cell: (incident) => span((instant(incident.endedAt) ?? nowMs) - Date.parse(incident.startedAt)),
      },
      { key: "alerts", head: heads.alerts, width: "70px", align: "end", cell: (incident) => incident.alerts.toLocaleString(texts.locale), sort: (incident) => incident.alerts },
      { key: "unreachable", head: heads.unreachable, width: "110px", align: "end", cell: (incident) => (incident.unreachable === 0 ? "–" : incident.unreachable.toLocaleString(texts.locale)), sort: (incident) => incident.unreachable },
    ],
    [nowMs, words, heads],
  );
}
