"""From what agents observed to what the hub says: device states, their events and their alerts.

Reads and writes the world through a draft; never waits, never asks the time. The rules of the status are in
`status`, those of an alert's condition in `alerts`, the rooms in `rooms`.
"""

from dataclasses import replace
from typing import Final

import msgspec
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, Reachability, SnmpLevel
from noctule_shared.events import AgentLinkStatus, DeviceStatus
from noctule_shared.link import Levels
from noctule_shared.observations import AxisChanged

from noctule_hub.core.alert_rules import DeviceOffline
from noctule_hub.core.alerts import Finding, Subject, withdraw
from noctule_hub.core.announcements import announce_device
from noctule_hub.core.findings import apply_change, find, find_anew, observe_quiet, observe_rules, open_alerts
from noctule_hub.core.records import Axes, Device, DeviceState
from noctule_hub.core.status import derive_status
from noctule_hub.core.world import Draft

# Levels by which an agent's present is taken over whatever the hub held; others mend what was lost on the way.
RESYNC: Final = "resync"
RECONCILED: Final = "reconciled"


def observe_axis(draft: Draft, agent_id: int, event: AxisChanged, *, history: bool = False) -> bool:
    """Take a transition of one axis; returns False when the device was not the agent's then.

    `history`: the agent's levels are newer. Such an observation, one older than the axis' present one, and one of a
    device that has meanwhile been given to another agent enter the log as late and change nothing.
    """
    world = draft.world
    if event.axis is Axis.CANARY:
        if not history:
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
        _append_late(draft, device, event)
        return True
    rejudge(draft, device, _with_level(axes, event), event.reason, event.ts_ms, detail=event.detail)
    return True


def observe_levels(draft: Draft, agent_id: int, levels: Levels, reason: str) -> None:
    """Take a snapshot of present levels: what differs from what the hub holds is mended with `reason`.

    With `RESYNC`, none of an axis that the device is configured for says nothing: the agent may have started just
    now. It counts a minute later, when levels come again.
    """
    world = draft.world
    # A clock that is ahead must not make the present outlast what comes after it.
    ts_ms = max(0, min(levels.ts_ms, draft.now_ms))
    if world.canaries.get(agent_id) is not levels.canary:
        _take_canary(draft, agent_id, levels.canary, ts_ms)
    for row in levels.devices:
        device = world.device_of(agent_id, row.device_id)
        if device is None:
            continue
        axes = world.axes(device.id)
        if reason == RESYNC:
            row = _measured(device, row, axes)  # noqa: PLW2901  what counts of it
        seen = _with_levels(axes, row, ts_ms)
        if (seen.icmp, seen.snmp) != (axes.icmp, axes.snmp):
            rejudge(draft, device, seen, reason, ts_ms)


def observe_configuration(draft: Draft) -> None:
    """Take that devices, agents or rules were changed: all is judged anew, and what is gone alarms nobody any more."""
    world = draft.world
    for device in world.devices.values():
        rejudge(draft, device, world.axes(device.id), "configuration changed", draft.now_ms)
        state = world.states.get(device.id)
        if state is not None and state.status is DeviceStatus.OFFLINE:
            # A rule that came or was enabled alerts on what is so already, since when it is so.
            find_anew(draft, _offline_finding(device, state))
    for device_id in [state.device_id for _, state in world.states.items() if state.device_id not in world.devices]:
        world.states.set(device_id, None)
    for alert in open_alerts(world):
        if alert.device_id is not None and alert.device_id not in world.devices:
            change = withdraw(alert, reason="the device was removed", now_ms=draft.now_ms)
            apply_change(draft, change)
    observe_rules(draft)
    observe_quiet(draft)


def rejudge(
    draft: Draft, device: Device, axes: Axes, reason: str | None, observed_ms: int, *, detail: str | None = None
) -> None:
    """Derive a device's status from `axes`; when it changed, log the event and judge the alert.

    `reason` (an observation's own) stands behind the verdict's words; None: the verdict's alone.
    """
    world = draft.world
    state = world.states.get(device.id)
    verdict = derive_status(
        axes,
        device.reachability,
        blind=_blindness(draft, device),
        maintenance=world.coverage(draft.now_ms).names.get(device.id),
    )
    previous = DeviceStatus.UNKNOWN if state is None else state.status
    if state is not None and verdict.status is previous and verdict.underlying is state.underlying:
        # Of two windows that overlap the one that is left gives the reason.
        renamed = verdict.status is DeviceStatus.MAINTENANCE and not state.reason.startswith(verdict.reason)
        world.states.set(device.id, replace(state, axes=axes, reason=verdict.reason if renamed else state.reason))
        return
    words = f"{verdict.reason}: {reason}" if reason and verdict.status is not DeviceStatus.UNKNOWN else verdict.reason
    changed = DeviceState(device.id, axes, verdict.status, words, observed_ms, verdict.underlying)
    # What changes under maintenance is told with its own time; the maintenance is as old as it was.
    since_ms = state.since_ms if state is not None and verdict.status is previous else observed_ms
    world.states.set(device.id, replace(changed, since_ms=since_ms))
    if state is not None or verdict.status is not previous:
        announce_device(draft, device, changed, previous, detail=detail)
    find(draft, _offline_finding(device, changed))


def rejudge_agent(draft: Draft, agent_id: int, at_ms: int | None = None) -> None:
    """Derive the status of all devices of an agent again; `at_ms` None: now."""
    for device in draft.world.devices.values():
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


def _with_level(axes: Axes, event: AxisChanged) -> Axes:
    if event.axis is Axis.ICMP:
        return replace(axes, icmp=IcmpLevel(event.new), icmp_ms=event.ts_ms)
    return replace(axes, snmp=SnmpLevel(event.new), snmp_ms=event.ts_ms)


def _with_levels(axes: Axes, row: DeviceLevels, ts_ms: int) -> Axes:
    seen = axes
    if row.icmp is not axes.icmp and ts_ms >= axes.icmp_ms:
        seen = replace(seen, icmp=row.icmp, icmp_ms=ts_ms)
    if row.snmp is not axes.snmp and ts_ms >= axes.snmp_ms:
        seen = replace(seen, snmp=row.snmp, snmp_ms=ts_ms)
    return seen


def _measured(device: Device, row: DeviceLevels, axes: Axes) -> DeviceLevels:
    """Return levels with those that are not measured yet as the hub holds them."""
    icmp = axes.icmp if row.icmp is IcmpLevel.NONE and device.icmp is not None else row.icmp
    snmp = axes.snmp if row.snmp is SnmpLevel.NONE and device.snmp is not None else row.snmp
    return msgspec.structs.replace(row, icmp=icmp, snmp=snmp)


def _take_canary(draft: Draft, agent_id: int, level: CanaryLevel, ts_ms: int) -> None:
    draft.world.canaries.set(agent_id, level)
    rejudge_agent(draft, agent_id, ts_ms)


def _offline_finding(device: Device, state: DeviceState) -> Finding:
    holds: bool | None
    match state.status:
        case DeviceStatus.OFFLINE:
            holds = True
        case DeviceStatus.ONLINE | DeviceStatus.DEGRADED:
            holds = False
        case DeviceStatus.UNKNOWN | DeviceStatus.UNREACHABLE | DeviceStatus.MAINTENANCE:
            holds = None
    subject = Subject(f"device:{device.id}", f"{device.name} is offline", device_id=device.id, site_id=device.site_id)
    return Finding(DeviceOffline, subject, holds, state.reason, state.since_ms)


def _append_late(draft: Draft, device: Device, event: AxisChanged) -> None:
    """Log what a device's own axis said in the past; other axes take no part in it."""
    if device.reachability not in {Reachability(event.axis.value), Reachability.BOTH}:
        return
    old, new = (_status_of_level(event.axis, level) for level in (event.old, event.new))
    state = DeviceState(device.id, Axes(), new, event.reason, event.ts_ms)
    announce_device(draft, device, state, old, detail=event.detail, late=True)


def _status_of_level(axis: Axis, level: str) -> DeviceStatus:
    reachability = Reachability.ICMP if axis is Axis.ICMP else Reachability.SNMP
    axes = Axes(icmp=IcmpLevel(level)) if axis is Axis.ICMP else Axes(snmp=SnmpLevel(level))
    return derive_status(axes, reachability).status
