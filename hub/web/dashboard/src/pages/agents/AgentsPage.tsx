// The agents: their links, what they have yet to deliver, and beside the list the one that is open.

import { useMemo, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { agentsAnswer, linkStatus, skewWords, type Agent } from "../../model/agents";
import { instant, span } from "../../model/format";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Glyph } from "../../parts/Glyph";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { Age } from "../../parts/Numbers";
import { texts } from "../../texts";
import { MAY_OPERATE, type PageProps } from "../registry";
import { AgentPanel } from "./AgentPanel";
import { Enrol } from "./Enrol";
import "./agents.css";

const EVERY_MS = 10_000;

export default function AgentsPage({ id }: PageProps): ReactNode {
  const { live } = usePage();
  const answer = useQuery<{ items: Agent[] }>("/agents?limit=1000", { everyMs: EVERY_MS, on: ["agent:status"] });
  const [enrolling, setEnrolling] = useState(false);
  const mayEnrol = MAY_OPERATE.has(live.role);
  const columns = useColumns();
  const agents = answer.phase === "ready" ? answer.data.items : [];
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.agents}
          answer={answer.phase === "ready" ? agentsAnswer(agents) : ""}
          testId="agents"
          flush
          tools={
            mayEnrol ? (
              <button type="button" className="button small" onClick={() => setEnrolling(true)} data-testid="enrol">
                {texts.agents.enrol}
              </button>
            ) : undefined
          }
        >
          <Answered
            answer={answer}
            empty={({ items }) =>
              items.length > 0 ? null : (
                <Blank heading={texts.agents.empty} lead={texts.agents.emptyLead}>
                  {mayEnrol ? (
                    <button type="button" className="button primary" onClick={() => setEnrolling(true)}>
                      {texts.agents.enrol}
                    </button>
                  ) : null}
                </Blank>
              )
            }
          >
            {({ items }) => (
              <DataTable label={texts.rail.pages.agents} columns={columns} rows={items} keyOf={(agent) => agent.id} placeOf={(agent) => at("agents", agent.id)} openKey={id} testId="agent-table" />
            )}
          </Answered>
        </Page>
      </div>
      <Opened page="agents" id={id} answer={answer}>
        {(agent) => <AgentPanel key={agent.id} agent={agent} />}
      </Opened>
      {enrolling ? <Enrol onClose={() => setEnrolling(false)} /> : null}
    </div>
  );
}

function useColumns(): readonly Column<Agent>[] {
  const nowMs = useNow();
  const { columns: heads } = texts.agents;
  return useMemo(
    () => [
      {
        key: "link",
        head: heads.link,
        narrow: "112px",
        width: "120px",
        cell: (agent) => (
          <span className="with-glyph">
            <Glyph status={linkStatus(agent)} /> {texts.agents.links[agent.link] ?? agent.link}
          </span>
        ),
        sort: (agent) => agent.link,
      },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(140px, 1fr)", cell: (agent) => agent.name, sort: (agent) => agent.name },
      { key: "site", head: heads.site, width: "minmax(100px, 0.7fr)", cell: (agent) => agent.siteName, sort: (agent) => agent.siteName },
      {
        key: "seen",
        head: heads.seen,
        width: "110px",
        align: "end",
        cell: (agent) => {
          const seenMs = instant(agent.lastSeen);
          return seenMs === null ? "–" : <Age ms={seenMs}>{texts.agents.ago(span(nowMs - seenMs))}</Age>;
        },
        sort: (agent) => instant(agent.lastSeen),
      },
      { key: "backlog", head: heads.backlog, title: texts.agents.backlogTitle, width: "90px", align: "end", cell: (agent) => agent.backlog?.toLocaleString(texts.locale) ?? "–", sort: (agent) => agent.backlog },
      {
        key: "skew",
        head: heads.skew,
        title: texts.agents.skewTitle,
        width: "100px",
        align: "end",
        cell: (agent) => skewWords(agent.clockSkewS),
        sort: (agent) => (agent.clockSkewS === null ? null : Math.abs(agent.clockSkewS)),
      },
      { key: "version", head: heads.version, width: "90px", cell: (agent) => agent.version, sort: (agent) => agent.version },
    ],
    [nowMs, heads],
  );
}
