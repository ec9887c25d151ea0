"""Outages that were over before the hub heard of them, from an agent's backlog: alerts in history that ring nobody.

An outage counts only where both its ends are in the backlog and nothing stood in the way that would have kept it from
being alerted then. One that lasts to the backlog's end is left to the present, which judges it as ever.
"""

from dataclasses import replace
from typing import Final

from noctule_shared.axes import CanaryLevel
from noctule_shared.events import AlertState, EventName

from noctule_hub.core.alerting.backlogs import Backlog, Outage
from noctule_hub.core.alerting.conditions import ConditionKind
from noctule_hub.core.alerting.findings import target_of
from noctule_hub.core.alerting.machine import Finding, Subject
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.steps import AlertStep, late_steps
from noctule_hub.core.announcements import announce_alert
from noctule_hub.core.maintenance import covers
from noctule_hub.core.records import Alert, Device
from noctule_hub.core.retention import log_entry
from noctule_hub.core.world import Draft, World

# Of one backlog: a port that flaps for days would fill the list of alerts.
MAX_LATE: Final = 1_000


def begin_backlog(draft: Draft, agent_id: int) -> None:
    """Take that history of an agent is to come, before the levels of its hello are: what is open now ends by those."""
    world = draft.world
    blind = world.canaries.get(agent_id) is CanaryLevel.LOST
    present = frozenset(alert.key for _, alert in world.alerts.items())
    former = world.backlogs.get(agent_id)
    if former is None or not world.is_behind(agent_id):
        world.backlogs.set(agent_id, Backlog(blind=blind, known=present))
    else:
        # The link broke meanwhile: frames go on where they were.
        world.backlogs.set(agent_id, replace(former, known=former.known | present))


def end_backlog(draft: Draft, agent_id: int) -> None:
    """Take that all history of an agent is taken."""
    world = draft.world
    backlog = world.backlogs.get(agent_id)
    if backlog is None:
        return
    world.backlogs.set(agent_id, None)
    _forget_outages(world, agent_id)
    for device_id in [device_id for device_id, _ in world.past_axes.items()]:
        device = world.devices.get(device_id)
        if device is None or device.agent_id == agent_id:
            world.past_axes.set(device_id, None)
    if backlog.left_out:
        words = f"{backlog.left_out} outages of an agent's backlog have no alert: {MAX_LATE} are made of one at most"
        draft.events.append(log_entry(words, draft.now_ms))


def observe_past_canary(draft: Draft, agent_id: int, level: CanaryLevel) -> None:
    """Take that an agent lost or found its own way out in the past: no outage that touches that is believed."""
    backlog = draft.world.backlogs.get(agent_id)
    if backlog is not None:
        draft.world.backlogs.set(agent_id, replace(backlog, blind=level is CanaryLevel.LOST))
        _forget_outages(draft.world, agent_id)


def observe_past(
    draft: Draft, device: Device, kind: ConditionKind, subject: Subject, *, down: bool, reason: str, at_ms: int
) -> None:
    """Take that something fell or was there again at `at_ms`, which its agent told in its backlog."""
    world, agent_id = draft.world, device.agent_id
    backlog = None if agent_id is None else world.backlogs.get(agent_id)
    if backlog is None or agent_id is None:
        return
    outage = world.past_outages.get(subject.key)
    if down:
        if outage is None and not backlog.blind and not _behind(world, device):
            world.past_outages.set(subject.key, Outage(agent_id, reason, at_ms))
    elif outage is not None:
        world.past_outages.set(subject.key, None)
        if outage.agent_id == agent_id and not _maintained(world, device, (outage.at_ms, at_ms)):
            finding = Finding(kind, subject, holds=True, reason=outage.reason, at_ms=outage.at_ms)
            for rule in world.rules.of(kind):
                backlog = _keep(draft, rule, finding, backlog, ended=reason, ended_ms=at_ms)
            world.backlogs.set(agent_id, backlog)


def _keep(draft: Draft, rule: Rule, finding: Finding, backlog: Backlog, *, ended: str, ended_ms: int) -> Backlog:
    world, key = draft.world, finding.key(rule)
    if ended_ms - finding.at_ms < rule.for_ms or not rule.applies_to(target_of(world, finding.subject)):
        return backlog
    if key in backlog.known or world.alerts.get(key) is not None:
        # Its alert was open then, and is history of its own.
        return backlog
    if backlog.made >= MAX_LATE:
        return replace(backlog, left_out=backlog.left_out + 1)
    subject = finding.subject
    alert = Alert(
        id=world.next_alert_id,
        key=key,
        rule=rule.name,
        title=subject.title,
        severity=rule.severity,
        state=AlertState.RESOLVED,
        reason=ended,
        started_ms=finding.at_ms,
        fired_ms=finding.at_ms + rule.for_ms,
        resolved_ms=ended_ms,
        device_id=subject.device_id,
        interface_id=subject.interface_id,
        site_id=subject.site_id,
        agent_id=None,
        trouble=rule.trouble,
        rule_revision=rule.revision,
    )
    world.next_alert_id += 1
    draft.ended_alerts.append(alert)
    steps = late_steps(alert, began=finding.reason, now_ms=draft.now_ms)
    draft.steps.extend(AlertStep(alert.id, step) for step in steps)
    announce_alert(draft, alert, EventName.ALERT_UPDATE, late=True)
    return replace(backlog, made=backlog.made + 1)


def _forget_outages(world: World, agent_id: int) -> None:
    for key in [key for key, outage in world.past_outages.items() if outage.agent_id == agent_id]:
        world.past_outages.set(key, None)


def _behind(world: World, device: Device) -> bool:
    """Return whether all by which a device is reached had fallen: it was unreachable then, not offline."""
    fallen = [world.past_outages.get(f"device:{parent}") is not None for parent in device.parents]
    return bool(fallen) and all(fallen)


def _maintained(world: World, device: Device, at_ms: tuple[int, ...]) -> bool:
    return any(covers(window, device, moment) for window in world.windows for moment in at_ms)
