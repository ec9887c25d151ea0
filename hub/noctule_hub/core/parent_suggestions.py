"""Behind which devices others probably stand, by what LLDP tells of links: suggested with reasons, never set here."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from noctule_hub.core.parents import circle
from noctule_hub.core.records import Device
from noctule_hub.core.topology import End, Link

_Between = dict[int, dict[int, list[tuple[End, Link]]]]


@dataclass(frozen=True, slots=True)
class SuggestedParent:
    """A device through which another one is probably reached, and why."""

    device_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The parents of a device that has none yet; several: the way is redundant."""

    device_id: int
    parents: Sequence[SuggestedParent]


def roots(devices: Iterable[Device]) -> list[int]:
    """Return the devices from which ways begin as configured: others stand behind them, and they behind nothing."""
    known = list(devices)
    above = {parent_id for device in known for parent_id in device.parents}
    return sorted(device.id for device in known if device.id in above and not device.parents)


def suggest(devices: Iterable[Device], links: Iterable[Link], root_ids: Sequence[int]) -> list[Suggestion]:
    """Return suggestions for devices without parents, those nearest to a root first.

    A device is nearer the fewer links lie between it and a root, which stands next to its agent; its neighbours that
    are one link nearer are suggested. Ways never lead over devices that another agent polls: that has its own way to
    them. What is configured counts as a link and stays; no suggestion closes a circle with it or another one.
    """
    known = {device.id: device for device in devices}
    between = _between(known, links)
    distances = _distances(known, between, root_ids)
    parents = {device.id: device.parents for device in known.values()}
    found = []
    for device_id in sorted(distances, key=lambda one: (distances[one], one)):
        if device_id in root_ids or parents[device_id]:
            continue
        nearer: list[SuggestedParent] = []
        for other_id in sorted(between.get(device_id, {})):
            if distances.get(other_id) != distances[device_id] - 1 or not between[device_id][other_id]:
                # Who only stands behind it by configuration is no neighbour.
                continue
            wanted = (*(one.device_id for one in nearer), other_id)
            if circle(device_id, wanted, parents) is None:
                nearer.append(SuggestedParent(other_id, _reason(known[other_id], between[device_id][other_id])))
        if nearer:
            parents[device_id] = tuple(one.device_id for one in nearer)
            found.append(Suggestion(device_id, nearer))
    return found


def _between(known: Mapping[int, Device], links: Iterable[Link]) -> _Between:
    """Return for each device its neighbours, each with its own ends of their links; none: it is only configured."""
    between: _Between = {}
    for link in links:
        for here, there in ((link.a, link.b), (link.b, link.a)):
            if here.device_id in known and there.device_id in known:
                of_device = between.setdefault(here.device_id or 0, {})
                of_device.setdefault(there.device_id or 0, []).append((here, link))
    for device in known.values():
        for parent_id in device.parents:
            if parent_id in known:
                between.setdefault(device.id, {}).setdefault(parent_id, [])
                between.setdefault(parent_id, {}).setdefault(device.id, [])
    return between


def _distances(
    known: Mapping[int, Device], between: Mapping[int, Iterable[int]], root_ids: Sequence[int]
) -> dict[int, int]:
    """Return how many links lie between devices and the nearest root of their agent; none for those without a way."""
    distances = {root_id: 0 for root_id in root_ids if root_id in known}
    waiting = deque(distances)
    while waiting:
        at = waiting.popleft()
        for other_id in between.get(at, ()):
            if other_id not in distances and known[other_id].agent_id == known[at].agent_id:
                distances[other_id] = distances[at] + 1
                waiting.append(other_id)
    return distances


def _reason(parent: Device, ends: Sequence[tuple[End, Link]]) -> str:
    ports = ", ".join(dict.fromkeys(end.port for end, _ in ends if end.port))
    sure = "both tell of the link" if any(link.confirmed for _, link in ends) else "one of them tells of the link"
    where = f" on {ports}" if ports else ""
    return f"linked with {parent.name}{where} ({sure}), which is one link nearer to the agent"
