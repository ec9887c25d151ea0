"""The decisions of "catch up, then join": may a client be caught up, which rows are due to it, and is it there yet.

Reading the log and sending is left to `realtime.catchup`. A client's cursor is a seq: it has had every row up to
and including it that it may see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_shared.events import LogPosition

from noctule_hub.core.principal import Principal
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import Allowed, RoomKind, may_join, parse_room

PAGE_ROWS: Final = 500


class UnrecoverableReason(StrEnum):
    """Why a client cannot be caught up from the log and needs a snapshot."""

    NO_POSITION = "no-position"
    OTHER_EPOCH = "other-epoch"
    TOO_OLD = "too-old"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Recoverable:
    """Every row above `cursor` is still there."""

    cursor: int


@dataclass(frozen=True, slots=True)
class Unrecoverable:
    """Rows may be missing, or the position means nothing here: never a partial replay."""

    reason: UnrecoverableReason


def decide_recovery(since: LogPosition | None, *, epoch: str, floor: int, head: int) -> Recoverable | Unrecoverable:
    """Decide whether a client at `since` (None: it has nothing yet) can be caught up from the log.

    `floor` is the highest seq that is no longer kept, `head` the newest one committed.
    """
    if since is None:
        return Unrecoverable(UnrecoverableReason.NO_POSITION)
    if since.epoch != epoch:
        return Unrecoverable(UnrecoverableReason.OTHER_EPOCH)
    if since.seq < floor:
        return Unrecoverable(UnrecoverableReason.TOO_OLD)
    if since.seq > head:
        return Unrecoverable(UnrecoverableReason.AHEAD)
    return Recoverable(since.seq)


def reaches(principal: Principal, covered_from: Mapping[str, int], row: EventRow) -> bool:
    """Decide whether a row is a connection's by the rooms it is in.

    `covered_from` holds its rooms, each with the seq above which the room's rows are delivered to it. The right to
    be in the room is looked at anew for each row, because roles change after a room was joined.
    """
    for room in row.rooms:
        start = covered_from.get(room)
        if start is not None and row.seq > start and isinstance(may_join(principal, room), Allowed):
            return True
    return False


def cursor_after_page(page: Sequence[EventRow], *, cursor: int, position: int) -> int:
    """Return the cursor after a page of up to `PAGE_ROWS` rows was delivered.

    `position` is the broadcaster's before the page was read. A page that is not full held everything committed by
    then, also where seqs are missing in between.
    """
    last = page[-1].seq if page else cursor
    return last if len(page) >= PAGE_ROWS else max(last, position, cursor)


def is_caught_up(*, cursor: int, position: int) -> bool:
    """Decide whether a client may join the live events: the broadcaster has nothing behind it that it lacks.

    A cursor ahead of the broadcaster is fine: rows up to it are not delivered a second time.
    """
    return cursor >= position


_SNAPSHOTS: Final[Mapping[RoomKind, str]] = {
    RoomKind.DEVICES: "/api/v1/devices",
    RoomKind.DEVICE: "/api/v1/devices/{id}",
    RoomKind.SITE: "/api/v1/devices?site={id}",
    RoomKind.ALERTS: "/api/v1/alerts?state=active",
    RoomKind.AGENTS: "/api/v1/agents",
}


def snapshot_url(room: str) -> str | None:
    """Return where the present state of a room can be read, with its log position; None where there is none yet."""
    parsed = parse_room(room)
    if parsed is None or parsed.kind not in _SNAPSHOTS:
        return None
    return _SNAPSHOTS[parsed.kind].format(id=parsed.id)
