"""Who is cut off because what it stands behind has fallen, and for how long a fall waits for word of that.

Pure: what stands behind what is in `parents`, what a device is in `status`; `judgement` applies both.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from noctule_shared.events import DeviceStatus

from noctule_hub.core.records import DeviceState

# With the defaults a device is found down within 15 s, whichever round was the first that was lost: who stands behind
# another may be reported by so much before it.
HOLD_MS: Final = 15_000
# Of the devices behind which one stands, so many are named.
MAX_NAMED: Final = 3

StateOf = Callable[[int], DeviceState | None]


def true_status(state: DeviceState | None) -> DeviceStatus:
    """Return a device's status beside maintenance; `unknown` where nothing was ever judged."""
    if state is None:
        return DeviceStatus.UNKNOWN
    return state.status if state.underlying is None else state.underlying


def has_fallen(state: DeviceState | None) -> bool:
    """Return whether a device is known not to answer, by its own fault or not, under maintenance or not."""
    return true_status(state) in {DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE}


def fallen_parents(parents: Sequence[int], state_of: StateOf) -> tuple[int, ...]:
    """Return `parents` when all of them have fallen, else none: several are ways beside each other.

    One that is unknown is not known to have fallen.
    """
    return tuple(parents) if all(has_fallen(state_of(parent_id)) for parent_id in parents) else ()


def causes(device_id: int, parents: Mapping[int, Sequence[int]], state_of: StateOf) -> tuple[int, ...]:
    """Return the devices that are offline themselves and thereby make a device unreachable, by rising id.

    None for a device that is not unreachable. As dear as there are unreachable devices above it.
    """
    found: set[int] = set()
    seen = {device_id}
    waiting = [device_id]
    while waiting:
        at = waiting.pop()
        match true_status(state_of(at)):
            case DeviceStatus.UNREACHABLE:
                further = [parent_id for parent_id in parents.get(at, ()) if parent_id not in seen]
                seen.update(further)
                waiting += further
            case DeviceStatus.OFFLINE if at != device_id:
                found.add(at)
            case _:
                pass
    return tuple(sorted(found))


def cut_off(device_id: int, children: Mapping[int, Sequence[int]], state_of: StateOf) -> set[int]:
    """Return the devices of which `causes` holds a device that is offline: all that it makes unreachable."""
    found: set[int] = set()
    waiting = [device_id]
    while waiting:
        for child_id in children.get(waiting.pop(), ()):
            if child_id not in found and true_status(state_of(child_id)) is DeviceStatus.UNREACHABLE:
                found.add(child_id)
                waiting.append(child_id)
    return found


def named(names: Sequence[str]) -> list[str]:
    """Return the names to tell of devices that cut others off: a few, and how many more."""
    more = len(names) - MAX_NAMED
    return [*names[:MAX_NAMED], *([f"{more} more"] if more > 0 else [])]


def certain_ms(parents: Sequence[int], state: DeviceState) -> int:
    """Return from when on it is certain that a device fell by itself, and not with what it stands behind."""
    return state.since_ms + HOLD_MS if parents else state.since_ms
