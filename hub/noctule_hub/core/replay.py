"""The decisions of "catch up, then join": may a client be caught up, which rows are due to it, and is it there yet.

Reading the log and sending is left to `realtime.catchup`. A client's cursor is a seq: it has had every row up to
and including it that it may see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from noctule_shared.events import LogPosition

from noctule_hub.core.log_classes import LogClass, classes_heard, classes_in
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import RoomKind, hears, parse_room

PAGE_ROWS: Final = 500
# Who missed more network logs than this searches them instead: nobody reads so many, and states would wait for them.
MAX_REPLAYED_LOGS: Final = 5_000
LOGS_URL: Final = "/api/v1/logs"


class UnrecoverableReason(StrEnum):
    """Why a client cannot be caught up from the log and needs a snapshot."""

    NO_POSITION = "no-position"
    OTHER_EPOCH = "other-epoch"
    TOO_OLD = "too-old"
    AHEAD = "ahead"
    TOO_MANY = "too-many"


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


@dataclass(frozen=True, slots=True)
class Recovery:
    """What becomes of a client's position. `lost_logs` None: network logs are caught up with the rest, or not heard."""

    outcome: Recoverable | Unrecoverable
    lost_logs: UnrecoverableReason | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing of what was missed is lost."""
        return isinstance(self.outcome, Recoverable) and self.lost_logs is None


def decide_log_recovery(cursor: int, *, floor: int, missed: int) -> UnrecoverableReason | None:
    """Decide whether network logs above `cursor` are replayed, all of them or none; None: they are.

    `floor` is theirs, `missed` how many there are, counted up to `MAX_REPLAYED_LOGS` + 1 at least.
    """
    if cursor < floor:
        return UnrecoverableReason.TOO_OLD
    return UnrecoverableReason.TOO_MANY if missed > MAX_REPLAYED_LOGS else None


def with_logs(outcome: Recoverable, lost_logs: UnrecoverableReason | None, rooms: Sequence[str]) -> Recovery:
    """Return the decision for `rooms`: where nothing but network logs is heard, they decide alone."""
    if lost_logs is not None and classes_heard(rooms) == {LogClass.LOGS}:
        return Recovery(Unrecoverable(lost_logs), lost_logs)
    return Recovery(outcome, lost_logs)


def lost_logs_notice(reason: UnrecoverableReason) -> dict[str, Any]:
    """Return what a client is told whose network logs were not replayed: why, and where they can be read."""
    return {"recovered": False, "reason": reason.value, "url": LOGS_URL}


@dataclass(frozen=True, slots=True)
class Span:
    """What to read next for a client: rows of `classes`, up to `stop` where network logs begin to count; None: all."""

    classes: frozenset[LogClass]
    stop: int | None = None


def next_span(cursor: int, covered_logs: Mapping[str, int]) -> Span:
    """Return what to read above `cursor` for who is in the rooms of `covered_logs`.

    Those are all its rooms, each with the seq above which its network logs are delivered.
    """
    heard = classes_heard(covered_logs)
    begin = min((after for room, after in covered_logs.items() if LogClass.LOGS in classes_in(room)), default=0)
    if LogClass.LOGS in heard and cursor < begin:
        return Span(heard - {LogClass.LOGS}, begin)
    return Span(heard)


def within(span: Span, page: Sequence[EventRow], *, cursor: int) -> tuple[list[EventRow], int]:
    """Return the rows of a page that belong to its span, and the cursor after them, which was `cursor` without it."""
    if span.stop is None:
        return list(page), cursor
    return [row for row in page if row.seq <= span.stop], min(cursor, span.stop)


def reaching(principal: Principal, covered_from: Mapping[str, int], row: EventRow) -> tuple[str, ...]:
    """Return the rooms through which a row reaches a connection; none: it is not the connection's.

    `covered_from` holds its rooms, each with the seq above which the room's rows are delivered to it. The right to
    be in the room is looked at anew for each row, because roles change after a room was joined. The row's rooms are
    those of its time: a service that has moved since takes none of its past along.
    """
    return tuple(
        room
        for room in row.rooms
        if (start := covered_from.get(room)) is not None
        and row.seq > start
        and hears(principal, row.name, row.rooms, room)
    )


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
    RoomKind.LOGS: LOGS_URL,
    RoomKind.PAYMENTS: "/api/v1/payments",
    RoomKind.CUSTOMERS: "/api/v1/customers",
    RoomKind.CUSTOMER: "/api/v1/customers/{id}",
}
_OWN_SNAPSHOT: Final = "/api/v1/me/services"


def snapshot_url(principal: Principal, room: str) -> str | None:
    """Return where `principal` can read the present state of a room; None where there is none yet."""
    parsed = parse_room(room)
    if parsed is None or parsed.kind not in _SNAPSHOTS:
        return None
    if parsed.kind is RoomKind.CUSTOMER and principal.role is Role.CUSTOMER:
        return _OWN_SNAPSHOT
    return _SNAPSHOTS[parsed.kind].format(id=parsed.id)
