"""Whether agents are there: links that come and go, silence, revocation, and time that passes.

What follows for their devices is left to `judgement`.
"""

from dataclasses import replace
from typing import Final

from noctule_shared.events import AgentLinkStatus

from noctule_hub.core.alerts import AGENT_SILENT, Finding, Subject, ripen
from noctule_hub.core.announcements import announce_agent
from noctule_hub.core.commit import AgentCursor, GapRow
from noctule_hub.core.findings import apply_change, find
from noctule_hub.core.judgement import rejudge_agent
from noctule_hub.core.world import AgentLink, Draft

# An agent that was not heard of for this long is silent ...
SILENT_AFTER_MS: Final = 30_000
# ... but a hub that just started gives its agents time to come back first.
START_GRACE_MS: Final = 60_000


def observe_link(
    draft: Draft,
    agent_id: int,
    *,
    connected: bool,
    reason: str,
    backlog: int | None = None,
    backlog_end: int = 0,
    levels_ms: int = 0,
) -> None:
    """Take that an agent's link came up or went down; silence is judged later by `observe_time`.

    `backlog` frames before `backlog_end` are still to come; `levels_ms` is the agent's time of its hello's levels.
    """
    world = draft.world
    link = world.links.get(agent_id)
    if not connected:
        if link is not None and link.connected:
            world.links.set(agent_id, replace(link, connected=False, since_ms=draft.now_ms))
        return
    link = AgentLink(AgentLinkStatus.CONNECTED, draft.now_ms, connected=True, backlog=backlog)
    world.links.set(agent_id, replace(link, backlog_end=backlog_end, levels_ms=levels_ms))
    draft.seen_agents[agent_id] = draft.now_ms
    announce_agent(draft, agent_id, AgentLinkStatus.CONNECTED, reason, backlog=backlog)
    _find_silence(draft, agent_id, holds=False, reason=reason)
    rejudge_agent(draft, agent_id)


def observe_revocation(draft: Draft, agent_id: int) -> None:
    """Take that an agent was revoked: its devices are unknown from now on."""
    draft.world.links.set(agent_id, AgentLink(AgentLinkStatus.REVOKED, draft.now_ms, connected=False))
    announce_agent(draft, agent_id, AgentLinkStatus.REVOKED, "revoked by an administrator")
    _find_silence(draft, agent_id, holds=False, reason="revoked by an administrator")
    rejudge_agent(draft, agent_id)


def observe_fence(draft: Draft, agent_id: int, reason: str) -> None:
    """Take that the older of two links with one identity was cut."""
    announce_agent(draft, agent_id, AgentLinkStatus.FENCED, reason)


def observe_lost_outbox(draft: Draft, cursor: AgentCursor) -> None:
    """Take that an agent's outbox was replaced by a new one: what that had not delivered is a gap of unknown size."""
    from_ms = min(cursor.told_ms or draft.now_ms, draft.now_ms)
    reason = f"the agent's outbox was lost or replaced: what it held from frame {cursor.next_seq} on never came"
    draft.gaps.append(GapRow(cursor.agent_id, from_ms, draft.now_ms, None, reason))


def observe_time(draft: Draft) -> None:
    """Take that time has passed: agents fall silent, pending alerts ripen."""
    world, now_ms = draft.world, draft.now_ms
    for agent in world.agents.values():
        link = world.links.get(agent.id)
        if agent.revoked_ms is not None or (link is None and agent.last_seen_ms is None):
            continue
        if link is not None and (link.connected or link.status is not AgentLinkStatus.CONNECTED):
            continue
        unheard_since_ms = world.started_ms if link is None else link.since_ms
        patience_ms = START_GRACE_MS if link is None else SILENT_AFTER_MS
        if now_ms - unheard_since_ms > patience_ms:
            world.links.set(agent.id, AgentLink(AgentLinkStatus.SILENT, now_ms, connected=False))
            reason = f"not heard of for {(now_ms - unheard_since_ms) // 1000} s"
            announce_agent(draft, agent.id, AgentLinkStatus.SILENT, reason)
            _find_silence(draft, agent.id, holds=True, reason=reason)
            rejudge_agent(draft, agent.id)
    for alert in list(dict(world.alerts.items()).values()):
        device = None if alert.device_id is None else world.devices.get(alert.device_id)
        if device is not None and world.is_behind(device.agent_id):
            continue
        change = ripen(alert, now_ms=now_ms)
        if change is not None:
            apply_change(draft, change)


def _find_silence(draft: Draft, agent_id: int, *, holds: bool, reason: str) -> None:
    agent = draft.world.agents.get(agent_id)
    if agent is not None:
        subject = Subject(
            f"agent:{agent_id}", f"Agent {agent.name} is silent", agent_id=agent_id, site_id=agent.site_id
        )
        find(draft, Finding(AGENT_SILENT, subject, holds, reason, draft.now_ms))
