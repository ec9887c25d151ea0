"""Which changes of devices and interfaces count as flaps, and what is found when one begins or ends to flap.

The scores are in `flapping`. A change counts when the object itself was seen to make it just now: not out of or into
what nobody could see (a silent agent, a fallen parent), not under maintenance, and not from a backlog.
"""

from typing import Final

from noctule_shared.axes import IfStatus, Reachability
from noctule_shared.events import DeviceStatus

from noctule_hub.core.alerting.conditions import (
    About,
    ConditionKind,
    DeviceFlapping,
    DeviceOffline,
    InterfaceDown,
    InterfaceFlapping,
)
from noctule_hub.core.alerting.findings import alerts_about, find, find_anew, requieten
from noctule_hub.core.alerting.flapping import (
    CHECK_MS,
    FlapKey,
    Flaps,
    changed,
    evidence,
    limits,
    score_at,
    steadied,
    taken_back,
)
from noctule_hub.core.alerting.machine import Finding, Subject
from noctule_hub.core.alerting.subjects import device_subject, interface_subject
from noctule_hub.core.alerting.words import lasting
from noctule_hub.core.announcements import LATE_AFTER_MS
from noctule_hub.core.records import Device, DeviceState, Interface
from noctule_hub.core.world import Draft

_UP: Final = frozenset({DeviceStatus.ONLINE, DeviceStatus.DEGRADED})
_HIDDEN: Final = frozenset({DeviceStatus.UNREACHABLE, DeviceStatus.MAINTENANCE})
_KINDS: Final[dict[About, tuple[ConditionKind, ConditionKind]]] = {
    About.DEVICE: (DeviceFlapping, DeviceOffline),
    About.INTERFACE: (InterfaceFlapping, InterfaceDown),
}


def observe_device_flap(draft: Draft, device: Device, old: DeviceState | None, new: DeviceState) -> None:
    """Take a device's change of status, before the finding that follows from it."""
    if old is None:
        return
    flaps = draft.world.flaps.get((About.DEVICE, device.id))
    if old.status is DeviceStatus.OFFLINE and new.status is DeviceStatus.UNREACHABLE:
        # Its parent fell first and was found later: the fall was not its own.
        if flaps is not None and flaps.at_ms == old.since_ms:
            back = taken_back(flaps, check_ms=_check_ms(device))
            _keep(draft, flaps.key, back)
            if flaps.since_ms is not None and back.since_ms is None:
                _find_end(draft, flaps, draft.now_ms, f"{new.reason}: its own changes are too few")
        return
    own = (old.status in _UP and new.status is DeviceStatus.OFFLINE) or (
        old.status is DeviceStatus.OFFLINE and new.status in _UP
    )
    if own and not _is_late(draft, device, new.since_ms):
        _count(draft, (About.DEVICE, device.id), new.since_ms, device)


def observe_interface_flap(draft: Draft, device: Device, old: Interface, new: Interface) -> None:
    """Take an interface's change of status that is not of a backlog, before the finding that follows from it."""
    was_up, is_up = (row.if_oper_status is IfStatus.UP for row in (old, new))
    if was_up is is_up or old.if_admin_status is not new.if_admin_status:
        # Whoever disables a port does not make it flap.
        return
    if draft.world.status(device.id) not in _HIDDEN and not _is_late(draft, device, new.state_ms):
        _count(draft, (About.INTERFACE, new.id), new.state_ms, device)


def observe_interface_gone(draft: Draft, interface: Interface) -> None:
    """Take that an interface is gone."""
    flaps = draft.world.flaps.get((About.INTERFACE, interface.id))
    if flaps is not None:
        _keep(draft, flaps.key, None)
        _find_end(draft, flaps, draft.now_ms, "the interface is gone")


def observe_flap_time(draft: Draft) -> None:
    """Take that time has passed: what did not change for long enough does not flap any more.

    What nobody can see now goes on as it was: it might change all the while.
    """
    now_ms = draft.now_ms
    for flaps in [row for _, row in draft.world.flaps.items() if row.due_ms <= now_ms]:
        device = _device_of(draft, flaps)
        if flaps.since_ms is not None and device is not None and not _is_seen(draft, device):
            continue
        check_ms = CHECK_MS if device is None else _check_ms(device)
        after = steadied(flaps, now_ms, check_ms=check_ms)
        _keep(draft, flaps.key, after)
        if flaps.since_ms is not None and (after is None or after.since_ms is None):
            score, end = score_at(flaps, now_ms, check_ms=check_ms), limits(flaps.about)[1]
            quiet = lasting(now_ms - flaps.at_ms)
            _find_end(draft, flaps, now_ms, f"no change for {quiet}: score {score:.1f}, over below {end:g}")


def observe_flap_rules(draft: Draft) -> None:
    """Take that the configuration changed: rules that are new find what flaps, what is gone is forgotten."""
    for flaps in [row for _, row in draft.world.flaps.items()]:
        if _device_of(draft, flaps) is None:
            _keep(draft, flaps.key, None)
        elif flaps.since_ms is not None:
            find_anew(draft, _finding(draft, flaps))
            _requieten(draft, flaps)


def _count(draft: Draft, key: FlapKey, at_ms: int, device: Device) -> None:
    before = draft.world.flaps.get(key)
    after = changed(before, key, at_ms, check_ms=_check_ms(device))
    _keep(draft, key, after)
    if after.since_ms is not None and (before is None or before.since_ms is None):
        find(draft, _finding(draft, after))
        _requieten(draft, after)


def _keep(draft: Draft, key: FlapKey, flaps: Flaps | None) -> None:
    if flaps != draft.world.flaps.get(key):
        draft.world.flaps.set(key, flaps)


def _finding(draft: Draft, flaps: Flaps) -> Finding:
    start, _ = limits(flaps.about)
    within = lasting(flaps.at_ms - flaps.began_ms)
    reason = f"{flaps.changes} changes in {within}: score {flaps.score:.0f}, flapping above {start:g}"
    at_ms = flaps.at_ms if flaps.since_ms is None else flaps.since_ms
    kind, _ = _KINDS[flaps.about]
    found = evidence(flaps.about, flaps.score)
    return Finding(kind, _subject(draft, flaps), holds=True, reason=reason, at_ms=at_ms, evidence=found)


def _find_end(draft: Draft, flaps: Flaps, at_ms: int, reason: str) -> None:
    kind, _ = _KINDS[flaps.about]
    device = _device_of(draft, flaps)
    score = score_at(flaps, at_ms, check_ms=CHECK_MS if device is None else _check_ms(device))
    found = evidence(flaps.about, score)
    find(draft, Finding(kind, _subject(draft, flaps), holds=False, reason=reason, at_ms=at_ms, evidence=found))
    _requieten(draft, flaps)


def _requieten(draft: Draft, flaps: Flaps) -> None:
    """Let the alerts that it flaps instead of ring from now on, or not any more."""
    _, fallen = _KINDS[flaps.about]
    for _, alert in alerts_about(draft.world, fallen, f"{flaps.about.value}:{flaps.object_id}"):
        requieten(draft, alert)


def _subject(draft: Draft, flaps: Flaps) -> Subject:
    what, device = "is flapping", _device_of(draft, flaps)
    if flaps.about is About.DEVICE and device is not None:
        return device_subject(device, what)
    interface = draft.world.interfaces.get(flaps.object_id)
    if device is not None and interface is not None:
        return interface_subject(device, interface, what)
    return Subject(f"{flaps.about.value}:{flaps.object_id}", what)


def _device_of(draft: Draft, flaps: Flaps) -> Device | None:
    if flaps.about is About.DEVICE:
        return draft.world.devices.get(flaps.object_id)
    interface = draft.world.interfaces.get(flaps.object_id)
    return None if interface is None else draft.world.devices.get(interface.device_id)


def _is_seen(draft: Draft, device: Device) -> bool:
    world = draft.world
    link = None if device.agent_id is None else world.links.get(device.agent_id)
    if link is None or not link.connected or world.is_behind(device.agent_id):
        return False
    return world.status(device.id) not in _HIDDEN | {DeviceStatus.UNKNOWN}


def _is_late(draft: Draft, device: Device, at_ms: int) -> bool:
    """Return whether a change is so old that it is history; a poll may tell what came just after the one before."""
    poll_ms = 0 if device.snmp is None else int(device.snmp.interval_s * 1000)
    return draft.now_ms - at_ms > LATE_AFTER_MS + poll_ms


def _check_ms(device: Device) -> int:
    """Return how long a result without a change stands for."""
    by_snmp = device.icmp is None or device.reachability is Reachability.SNMP
    settings = device.snmp if by_snmp else device.icmp
    return CHECK_MS if settings is None else max(CHECK_MS, int(settings.interval_s * 1000))
