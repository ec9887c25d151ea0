"""Who may join which room, and what every role joins by itself: one pure table.

What an audience sees of a row in a room is left to `projection`; who is in a room now to `realtime`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from noctule_shared.events import EventName

from noctule_hub.core.principal import Principal, Role

# Rooms of one connection. A screen that shows more than this many single devices shows a site.
MAX_ROOMS: Final = 200
MAX_ROOM_NAME_CHARS: Final = 32
_PARAMETER: Final = re.compile(r"(device|site|customer|user):([1-9][0-9]{0,17})", re.ASCII)


class RoomKind(StrEnum):
    """What a room is about. The last four take an id: `device:{id}`."""

    DEVICES = "devices"
    ALERTS = "alerts"
    AGENTS = "agents"
    BANDWIDTH = "bandwidth"
    LOGS = "logs"
    STATS = "stats"
    PAYMENTS = "payments"
    CUSTOMERS = "customers"
    PUBLIC = "public"
    DEVICE = "device"
    SITE = "site"
    CUSTOMER = "customer"
    USER = "user"


WITH_ID: Final = frozenset({RoomKind.DEVICE, RoomKind.SITE, RoomKind.CUSTOMER, RoomKind.USER})


@dataclass(frozen=True, slots=True)
class Room:
    """A room by kind, and by id where the kind takes one."""

    kind: RoomKind
    id: int | None = None

    @property
    def name(self) -> str:
        """The room as clients and the log write it."""
        return self.kind.value if self.id is None else f"{self.kind.value}:{self.id}"


class DenialReason(StrEnum):
    """Why a room may not be joined."""

    UNKNOWN_ROOM = "unknown-room"
    NOT_FOR_ROLE = "not-for-role"
    NOT_YOUR_OWN = "not-your-own"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The principal may be in the room."""

    room: Room


@dataclass(frozen=True, slots=True)
class Denied:
    """The principal may not be in the room, and why."""

    reason: DenialReason


class Audience(StrEnum):
    """How much of a row somebody sees."""

    STAFF = "staff"
    CUSTOMER = "customer"
    PUBLIC = "public"


class _Reach(StrEnum):
    """Which rooms of a kind a role may join: all of them, or the principal's own one."""

    ANY = "any"
    OWN = "own"


_ALERTS: Final = frozenset({EventName.ALERT_NEW, EventName.ALERT_UPDATE})
_EVERYTHING: Final = dict.fromkeys(RoomKind, _Reach.ANY)

# A role that is not named here joins nothing. A user's room is the user's alone, except for those who run the hub.
ROLE_ROOMS: Final[Mapping[Role, Mapping[RoomKind, _Reach]]] = {
    Role.ADMIN: _EVERYTHING,
    Role.OPERATOR: _EVERYTHING,
    Role.VIEWER: {
        kind: _Reach.OWN if kind is RoomKind.USER else _Reach.ANY
        for kind in RoomKind
        if kind not in {RoomKind.PAYMENTS, RoomKind.CUSTOMERS, RoomKind.CUSTOMER}
    },
    Role.BILLING: {
        RoomKind.PAYMENTS: _Reach.ANY,
        RoomKind.CUSTOMERS: _Reach.ANY,
        RoomKind.CUSTOMER: _Reach.ANY,
        RoomKind.STATS: _Reach.ANY,
        RoomKind.USER: _Reach.OWN,
    },
    Role.CUSTOMER: {
        RoomKind.CUSTOMER: _Reach.OWN,
        RoomKind.USER: _Reach.OWN,
        RoomKind.STATS: _Reach.ANY,
        RoomKind.PUBLIC: _Reach.ANY,
    },
    Role.ANONYMOUS: {RoomKind.STATS: _Reach.ANY, RoomKind.PUBLIC: _Reach.ANY},
}


@lru_cache(maxsize=16_384)
def parse_room(name: str) -> Room | None:
    """Return the room of that name, None when there can be none. Each room has exactly one spelling."""
    if len(name) > MAX_ROOM_NAME_CHARS:
        return None
    match = _PARAMETER.fullmatch(name)
    if match is not None:
        return Room(RoomKind(match[1]), int(match[2]))
    try:
        kind = RoomKind(name)
    except ValueError:
        return None
    return None if kind in WITH_ID else Room(kind)


def may_join(principal: Principal, room: str) -> Allowed | Denied:
    """Decide whether `principal` may be in `room`; also the check on every row that is delivered."""
    parsed = parse_room(room)
    if parsed is None:
        return Denied(DenialReason.UNKNOWN_ROOM)
    reach = ROLE_ROOMS.get(principal.role, {}).get(parsed.kind)
    if reach is None:
        return Denied(DenialReason.NOT_FOR_ROLE)
    if reach is _Reach.ANY:
        return Allowed(parsed)
    own_id = principal.customer_id if parsed.kind is RoomKind.CUSTOMER else principal.user_id
    if own_id is None or parsed.id != own_id:
        return Denied(DenialReason.NOT_YOUR_OWN)
    return Allowed(parsed)


def hears(principal: Principal, name: EventName, rooms: Sequence[str], room: str) -> bool:
    """Return whether an event that was told in `rooms` reaches `principal` through `room`, one of them.

    An alert reaches the room of the user to whom it is assigned as it reaches the NOC: through that room nobody hears
    of it who has left the NOC since.
    """
    verdict = may_join(principal, room)
    if not isinstance(verdict, Allowed):
        return False
    assigned = name in _ALERTS and verdict.room.kind is RoomKind.USER and RoomKind.ALERTS.value in rooms
    return principal.is_staff or not assigned


def default_rooms(principal: Principal) -> tuple[str, ...]:
    """Return what a client joins that names no rooms: its role's without an id, and its own."""
    reaches = ROLE_ROOMS.get(principal.role, {})
    rooms = [kind.value for kind in RoomKind if kind in reaches and kind not in WITH_ID]
    if principal.role is Role.CUSTOMER and principal.customer_id is not None:
        rooms.append(Room(RoomKind.CUSTOMER, principal.customer_id).name)
    if RoomKind.USER in reaches and principal.user_id is not None:
        rooms.append(Room(RoomKind.USER, principal.user_id).name)
    return tuple(rooms)


def audience(principal: Principal) -> Audience:
    """Return as whom `principal` sees rows.

    Billing sees what the customer sees: all of payments, and of devices no more than their owner.
    """
    if principal.is_staff:
        return Audience.STAFF
    if principal.role in {Role.CUSTOMER, Role.BILLING}:
        return Audience.CUSTOMER
    return Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Sight:
    """As whom somebody sees one row, and which customers' parts of it."""

    audience: Audience
    customer_ids: frozenset[int] = frozenset()


_STAFF_SIGHT: Final = Sight(Audience.STAFF)


def sight(principal: Principal, rooms: Iterable[str]) -> Sight:
    """Return what `principal` sees of a row that reaches it through `rooms`.

    Of what customers have in a row it sees the parts of those whose room it may be in. What reaches it through the
    status page alone is seen as anybody sees it.
    """
    if principal.is_staff:
        return _STAFF_SIGHT
    allowed = [verdict.room for room in rooms if isinstance(verdict := may_join(principal, room), Allowed)]
    if all(room.kind is RoomKind.PUBLIC for room in allowed):
        return Sight(Audience.PUBLIC)
    own = frozenset(room.id for room in allowed if room.kind is RoomKind.CUSTOMER and room.id is not None)
    return Sight(audience(principal), own)


# The rooms that hear of an event whatever it is about, and the payload's keys that name further ones.
_ROOMS_OF_EVENT: Final[Mapping[EventName, tuple[tuple[RoomKind, ...], tuple[tuple[str, RoomKind], ...]]]] = {
    EventName.DEVICE_STATUS: ((RoomKind.DEVICES,), (("deviceId", RoomKind.DEVICE), ("siteId", RoomKind.SITE))),
    EventName.INTERFACE_STATUS: ((), (("deviceId", RoomKind.DEVICE), ("siteId", RoomKind.SITE))),
    EventName.ALERT_NEW: ((RoomKind.ALERTS,), (("deviceId", RoomKind.DEVICE), ("siteId", RoomKind.SITE))),
    EventName.ALERT_UPDATE: ((RoomKind.ALERTS,), (("deviceId", RoomKind.DEVICE), ("siteId", RoomKind.SITE))),
    EventName.NETWORK_LOG: ((RoomKind.LOGS,), (("deviceId", RoomKind.DEVICE),)),
    EventName.PAYMENT_UPDATE: ((RoomKind.PAYMENTS,), (("customerId", RoomKind.CUSTOMER),)),
    EventName.CUSTOMER_UPDATE: ((RoomKind.CUSTOMERS,), (("customerId", RoomKind.CUSTOMER),)),
    EventName.AGENT_STATUS: ((RoomKind.AGENTS,), ()),
    EventName.LATENCY_UPDATE: ((RoomKind.DEVICES,), ()),
    EventName.BANDWIDTH_UPDATE: ((RoomKind.BANDWIDTH,), ()),
    EventName.STATS_UPDATE: ((RoomKind.STATS,), ()),
}


def rooms_of_event(name: EventName, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the rooms that hear of an event, from its name and its payload's ids; none for control messages.

    Rooms that the payload does not show (a service's customer, an alert's assignee, the status page) are the
    caller's to add.
    """
    kinds, keys = _ROOMS_OF_EVENT.get(name, ((), ()))
    named = (Room(kind, data[key]).name for key, kind in keys if type(data.get(key)) is int and data[key] > 0)
    return (*(kind.value for kind in kinds), *named)
