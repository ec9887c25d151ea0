"""Which devices stand behind which: a device is reached through its parents, several where the way is redundant."""

from collections.abc import Mapping, Sequence


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
