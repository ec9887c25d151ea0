"""The two classes of the event log's rows: they share one numbering, each has a keeping time and a floor of its own.

So a storm of network logs pushes out network logs alone. Where rows are kept is the store's.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from noctule_shared.events import EventName

from noctule_hub.core.rooms import RoomKind, parse_room


class LogClass(StrEnum):
    """`events`: what tells of states. `logs`: what devices say by themselves."""

    EVENTS = "events"
    LOGS = "logs"


BOTH: Final = frozenset(LogClass)
_HEARD: Final = {
    RoomKind.LOGS: frozenset({LogClass.LOGS}),
    RoomKind.DEVICE: BOTH,
}
_EVENTS_ONLY: Final = frozenset({LogClass.EVENTS})


def class_of(name: EventName, rooms: Iterable[str]) -> LogClass:
    """Return the class of an event. A network log that was sent to other rooms than its own is kept as an event."""
    if name is EventName.NETWORK_LOG and all(LogClass.LOGS in classes_in(room) for room in rooms):
        return LogClass.LOGS
    return LogClass.EVENTS


@lru_cache(maxsize=16_384)
def classes_in(room: str) -> frozenset[LogClass]:
    """Return which classes a room hears."""
    parsed = parse_room(room)
    return _EVENTS_ONLY if parsed is None else _HEARD.get(parsed.kind, _EVENTS_ONLY)


def classes_heard(rooms: Iterable[str]) -> frozenset[LogClass]:
    """Return which classes are heard in any of `rooms`."""
    return frozenset[LogClass]().union(*(classes_in(room) for room in rooms))
