"""Which devices stand behind which: a device is reached through its parents, several where the way is redundant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from noctule_hub.core.records import Device


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What stands behind what, as configured; made anew at each change. Ids of devices that are gone are in none of it.

    `order` are all devices, parents before who stands behind them, else by id; `ranks` are their places in it.
    """

    parents: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    children: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    ranks: Mapping[int, int] = field(default_factory=dict)


def index_dependencies(devices: Iterable[Device]) -> Dependencies:
    """Return what stands behind what. The store refuses circles; in one that is there all the same no parent counts."""
    known = {device.id: device for device in devices}
    parents: dict[int, tuple[int, ...]] = {}
    children: dict[int, list[int]] = {}
    for device in known.values():
        present = tuple(dict.fromkeys(parent_id for parent_id in device.parents if parent_id in known))
        if present:
            parents[device.id] = present
        for parent_id in present:
            children.setdefault(parent_id, []).append(device.id)
    waits_for = {device_id: len(parents.get(device_id, ())) for device_id in known}
    order = sorted(device_id for device_id, count in waits_for.items() if count == 0)
    for device_id in order:
        # Grows while it is read: who waits for nobody any more comes next.
        for child_id in sorted(children.get(device_id, ())):
            waits_for[child_id] -= 1
            if waits_for[child_id] == 0:
                order.append(child_id)
    ranks = {device_id: place for place, device_id in enumerate(order)}
    if len(order) < len(known):
        return index_dependencies(
            device if device.id in ranks else replace(device, parents=()) for device in known.values()
        )
    return Dependencies(
        parents, {device_id: tuple(sorted(found)) for device_id, found in children.items()}, tuple(order), ranks
    )


def circle(device_id: int, parents: Sequence[int], others: Mapping[int, Sequence[int]]) -> list[int] | None:
    """Return the devices of a circle that `parents` of a device would close, None for none.

    `others` are the parents of all devices, without a circle; the device's own in there do not count. The circle
    begins with the device: each stands behind the next, the last behind the first.
    """
    came_from: dict[int, int] = {}
    waiting = []
    for parent_id in parents:
        if parent_id == device_id:
            return [device_id]
        came_from[parent_id] = device_id
        waiting.append(parent_id)
    while waiting:
        at = waiting.pop()
        for parent_id in others.get(at, ()):
            if parent_id == device_id:
                way = [at]
                while way[-1] != device_id:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if parent_id not in came_from:
                came_from[parent_id] = at
                waiting.append(parent_id)
    return None
