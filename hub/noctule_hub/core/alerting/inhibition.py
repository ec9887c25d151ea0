"""What keeps an alert from ringing though nobody silenced it: one order of precedence, in one function.

Goes by the states of devices alone, which are durable: a hub that starts again inhibits the same.
"""

from typing import Final

from noctule_shared.events import DeviceStatus

from noctule_hub.core.alerting.conditions import (
    ConditionKind,
    DeviceFlapping,
    DeviceOffline,
    DeviceUnreachable,
    Rebooted,
)
from noctule_hub.core.alerting.flapping import FLAPPING, held_back
from noctule_hub.core.reach import HOLD_MS, certain_ms, named, true_status
from noctule_hub.core.records import Alert, Device, DeviceState
from noctule_hub.core.status import derive_status
from noctule_hub.core.tenancy import SUSPENDED
from noctule_hub.core.world import World

# These tell of the device itself as it goes and comes: its outage is what they are about, not what explains them.
_OF_ITSELF: Final[tuple[ConditionKind, ...]] = (DeviceOffline, DeviceUnreachable, DeviceFlapping, Rebooted)
# Whoever has such a rule wants to be told although something else is to blame.
_ANYHOW: Final[tuple[ConditionKind, ...]] = (DeviceUnreachable,)

# How the reason begins for which an alert rings nobody while its device is worked on.
UNDER_MAINTENANCE: Final = "it is under maintenance"
_SEEN_AGAIN: Final = f"is seen again for less than {HOLD_MS // 1_000} s"
_NOT_MEASURED: Final = "is not measured again yet"


def inhibited_by(world: World, alert: Alert, now_ms: int) -> str | None:
    """Return what keeps an open alert from ringing, as drafted, the first that applies; None: nothing.

    1. Those who have what it is about are all suspended.
    2. Its device is under maintenance.
    3. What it is about flaps, and an alert about that stands instead.
    4. Nothing is known of its device: its agent is silent or has lost its own way out.
    5. Its device is behind others that are offline; but not an alert that says just that.
    6. Its device is offline itself; but not an alert about the device going or coming.
    7. What held it back by 4 to 6 is over since less than 15 s: whether its condition is, is not known yet.
    8. What held it back by 2 to 6 is over, and what it goes by was not measured since.
    """
    if alert.device_id is None:
        return None
    return (
        world.tenancy.suspension(alert.device_id, alert.interface_id)
        or _by_maintenance(world, alert, alert.device_id, now_ms)
        or held_back(alert, world.rules, world.alerts.get)
        or _by_outage(world, alert, now_ms)
    )


def is_quiet_by_people(inhibited_by: str | None) -> bool:
    """Return whether it is what people decided that inhibits an alert, and not what happened in the network."""
    return inhibited_by is not None and inhibited_by.startswith((SUSPENDED, UNDER_MAINTENANCE))


def passes(alert: Alert) -> bool:
    """Return whether what inhibits an alert may end by time alone."""
    return alert.inhibited_by is not None and alert.inhibited_by.endswith((_SEEN_AGAIN, _NOT_MEASURED))


def waits(world: World, alert: Alert, now_ms: int) -> bool:
    """Return whether a pending alert must not fire yet because of its device: what may have caused it is to be known.

    So it is while something else than a suspension or its flapping inhibits it, and a device that stands behind others
    is held to have fallen by itself only 15 s after it fell.
    """
    if alert.device_id is None:
        return False
    if alert.inhibited_by is not None:
        # As it was found when its device changed last; a suspension hides what else there may be.
        return not alert.inhibited_by.startswith((SUSPENDED, FLAPPING)) or _by_outage(world, alert, now_ms) is not None
    state = world.states.get(alert.device_id)
    return (
        state is not None
        and true_status(state) is DeviceStatus.OFFLINE
        and state.since_ms <= now_ms < certain_ms(world.dependencies.parents.get(alert.device_id, ()), state)
    )


def _by_maintenance(world: World, alert: Alert, device_id: int, now_ms: int) -> str | None:
    state = world.states.get(device_id)
    if state is None or state.status is not DeviceStatus.MAINTENANCE:
        return None
    name = world.coverage(now_ms).names.get(device_id)
    if name is not None:
        return f"{UNDER_MAINTENANCE}: {name}"
    # Its window is over, and what the device is then is about to be judged.
    return alert.inhibited_by or UNDER_MAINTENANCE


def _by_outage(world: World, alert: Alert, now_ms: int) -> str | None:
    device = None if alert.device_id is None else world.devices.get(alert.device_id)
    state = None if device is None else world.states.get(device.id)
    if device is None or state is None:
        return None
    kind = _kind(world, alert)
    status = true_status(state)
    if status is DeviceStatus.UNKNOWN and state.reason != derive_status(state.axes, device.reachability).reason:
        # Not because it was not measured yet: its ports may be known already.
        return state.reason
    if status is DeviceStatus.UNREACHABLE and kind not in _ANYHOW:
        return _behind(world, device.id) or state.reason
    if status is DeviceStatus.OFFLINE and kind not in _OF_ITSELF:
        return f"{device.name} is offline"
    return _by_return(world, alert, device, state, now_ms)


def _by_return(world: World, alert: Alert, device: Device, state: DeviceState, now_ms: int) -> str | None:
    """Return what keeps quiet an alert that was held back by an outage or maintenance of its device, which is over."""
    # What was not held back rings, or rang, without that.
    if alert.inhibited_by is None:
        return None
    away = not is_quiet_by_people(alert.inhibited_by) and not alert.inhibited_by.endswith(_NOT_MEASURED)
    if away and state.since_ms <= now_ms < state.since_ms + HOLD_MS:
        return f"{device.name} {_SEEN_AGAIN}"
    kind = _kind(world, alert)
    if kind is not None and kind.measured and not _is_measured_since(world, alert, state.since_ms):
        return f"{device.name} {_NOT_MEASURED}"
    return None


def _is_measured_since(world: World, alert: Alert, since_ms: int) -> bool:
    looked_at = world.gauges.looked_at.get(alert.key)
    return looked_at is not None and looked_at.at_ms >= since_ms


def _behind(world: World, device_id: int) -> str | None:
    """Return behind what an unreachable device stands, such as `behind core1 (offline)`, None: nothing that fell."""
    fallen = [world.devices[parent_id] for parent_id in world.fallen_parents(device_id)]
    words = named([f"{parent.name} ({true_status(world.states.get(parent.id))})" for parent in fallen])
    return f"behind {', '.join(words)}" if words else None


def parent_names(world: World, device_ids: tuple[int, ...]) -> list[str]:
    """Return the names of devices that are there, as far as they are told."""
    return named([device.name for one in device_ids if (device := world.devices.get(one)) is not None])


def _kind(world: World, alert: Alert) -> ConditionKind | None:
    rule = world.rules.by_name.get(alert.rule)
    return None if rule is None else type(rule.condition)
