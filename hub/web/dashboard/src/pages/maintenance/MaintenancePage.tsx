// Maintenance windows: those that run, come and are over, and beside the list the one that is open.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go, setQuery, useRoute } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { clock, span } from "../../model/format";
import { stateOf, type Maintenance } from "../../model/maintenance";
import { Adding } from "../../parts/Adding";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Glyph } from "../../parts/Glyph";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { useSelectorWords } from "../../parts/selectorWords";
import { texts } from "../../texts";
import { MAY_OPERATE, type PageProps } from "../registry";
import { MaintenancePanel, NewMaintenance } from "./MaintenancePanel";
import { scheduleWords } from "./scheduleWords";
import "./maintenance.css";

// What begins and ends by the clock says so by itself soon after.
const EVERY_MS = 30_000;
const ORDER = ["running", "coming", "over"] as const;

export default function MaintenancePage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const nowMs = useNow();
  const answer = useQuery<{ items: Maintenance[] }>("/maintenance?limit=1000", { everyMs: EVERY_MS });
  const windows = answer.phase === "ready" ? answer.data.items : [];
  const mayWrite = MAY_OPERATE.has(live.role);
  const over = query.has("over");
  const columns = useColumns(nowMs);
  const running = windows.filter((window) => stateOf(window, nowMs) === "running");
  const rows = windows
    .filter((window) => (stateOf(window, nowMs) === "over") === over)
    .sort((a, b) => ORDER.indexOf(stateOf(a, nowMs)) - ORDER.indexOf(stateOf(b, nowMs)) || Date.parse(a.next?.startsAt ?? "0") - Date.parse(b.next?.startsAt ?? "0"));
  const add = (): void => go(at("maintenance", null, "new"));
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.maintenance}
          answer={answer.phase === "ready" ? texts.maintenance.answer(running.map(({ name }) => name)) : ""}
          testId="maintenance"
          flush
          tools={
            mayWrite ? (
              <button type="button" className="button small" onClick={add} data-testid="maintenance-add">
                {texts.maintenance.add}
              </button>
            ) : undefined
          }
        >
          <div className="segments page-segments">
            <button type="button" aria-pressed={!over} onClick={() => setQuery({ over: "" })}>
              {texts.maintenance.open}
            </button>
            <button type="button" aria-pressed={over} onClick={() => setQuery({ over: "1" })}>
              {texts.maintenance.states.over}
            </button>
          </div>
          <Answered
            answer={answer}
            empty={({ items }) =>
              items.length > 0 ? null : (
                <Blank heading={texts.maintenance.empty} lead={texts.maintenance.emptyLead}>
                  {mayWrite ? (
                    <button type="button" className="button primary" onClick={add}>
                      {texts.maintenance.add}
                    </button>
                  ) : null}
                </Blank>
              )
            }
          >
            {() => <DataTable label={texts.rail.pages.maintenance} columns={columns} rows={rows} keyOf={(window) => window.id} placeOf={(window) => at("maintenance", window.id)} openKey={id} testId="maintenance-table" />}
          </Answered>
        </Page>
      </div>
      <Opened page="maintenance" id={id} answer={answer}>
        {(window) => <MaintenancePanel key={window.id} window={window} />}
      </Opened>
      <Adding page="maintenance" part={part} mayWrite={mayWrite}>
        <NewMaintenance />
      </Adding>
    </div>
  );
}

function useColumns(nowMs: number): readonly Column<Maintenance>[] {
  const wordsOf = useSelectorWords();
  const { columns: heads, states } = texts.maintenance;
  return useMemo(
    () => [
      {
        key: "state",
        head: heads.state,
        narrow: "172px",
        width: "minmax(190px, 0.9fr)",
        cell: (window) => {
          const state = stateOf(window, nowMs);
          if (state === "over") return <span className="dim">{states.over}</span>;
          if (state === "coming") return texts.maintenance.begins(clock(Date.parse(window.next?.startsAt ?? ""), nowMs), span(Date.parse(window.next?.startsAt ?? "") - nowMs));
          const endsMs = Date.parse((window.running ?? window.next)?.endsAt ?? "");
          return (
            <span className="with-glyph">
              <Glyph status="maintenance" /> {texts.maintenance.left(span(endsMs - nowMs))}
            </span>
          );
        },
        sort: (window) => ORDER.indexOf(stateOf(window, nowMs)),
      },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(140px, 1fr)", cell: (window) => window.name, sort: (window) => window.name },
      { key: "when", head: heads.when, width: "minmax(190px, 1.2fr)", cell: (window) => scheduleWords(window, nowMs) },
      { key: "about", head: heads.about, width: "minmax(160px, 1.2fr)", cell: (window) => wordsOf(window) },
    ],
    [nowMs, heads, states, wordsOf],
  );
}
