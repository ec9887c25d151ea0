"""The clients that are connected now, and which rooms each is in. What they are sent is left to `broadcaster`.

Rooms are kept here and not in python-socketio, so that an event reaches a connection once, whatever rooms it shares.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from noctule_hub.auth.throttle import address_key
from noctule_hub.core.log_classes import LogClass, class_of
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import reaching
from noctule_hub.core.rooms import RoomKind
from noctule_hub.realtime.link import Link

CUSTOMER_PREFIX: Final = f"{RoomKind.CUSTOMER}:"


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """A connected client as people read it. `user` is the principal's name, `since_ms` when it connected.

    `queued_bytes` wait to be taken by it; `last_event` None: it was sent nothing yet.
    """

    sid: str
    user: str
    role: str
    address: str
    tab: str | None
    transport: str
    rooms: tuple[str, ...]
    since_ms: int
    queued_bytes: int
    last_event: str | None


@dataclass(slots=True, eq=False)
class Connection:
    """One client of the default namespace.

    `rooms`: each with the seq above which its rows are delivered here; `logs_after`: those of them whose network logs
    are delivered only above a later seq. `cursor`: every row up to it was delivered; it stands still while the
    connection is `live` and the broadcaster's position is its cursor. `connected`: CONNECT was sent, so that other
    messages may follow. `delivered` counts the logged events sent on this connection, `reads` its reads of
    history that are under way. `greeting` is what its `replay:done` says besides the replay. `link`: its WebSocket
    connection, None: it has none, or was written to by no other way yet.
    """

    sid: str
    eio_sid: str
    principal: Principal
    address: str
    tab: str | None
    since_ms: int
    greeting: Mapping[str, Any] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)
    logs_after: dict[str, int] = field(default_factory=dict)
    cursor: int = 0
    connected: bool = False
    live: bool = False
    delivered: int = 0
    last_event: str | None = None
    reads: int = 0
    link: Link | None = None

    def covered(self, log_class: LogClass) -> Mapping[str, int]:
        """Return its rooms, each with the seq above which its rows of a class are delivered here."""
        if log_class is LogClass.EVENTS or not self.logs_after:
            return self.rooms
        return {room: max(after, self.logs_after.get(room, 0)) for room, after in self.rooms.items()}

    def through(self, row: EventRow) -> tuple[str, ...]:
        """Return the rooms through which a row reaches it; none: the row is not due here."""
        # Of what a replay reads for many, most is in no room of this one.
        if self.rooms.keys().isdisjoint(row.rooms):
            return ()
        return reaching(self.principal, self.covered(class_of(row.name, row.rooms)), row)


class Connections:
    """All connections by sid, by room and by user."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Connection] = {}
        self._by_room: dict[str, dict[str, Connection]] = {}
        # The customers' rooms among them: asked for each sample.
        self._customer_rooms: set[str] = set()
        # Asked for each that comes in.
        self._of_subject: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_sid.values()))

    def add(self, connection: Connection) -> None:
        """Take a new connection in; it is in no room yet."""
        self._by_sid[connection.sid] = connection
        self._of_subject[connection.principal.subject] += 1

    def identify(self, connection: Connection, principal: Principal) -> None:
        """Note who a connection is now."""
        if connection.sid in self._by_sid:
            self._uncount(connection)
            self._of_subject[principal.subject] += 1
        connection.principal = principal

    def remove(self, connection: Connection) -> None:
        """Forget a connection and its rooms. Nothing happens when it is not there any more."""
        if self._by_sid.pop(connection.sid, None) is None:
            return
        self._uncount(connection)
        for room in list(connection.rooms):
            self.leave(connection, room)
        connection.connected = connection.live = False

    def get(self, sid: str) -> Connection | None:
        """Return the connection of that sid, None when there is none."""
        return self._by_sid.get(sid)

    def join(self, connection: Connection, room: str, *, after: int) -> None:
        """Put a connection into a room whose rows above seq `after` it is to get; in it already, above the lower."""
        connection.rooms[room] = min(after, connection.rooms.get(room, after))
        self._by_room.setdefault(room, {})[connection.sid] = connection
        if room.startswith(CUSTOMER_PREFIX):
            self._customer_rooms.add(room)

    def leave(self, connection: Connection, room: str) -> None:
        """Take a connection out of a room."""
        connection.rooms.pop(room, None)
        connection.logs_after.pop(room, None)
        members = self._by_room.get(room)
        if members is not None:
            members.pop(connection.sid, None)
            if not members:
                del self._by_room[room]
                self._customer_rooms.discard(room)

    def members(self, room: str) -> list[Connection]:
        """Return who is in a room."""
        return list(self._by_room.get(room, {}).values())

    def in_any(self, rooms: Iterable[str]) -> list[Connection]:
        """Return who is in at least one of `rooms`, each once."""
        found: dict[str, Connection] = {}
        for room in rooms:
            found.update(self._by_room.get(room, {}))
        return list(found.values())

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms that somebody is in."""
        return frozenset(self._by_room)

    def is_present(self, room: str) -> bool:
        """Return whether somebody is in a room."""
        return room in self._by_room

    def customers(self) -> list[int]:
        """Return the customers in whose rooms somebody is."""
        return [int(room.removeprefix(CUSTOMER_PREFIX)) for room in self._customer_rooms]

    def count(self, subject: str) -> int:
        """Return how many connections a principal's subject has."""
        return self._of_subject[subject]

    def anonymous_of(self, key: str) -> int:
        """Return how many anonymous connections an address (see `address_key`) has."""
        return sum(
            one.principal.role is Role.ANONYMOUS and address_key(one.address) == key for one in self._by_sid.values()
        )

    def has_user(self, user_id: int) -> bool:
        """Return whether a user of ours has a connection."""
        return any(connection.principal.user_id == user_id for connection in self._by_sid.values())

    def _uncount(self, connection: Connection) -> None:
        subject = connection.principal.subject
        self._of_subject[subject] -= 1
        if not self._of_subject[subject]:
            del self._of_subject[subject]
