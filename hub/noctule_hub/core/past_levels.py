"""What an axis of a device said in the past: logged with its own time, and ended where the present goes on as it was.

When an observation belongs to the past is `judgement`'s to decide.
"""

from noctule_shared.axes import Axis, IcmpLevel, Reachability, SnmpLevel
from noctule_shared.events import DeviceStatus
from noctule_shared.observations import AxisChanged

from noctule_hub.core.announcements import announce_device
from noctule_hub.core.records import Axes, Device, DeviceState
from noctule_hub.core.status import derive_status
from noctule_hub.core.world import Draft


def tell_late(draft: Draft, device: Device, event: AxisChanged) -> None:
    """Log what a device's own axis said in the past; other axes take no part in it."""
    if device.reachability not in {Reachability(event.axis.value), Reachability.BOTH}:
        return
    old, new = (_status_of_level(event.axis, level) for level in (event.old, event.new))
    state = DeviceState(device.id, Axes(), new, event.reason, event.ts_ms)
    announce_device(draft, device, state, old, detail=event.detail, late=True)


def end_past(draft: Draft, device: Device, event: AxisChanged, *, held: tuple[str, int]) -> None:
    """Take that the present of an axis is heard again; `held` is what the hub had of it, and since when.

    An agent that starts again may find what the hub holds, so that nothing changes. Where its backlog's last word was
    another, history would go on with that for ever: what is found then ends it.
    """
    world, key = draft.world, (device.id, event.axis)
    level, since_ms = held
    last = world.late_levels.get(key)
    if last is None:
        return
    world.late_levels.set(key, None)
    last_level, last_ms = last
    if event.new == level != last_level and since_ms < last_ms <= event.ts_ms:
        tell_late(draft, device, event)


def _status_of_level(axis: Axis, level: str) -> DeviceStatus:
    reachability = Reachability.ICMP if axis is Axis.ICMP else Reachability.SNMP
    axes = Axes(icmp=IcmpLevel(level)) if axis is Axis.ICMP else Axes(snmp=SnmpLevel(level))
    return derive_status(axes, reachability).status
