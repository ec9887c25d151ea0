// Silences: those that hold, come and are over, and beside the list the one that is open.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go, setQuery, useRoute } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { span } from "../../model/format";
import { phaseOf, type Phase, type Silence } from "../../model/silences";
import { Adding } from "../../parts/Adding";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Time } from "../../parts/Numbers";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { useSelectorWords } from "../../parts/selectorWords";
import { texts } from "../../texts";
import { MAY_OPERATE, type PageProps } from "../registry";
import { NewSilence, SilencePanel } from "./SilencePanel";
import "./silences.css";

const PHASES: readonly Phase[] = ["active", "coming", "past"];
// What ends or begins by the clock says so by itself soon after.
const EVERY_MS = 30_000;

export default function SilencesPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const nowMs = useNow();
  const answer = useQuery<{ items: Silence[] }>("/silences?limit=1000", { everyMs: EVERY_MS });
  const silences = answer.phase === "ready" ? answer.data.items : [];
  const mayWrite = MAY_OPERATE.has(live.role);
  const shown = PHASES.find((phase) => phase === query.get("show")) ?? null;
  const columns = useColumns(nowMs);
  const counts = PHASES.map((phase) => silences.filter((silence) => phaseOf(silence, nowMs) === phase).length);
  // What is over is of interest only to who asks for it.
  const rows = silences.filter((silence) => (shown === null ? phaseOf(silence, nowMs) !== "past" : phaseOf(silence, nowMs) === shown));
  const add = (): void => go(at("silences", null, "new"));
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.silences}
          answer={answer.phase === "ready" ? texts.silences.answer(counts[0] ?? 0, counts[1] ?? 0) : ""}
          testId="silences"
          flush
          tools={
            mayWrite ? (
              <button type="button" className="button small" onClick={add} data-testid="silence-add">
                {texts.silences.add}
              </button>
            ) : undefined
          }
        >
          <div className="segments page-segments">
            <button type="button" aria-pressed={shown === null} onClick={() => setQuery({ show: "" })}>
              {texts.silences.phases.open}
            </button>
            {PHASES.map((phase, index) => (
              <button key={phase} type="button" aria-pressed={shown === phase} onClick={() => setQuery({ show: phase })}>
                {texts.silences.phases[phase]} {answer.phase === "ready" ? <span className="num dim">{counts[index]}</span> : null}
              </button>
            ))}
          </div>
          <Answered
            answer={answer}
            empty={({ items }) =>
              items.length > 0 ? null : (
                <Blank heading={texts.silences.empty} lead={texts.silences.emptyLead}>
                  {mayWrite ? (
                    <button type="button" className="button primary" onClick={add}>
                      {texts.silences.add}
                    </button>
                  ) : null}
                </Blank>
              )
            }
          >
            {() => <DataTable label={texts.rail.pages.silences} columns={columns} rows={rows} keyOf={(silence) => silence.id} placeOf={(silence) => at("silences", silence.id)} openKey={id} testId="silence-table" />}
          </Answered>
        </Page>
      </div>
      <Opened page="silences" id={id} answer={answer}>
        {(silence) => <SilencePanel key={silence.id} silence={silence} />}
      </Opened>
      <Adding page="silences" part={part} mayWrite={mayWrite}>
        <NewSilence key={["rules", "devices", "sites"].map((name) => query.get(name)).join(" ")} />
      </Adding>
    </div>
  );
}

function useColumns(nowMs: number): readonly Column<Silence>[] {
  const wordsOf = useMatcherWords();
  const { columns: heads } = texts.silences;
  return useMemo(
    () => [
      {
        key: "state",
        head: heads.state,
        narrow: "140px",
        width: "minmax(160px, 0.8fr)",
        cell: (silence) => {
          const phase = phaseOf(silence, nowMs);
          const [startsMs, endsMs] = [Date.parse(silence.startsAt), Date.parse(silence.endsAt)];
          if (phase === "past") return <span className="dim">{texts.silences.phases.past}</span>;
          return phase === "active" ? texts.silences.left(span(endsMs - nowMs)) : texts.silences.begins(span(startsMs - nowMs));
        },
        sort: (silence) => PHASES.indexOf(phaseOf(silence, nowMs)),
      },
      { key: "comment", head: heads.comment, narrow: "minmax(0, 1fr)", width: "minmax(160px, 1fr)", cell: (silence) => silence.comment, sort: (silence) => silence.comment },
      { key: "about", head: heads.about, width: "minmax(180px, 1.2fr)", cell: (silence) => wordsOf(silence) },
      { key: "ends", head: heads.ends, width: "110px", cell: (silence) => <Time ms={Date.parse(silence.endsAt)} nowMs={nowMs} />, sort: (silence) => Date.parse(silence.endsAt) },
      { key: "by", head: heads.by, width: "110px", cell: (silence) => silence.createdBy, sort: (silence) => silence.createdBy },
    ],
    [nowMs, heads, wordsOf],
  );
}

function useMatcherWords(): (silence: Silence) => string {
  const wordsOf = useSelectorWords();
  return ({ matchers }) => [matchers.severity === null ? "" : texts.alerts.filters.atLeast[matchers.severity], wordsOf(matchers)].filter((part) => part !== "").join(" · ");
}
