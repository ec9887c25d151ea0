"""From what agents observed to what the hub says: device states, their events and their alerts.

Reads and writes the world through a draft; never waits, never asks the time. The rules of the status are in
`status`, those of an alert's condition in `alerting`, the rooms in `rooms`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.axes import Axis, CanaryLevel, Reachability
from noctule_shared.events import AgentLinkStatus, DeviceStatus
from noctule_shared.link import Levels
from noctule_shared.observations import AxisChanged

from noctule_hub.core.alerting.conditions import ConditionKind, DeviceDegraded, DeviceOffline, DeviceUnreachable
from noctule_hub.core.alerting.findings import (
    apply_change,
    find,
    find_anew,
    observe_outage,
    observe_quiet,
    observe_rules,
    open_alerts,
)
from noctule_hub.core.alerting.flap_watch import observe_device_flap
from noctule_hub.core.alerting.inhibition import parent_names
from noctule_hub.core.alerting.machine import Finding, Subject, withdraw
from noctule_hub.core.alerting.past import observe_past, observe_past_canary
from noctule_hub.core.announcements import announce_device
from noctule_hub.core.past_levels import end_past, tell_late
from noctule_hub.core.reach import HOLD_MS, certain_ms, has_fallen
from noctule_hub.core.records import Axes, Device, DeviceState
from noctule_hub.core.seen_axes import measured, with_level, with_levels
from noctule_hub.core.status import derive_status
from noctule_hub.core.world import Draft

# Levels by which an agent's present is taken over whatever the hub held; others mend what was lost on the way.
RESYNC: Final = "resync"
RECONCILED: Final = "reconciled"


@dataclass(frozen=True, slots=True)
class _AboutStatus:
    """A condition that is met in `status`; of a device whose status is one of `open` nobody can know."""

    status: DeviceStatus
    words: str
    open: frozenset[DeviceStatus]


_LASTING: Final = frozenset({DeviceStatus.MAINTENANCE, DeviceStatus.UNREACHABLE})
_BLIND: Final = frozenset({DeviceStatus.UNKNOWN, DeviceStatus.MAINTENANCE})
_ABOUT_STATUS: Final[Mapping[ConditionKind, _AboutStatus]] = {
    DeviceOffline: _AboutStatus(DeviceStatus.OFFLINE, "is offline", _BLIND | {DeviceStatus.UNREACHABLE}),
    DeviceUnreachable: _AboutStatus(DeviceStatus.UNREACHABLE, "is unreachable", _BLIND),
    # Whether one that does not answer would answer well is not known.
    DeviceDegraded: _AboutStatus(
        DeviceStatus.DEGRADED, "is degraded", _BLIND | {DeviceStatus.UNREACHABLE, DeviceStatus.OFFLINE}
    ),
}


def observe_axis(draft: Draft, agent_id: int, event: AxisChanged, *, history: bool = False) -> bool:
    """Take a transition of one axis; returns False when the device was not the agent's then.

    `history`: the agent's levels are newer. Such an observation, one older than the axis' present one, and one of a
    device that has meanwhile been given to another agent enter the log as late and change nothing.
    """
    world = draft.world
    if event.axis is Axis.CANARY:
        if history:
            observe_past_canary(draft, agent_id, CanaryLevel(event.new))
        else:
            _take_canary(draft, agent_id, CanaryLevel(event.new), event.ts_ms)
        return True
    device = world.devices.get(event.device_id)
    if device is None or not world.assignments.was(agent_id, device.id, event.ts_ms):
        return False
    axes = world.axes(device.id)
    level, at_ms = (axes.icmp, axes.icmp_ms) if event.axis is Axis.ICMP else (axes.snmp, axes.snmp_ms)
    # Of the same millisecond and level: a hello's snapshot has told what came of it, not that it happened.
    told = event.ts_ms < at_ms or (event.ts_ms == at_ms and event.new == level)
    if history or device.agent_id != agent_id or told:
        # Why it was down became another: no status changed in the past by that.
        if event.new != event.old:
            tell_late(draft, device, event)
        if history and device.agent_id == agent_id:
            world.late_levels.set((device.id, event.axis), (event.new, event.ts_ms))
            _observe_past_axis(draft, device, event)
        return True
    end_past(draft, device, event, held=(level, at_ms))
    # Who says what is the newest is the agent's clock; since when it is so, for whoever waits, that of the hub.
    seen_ms = min(event.ts_ms, draft.now_ms)
    rejudge(draft, device, with_level(axes, event), event.reason, seen_ms, seen=event)
    return True


def observe_levels(draft: Draft, agent_id: int, levels: Levels, reason: str) -> None:
    """Take a snapshot of present levels: what differs from what the hub holds is mended with `reason`.

    With `RESYNC`, none of an axis that the device is configured for says nothing: the agent may have started just
    now. It counts a minute later, when levels come again.
    """
    world = draft.world
    # A clock that is ahead must not make the present outlast what comes after it.
    ts_ms = max(0, min(levels.ts_ms, draft.steady_ms))
    seen_ms = min(ts_ms, draft.now_ms)
    if world.canaries.get(agent_id) is not levels.canary:
        _take_canary(draft, agent_id, levels.canary, seen_ms)
    ranks = world.dependencies.ranks
    for row in sorted(levels.devices, key=lambda row: ranks.get(row.device_id, 0)):
        device = world.device_of(agent_id, row.device_id)
        if device is None:
            continue
        axes = world.axes(device.id)
        if reason == RESYNC:
            row = measured(device, row, axes)  # noqa: PLW2901  what counts of it
        seen = with_levels(axes, row, ts_ms)
        if (seen.icmp, seen.snmp) != (axes.icmp, axes.snmp):
            rejudge(draft, device, seen, reason, seen_ms)


def observe_configuration(draft: Draft) -> None:
    """Take that devices, agents or rules were changed: all is judged anew, and what is gone alarms nobody any more."""
    world = draft.world
    for device in world.parents_first():
        rejudge(draft, device, world.axes(device.id), "configuration changed", draft.now_ms)
        for finding in _findings(draft, device):
            if finding.holds:
                # A rule that came or was enabled alerts on what is so already, since when it is so.
                find_anew(draft, finding)
    for device_id in [state.device_id for _, state in world.states.items() if state.device_id not in world.devices]:
        world.states.set(device_id, None)
    for key in [key for key, _ in world.late_levels.items() if key[0] not in world.devices]:
        world.late_levels.set(key, None)
    for alert in open_alerts(world):
        if alert.device_id is not None and alert.device_id not in world.devices:
            change = withdraw(alert, reason="the device was removed", now_ms=draft.now_ms)
            apply_change(draft, change)
    observe_rules(draft)
    observe_quiet(draft)


def rejudge(
    draft: Draft,
    device: Device,
    axes: Axes,
    reason: str | None,
    observed_ms: int,
    *,
    seen: AxisChanged | None = None,
) -> None:
    """Derive a device's status from `axes`; when it changed, log the event and judge who stands behind it, and alerts.

    `reason` (an observation's own) stands behind the verdict's words; None: the verdict's alone. `seen` is what was
    observed of an axis: why the device is as it was may be another now, which is told without a change of status.
    """
    if not _derive(draft, device, axes, reason, observed_ms, seen=seen):
        return
    changed = [device, *_rejudge_children(draft, device, observed_ms)]
    # When alerts are judged all of this is as it will stay, so that none takes a consequence for a cause.
    for one in changed:
        for finding in _findings(draft, one):
            find(draft, finding)
    behind = draft.world.dependencies.children
    # Those behind them name them with their status.
    for device_id in dict.fromkeys(near for one in changed for near in (one.id, *behind.get(one.id, ()))):
        observe_outage(draft, device_id)


def _rejudge_children(draft: Draft, device: Device, at_ms: int) -> list[Device]:
    """Derive the statuses of those behind a device whose own was changed; returns whose changed with it.

    Those next behind it: who has fallen is offline or unreachable, and has fallen either way for those further behind.
    But one whose agent is blind since, which was not judged by that yet, is not known to have fallen any more.
    """
    world = draft.world
    changed: dict[int, Device] = {}
    waiting = [device.id]
    while waiting:
        for child_id in world.dependencies.children.get(waiting.pop(), ()):
            state = world.states.get(child_id)
            # Who answers, or is not known to have fallen, is what it is whatever it stands behind.
            if state is None or not has_fallen(state):
                continue
            child = world.devices[child_id]
            if _derive(draft, child, state.axes, None, max(at_ms, state.since_ms)):
                changed[child_id] = child
                if not has_fallen(world.states.get(child_id)):
                    waiting.append(child_id)
    return list(changed.values())


def _derive(
    draft: Draft,
    device: Device,
    axes: Axes,
    reason: str | None,
    observed_ms: int,
    *,
    seen: AxisChanged | None = None,
) -> bool:
    """Derive and tell one device's status; returns whether it changed."""
    world, state = draft.world, draft.world.states.get(device.id)
    verdict = derive_status(
        axes,
        device.reachability,
        blind=_blindness(draft, device),
        fallen_parents=parent_names(world, world.fallen_parents(device.id)),
        maintenance=world.coverage(draft.now_ms).names.get(device.id),
    )
    previous = DeviceStatus.UNKNOWN if state is None else state.status
    words = f"{verdict.reason}: {reason}" if reason and verdict.status is not DeviceStatus.UNKNOWN else verdict.reason
    detail = None if seen is None else seen.detail
    if state is not None and verdict.status is previous and verdict.underlying is state.underlying:
        now = state.reason
        if seen is not None and verdict.is_explained_by(seen, state.reason):
            now = words
        elif verdict.status in _LASTING and not state.reason.startswith(verdict.reason):
            # Of two windows that overlap the one that is left gives the reason, and parents may be others now.
            now = verdict.reason
        world.states.set(device.id, replace(state, axes=axes, reason=now))
        if seen is not None and now != state.reason:
            announce_device(draft, device, replace(state, reason=now, since_ms=observed_ms), previous, detail=detail)
        return False
    changed = DeviceState(device.id, axes, verdict.status, words, observed_ms, verdict.underlying)
    # What changes under maintenance is told with its own time; the maintenance is as old as it was.
    since_ms = state.since_ms if state is not None and verdict.status is previous else observed_ms
    world.states.set(device.id, replace(changed, since_ms=since_ms))
    if state is not None or verdict.status is not previous:
        announce_device(draft, device, changed, previous, detail=detail)
    observe_device_flap(draft, device, state, changed)
    return True


def rejudge_agent(draft: Draft, agent_id: int, at_ms: int | None = None) -> None:
    """Derive the status of all devices of an agent again; `at_ms` None: now."""
    for device in draft.world.parents_first():
        if device.agent_id == agent_id:
            rejudge(draft, device, draft.world.axes(device.id), None, draft.now_ms if at_ms is None else at_ms)


def _blindness(draft: Draft, device: Device) -> str | None:
    """Return why nothing is known of a device whatever its axes said last, or None."""
    if device.agent_id is None:
        return "no agent polls it"
    agent = draft.world.agents.get(device.agent_id)
    name = agent.name if agent is not None else str(device.agent_id)
    link = draft.world.links.get(device.agent_id)
    if link is not None and link.status in {AgentLinkStatus.SILENT, AgentLinkStatus.REVOKED}:
        return f"agent {name} is {link.status}"
    if draft.world.canaries.get(device.agent_id) is CanaryLevel.LOST:
        return f"agent {name} has lost its own way out"
    return None


def _take_canary(draft: Draft, agent_id: int, level: CanaryLevel, ts_ms: int) -> None:
    draft.world.canaries.set(agent_id, level)
    rejudge_agent(draft, agent_id, ts_ms)


def _findings(draft: Draft, device: Device) -> list[Finding]:
    """Return what a device's status means for alerts about the device."""
    world = draft.world
    state = world.states.get(device.id)
    if state is None:
        return []
    found = []
    for kind, what in _ABOUT_STATUS.items():
        holds = None if state.status in what.open else state.status is what.status
        finding = Finding(kind, _subject(device, what.words), holds, state.reason, state.since_ms)
        parents = world.dependencies.parents.get(device.id)
        if kind is DeviceOffline and holds and parents:
            # Never at once, however old: what it stands behind may be told of next.
            certain = max(certain_ms(parents, state), draft.now_ms + 1)
            words = f"{state.reason}; held {HOLD_MS // 1_000} s for word of {', '.join(parent_names(world, parents))}"
            finding = replace(finding, certain_ms=certain, reason=words)
        found.append(finding)
    return found


def _subject(device: Device, what: str) -> Subject:
    return Subject(f"device:{device.id}", f"{device.name} {what}", device_id=device.id, site_id=device.site_id)


def _observe_past_axis(draft: Draft, device: Device, event: AxisChanged) -> None:
    """Take a device's axis from a backlog: what fell and came back in it has an alert in history.

    A device that is reached by both axes is down only where the backlog told of both.
    """
    axes = with_level(draft.world.past_axes.get(device.id) or Axes(), event)
    draft.world.past_axes.set(device.id, axes)
    verdict = derive_status(axes, device.reachability)
    known = device.reachability is not Reachability.BOTH or (axes.icmp_ms and axes.snmp_ms)
    down = verdict.status is DeviceStatus.OFFLINE
    if (known or not down) and verdict.status is not DeviceStatus.UNKNOWN:
        words, subject = f"{verdict.reason}: {event.reason}", _subject(device, _ABOUT_STATUS[DeviceOffline].words)
        observe_past(draft, device, DeviceOffline, subject, down=down, reason=words, at_ms=event.ts_ms)
