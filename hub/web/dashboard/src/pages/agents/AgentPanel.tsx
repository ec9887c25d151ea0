// One agent beside the list: its link, holes in what it delivered, and its slowest devices.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useObservable, usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { linkStatus, type Agent } from "../../model/agents";
import { delay, instant, span } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { Confirm } from "../../parts/Dialog";
import { Glyph, Icon } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Num, Time } from "../../parts/Numbers";
import { Facts, Section } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_ADMINISTER } from "../registry";
import { Rename } from "./Rename";

interface Gap {
  from: string;
  to: string;
  samples: number | null;
  reason: string;
}

const SLOWEST = 8;
const GAPS_SHOWN = 20;
const GAP_RANGE_MS = 30 * 86_400_000;

export function AgentPanel({ agent }: { agent: Agent }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const [asking, setAsking] = useState<"revoke" | "rename" | null>(null);
  const revoke = useAction(() => live.send("DELETE", `/agents/${agent.id}`));
  const seenMs = instant(agent.lastSeen);
  const admin = MAY_ADMINISTER.has(live.role);
  const { facts } = texts.agents;
  return (
    <aside className="panel" aria-label={agent.name} data-testid="agent-panel">
      <div className="panel-top">
        <button type="button" className="icon-button panel-back" aria-label={texts.device.back} onClick={() => go(at("agents"))}>
          <Icon name="back" />
        </button>
        <h2>{agent.name}</h2>
        <button type="button" className="icon-button panel-close" aria-label={texts.device.close} title="Esc" onClick={() => go(at("agents"))}>
          <Icon name="close" />
        </button>
      </div>
      <p className="panel-answer">
        <Glyph status={linkStatus(agent)} />
        <span>{texts.agents.sentence(texts.agents.links[agent.link] ?? agent.link, agent.link === "connected" || seenMs === null ? null : span(nowMs - seenMs))}</span>
      </p>
      <Facts
        facts={[
          [facts.site, agent.siteName],
          [facts.version, agent.version],
          [facts.since, <Time key="since" ms={Date.parse(agent.createdAt)} nowMs={nowMs} />],
          [facts.backlog, agent.backlog === null ? "–" : texts.agents.frames(agent.backlog)],
        ]}
      />
      <Slowest agentId={agent.id} />
      <Gaps agentId={agent.id} />
      {admin && agent.link !== "revoked" ? (
        <div className="form-end">
          <button type="button" className="button small" onClick={() => setAsking("rename")}>
            {texts.agents.rename}
          </button>
          <button type="button" className="button small danger" onClick={() => setAsking("revoke")}>
            {texts.agents.revoke}
          </button>
        </div>
      ) : null}
      {asking === "revoke" ? (
        <Confirm heading={texts.agents.revokeHeading(agent.name)} word={texts.agents.revoke} action={revoke} onClose={() => setAsking(null)}>
          <p>{texts.agents.revokeLead}</p>
        </Confirm>
      ) : null}
      {asking === "rename" ? <Rename agent={agent} onClose={() => setAsking(null)} /> : null}
    </aside>
  );
}

/** The slowest first, as they are now; whoever points at one, or has come to one by Tab, sees none change places. */
function Slowest({ agentId }: { agentId: number }): ReactNode {
  const { fleet } = usePage().live;
  const [held, setHeld] = useState<readonly number[] | null>(null);
  useObservable(fleet.revision);
  useNow();
  const rows = fleet
    .all()
    .filter(({ device }) => device.agentId === agentId)
    .sort((a, b) => (b.device.latency?.rttS ?? Infinity) - (a.device.latency?.rttS ?? Infinity));
  const slowest = rows.slice(0, SLOWEST).map(({ device }) => device.id);
  const shown = (held ?? slowest).flatMap((id) => rows.find(({ device }) => device.id === id) ?? []);
  const hold = (): void => setHeld((before) => before ?? slowest);
  const letGo = (event: { currentTarget: Element; relatedTarget: EventTarget | null }): void => {
    if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setHeld(null);
  };
  return (
    <Section heading={texts.agents.slowest(rows.length)}>
      <div onFocus={hold} onBlur={letGo} onPointerEnter={hold} onPointerLeave={letGo}>
        {shown.map(({ device }) => (
          <Link key={device.id} to={at("devices", device.id)} className="agent-device">
            <Glyph status={device.status} />
            <span>{device.name}</span>
            <span className="end">
              <Num figure={delay(device.latency?.rttS ?? null)} />
            </span>
          </Link>
        ))}
      </div>
    </Section>
  );
}

function Gaps({ agentId }: { agentId: number }): ReactNode {
  const nowMs = useNow();
  // To the hour, so that the question stays the same while the panel is open.
  const from = new Date(Math.floor((nowMs - GAP_RANGE_MS) / 3_600_000) * 3_600_000).toISOString();
  const answer = useQuery<{ items: Gap[]; more: boolean }>(`/agents/${agentId}/gaps?from=${from}`, { on: ["agent:status"] });
  return (
    <Section heading={texts.agents.gaps}>
      <Answered answer={answer} empty={({ items }) => (items.length === 0 ? <p className="dim">{texts.agents.noGaps}</p> : null)}>
        {({ items }) => (
          <ul className="gap-list">
            {items.slice(0, GAPS_SHOWN).map((gap) => (
              <li key={`${gap.from}${gap.to}${gap.reason}`}>
                <Time ms={Date.parse(gap.from)} nowMs={nowMs} />
                <span className="num">{span(Date.parse(gap.to) - Date.parse(gap.from))}</span>
                <span className="dim">{[gap.samples === null ? texts.agents.unknownSamples : texts.agents.samples(gap.samples), texts.hubSays(gap.reason)].join(" · ")}</span>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </Section>
  );
}
