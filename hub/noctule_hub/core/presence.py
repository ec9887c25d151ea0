"""Whether agents are there: links that come and go, silence, revocation, and time that passes.

What follows for their devices is left to `judgement`.
"""

from dataclasses import replace
from typing import Final

from noctule_shared.events import AgentLinkStatus

from noctule_hub.core.alerting.care import observe_assignees, observe_lapses
from noctule_hub.core.alerting.conditions import AgentContested, AgentSilent, ClockSkew, ConditionKind
from noctule_hub.core.alerting.findings import find, observe_alert_time, observe_silences, open_alerts
from noctule_hub.core.alerting.flap_watch import observe_flap_time
from noctule_hub.core.alerting.gathering import observe_incidents
from noctule_hub.core.alerting.holds import observe_holds
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.subjects import agent_subject
from noctule_hub.core.announcements import announce_agent
from noctule_hub.core.clocks import WRONG
from noctule_hub.core.commit import GapRow
from noctule_hub.core.coverage import observe_maintenance
from noctule_hub.core.judgement import rejudge_agent
from noctule_hub.core.records import Agent
from noctule_hub.core.world import AgentLink, Draft

# An agent that was not heard of for this long is silent ...
SILENT_AFTER_MS: Final = 30_000
# ... but a hub that just started gives its agents time to come back first.
START_GRACE_MS: Final = 60_000
# Time passes each second; after a longer pause the hub itself was stopped or could not commit.
STALL_MS: Final = 5_000
# Both links are kept out for ten minutes and then try again; twice that without a quarrel is peace.
CONTEST_OVER_MS: Final = 1_200_000

_WHAT: Final[dict[ConditionKind, str]] = {AgentSilent: "is silent", AgentContested: "runs twice", ClockSkew: WRONG}


def observe_link(
    draft: Draft,
    agent_id: int,
    *,
    connected: bool,
    reason: str,
    backlog: int | None = None,
    beats: bool = False,
) -> None:
    """Take that an agent's link came up or went down; silence is judged later by `observe_time`.

    `beats`: it sends heartbeats.
    """
    world = draft.world
    link = world.links.get(agent_id)
    if not connected:
        if link is not None and (link.connected or link.quiet):
            since_ms = draft.now_ms if link.connected else link.since_ms
            world.links.set(agent_id, replace(link, connected=False, quiet=False, since_ms=since_ms))
        return
    link = AgentLink(AgentLinkStatus.CONNECTED, draft.now_ms, connected=True, backlog=backlog, beats=beats)
    world.links.set(agent_id, link)
    world.heard.set(agent_id, draft.now_ms)
    draft.seen_agents[agent_id] = draft.now_ms
    announce_agent(draft, agent_id, AgentLinkStatus.CONNECTED, reason, backlog=backlog)
    _find_silence(draft, agent_id, holds=False, reason=reason)
    rejudge_agent(draft, agent_id)


def observe_word(draft: Draft, agent_id: int) -> None:
    """Take that something came from an agent; one that was silent although its connection stood is there again."""
    world = draft.world
    world.heard.set(agent_id, draft.now_ms)
    link = world.links.get(agent_id)
    if link is not None and link.quiet:
        reason = "heard again"
        world.links.set(agent_id, replace(link, status=AgentLinkStatus.CONNECTED, connected=True, quiet=False))
        announce_agent(draft, agent_id, AgentLinkStatus.CONNECTED, reason)
        _find_silence(draft, agent_id, holds=False, reason=reason)
        rejudge_agent(draft, agent_id)


def observe_revocation(draft: Draft, agent_id: int) -> None:
    """Take that an agent was revoked: its devices are unknown from now on."""
    draft.world.links.set(agent_id, AgentLink(AgentLinkStatus.REVOKED, draft.now_ms, connected=False))
    announce_agent(draft, agent_id, AgentLinkStatus.REVOKED, "revoked by an administrator")
    _find_silence(draft, agent_id, holds=False, reason="revoked by an administrator")
    _find(draft, ClockSkew, agent_id, holds=False, reason="revoked by an administrator")
    rejudge_agent(draft, agent_id)


def observe_fence(draft: Draft, agent_id: int, reason: str) -> None:
    """Take that the older of two links with one identity was cut."""
    announce_agent(draft, agent_id, AgentLinkStatus.FENCED, reason)


def observe_new_epoch(draft: Draft, agent_id: int, lost_from_ms: int, reason: str | None) -> None:
    """Take that an agent gave up its former outbox: what it had not delivered is lost, nobody knows how much.

    It had delivered all until `lost_from_ms`; 0: nothing ever, so that all since its enrolment may be missing.
    """
    agent = draft.world.agents.get(agent_id)
    since_ms = lost_from_ms or (agent.created_ms if agent is not None else draft.now_ms)
    why = reason or "its outbox was removed"
    words = f"the agent began its outbox anew ({why}); what it had not delivered is lost"
    draft.gaps.append(GapRow(agent_id, min(since_ms, draft.now_ms), draft.now_ms, None, words))


def observe_contest(draft: Draft, agent_id: int, reason: str) -> None:
    """Take that links with one identity took each other's place so often that none is let in for a while."""
    draft.world.contested.set(agent_id, draft.now_ms)
    announce_agent(draft, agent_id, AgentLinkStatus.FENCED, reason)
    _find(draft, AgentContested, agent_id, holds=True, reason=reason)


def observe_time(draft: Draft) -> None:
    """Take that time has passed: for maintenance, silences, acknowledgements, agents and what is pending."""
    world, now_ms = draft.world, draft.now_ms
    if now_ms - world.ticked_ms > STALL_MS:
        # This hub stood still: what its agents said meanwhile may still lie in the sockets.
        world.resumed_ms = now_ms
    world.ticked_ms = now_ms
    observe_maintenance(draft)
    observe_silences(draft)
    observe_lapses(draft)
    observe_assignees(draft)
    for agent in world.agents.values():
        _observe_silence(draft, agent)
    _observe_peace(draft)
    for alert in open_alerts(world):
        device = None if alert.device_id is None else world.devices.get(alert.device_id)
        if device is not None and device.agent_id is not None and not _is_current(draft, device.agent_id):
            # It may be over already: what comes of it stands in the backlog.
            continue
        if alert.device_id in world.coverage(now_ms).names:
            continue
        observe_alert_time(draft, alert)
    observe_flap_time(draft)
    observe_holds(draft)
    observe_incidents(draft)


def observe_agent_rules(draft: Draft) -> None:
    """Take that rules were changed: those about agents alert on what is so already, since when it is so."""
    for agent_id in draft.world.agents:
        link = draft.world.links.get(agent_id)
        if link is not None and link.status is AgentLinkStatus.SILENT:
            _find(draft, AgentSilent, agent_id, holds=True, reason="it is silent", at_ms=link.since_ms)
        contested_ms = draft.world.contested.get(agent_id)
        if contested_ms is not None and draft.now_ms - contested_ms <= CONTEST_OVER_MS:
            _find(draft, AgentContested, agent_id, holds=True, reason="it runs twice", at_ms=contested_ms)


def _observe_peace(draft: Draft) -> None:
    """Take that time has passed since links with one identity took each other's place."""
    world = draft.world
    quarrels = {rule.name for rule in world.rules.of(AgentContested)}
    for agent_id in {alert.agent_id for alert in open_alerts(world) if alert.rule in quarrels}:
        if agent_id is not None:
            since_ms = world.contested.get(agent_id) or world.started_ms
            if draft.now_ms - since_ms > CONTEST_OVER_MS:
                reason = "no second link with this identity came any more"
                _find(draft, AgentContested, agent_id, holds=False, reason=reason)


def _observe_silence(draft: Draft, agent: Agent) -> None:
    world, now_ms = draft.world, draft.now_ms
    link = world.links.get(agent.id)
    if agent.revoked_ms is not None or (link is None and agent.last_seen_ms is None):
        return
    if link is not None and (link.status is not AgentLinkStatus.CONNECTED or (link.connected and not link.beats)):
        return
    unheard_since_ms = world.started_ms if link is None else link.since_ms
    if link is not None and link.connected:
        unheard_since_ms = max(world.heard.get(agent.id) or link.since_ms, world.resumed_ms)
    patience_ms = START_GRACE_MS if link is None else SILENT_AFTER_MS
    if now_ms - unheard_since_ms <= patience_ms:
        return
    quiet = link is not None and link.connected
    silent = link or AgentLink(AgentLinkStatus.SILENT, now_ms, connected=False)
    silent = replace(silent, status=AgentLinkStatus.SILENT, since_ms=now_ms, connected=False, quiet=quiet)
    world.links.set(agent.id, silent)
    reason = f"not heard of for {(now_ms - unheard_since_ms) // 1000} s"
    announce_agent(draft, agent.id, AgentLinkStatus.SILENT, reason)
    _find_silence(draft, agent.id, holds=True, reason=reason)
    rejudge_agent(draft, agent.id)


def _is_current(draft: Draft, agent_id: int) -> bool:
    """Return whether an agent is here and has told all it had: else what is pending may be over already."""
    link = draft.world.links.get(agent_id)
    return link is not None and link.connected and not draft.world.is_behind(agent_id)


def _find_silence(draft: Draft, agent_id: int, *, holds: bool, reason: str) -> None:
    _find(draft, AgentSilent, agent_id, holds=holds, reason=reason)


def _find(
    draft: Draft, kind: ConditionKind, agent_id: int, *, holds: bool, reason: str, at_ms: int | None = None
) -> None:
    agent = draft.world.agents.get(agent_id)
    if agent is not None:
        seen_ms = draft.now_ms if at_ms is None else at_ms
        find(draft, Finding(kind, agent_subject(agent, _WHAT[kind]), holds, reason, seen_ms))
