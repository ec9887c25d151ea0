"""Whom of many one event reaches and as what they see it: decided once for each kind of recipient.

For one recipient alone `replay.reaching` and `rooms.sight` decide; what is decided here for many is the same.
"""

from collections.abc import Mapping
from typing import Final, Generic, TypeVar

from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import reaching
from noctule_hub.core.rooms import RoomKind, Sight, sight

Member = TypeVar("Member")

_Kind = tuple[tuple[str, ...], Role, int | None, int | None]
_USER: Final = f"{RoomKind.USER}:"
_CUSTOMER: Final = f"{RoomKind.CUSTOMER}:"


class Recipients(Generic[Member]):
    """Gathers those whom a row reaches. `groups`: by how they see it, each group in the order of offering.

    Of a principal the decision heeds the role, and who it is only where the row is told in rooms of users or customers.
    """

    def __init__(self, row: EventRow) -> None:
        self.groups: dict[Sight, list[Member]] = {}
        self._row = row
        self._heeds_user = any(room.startswith(_USER) for room in row.rooms)
        self._heeds_customer = any(room.startswith(_CUSTOMER) for room in row.rooms)
        self._of_kind: dict[_Kind, list[Member] | None] = {}

    def offer(self, member: Member, principal: Principal, covered_from: Mapping[str, int]) -> None:
        """Take a recipient in if the row is due to it; `covered_from` as for `reaching`."""
        seq = self._row.seq
        shared = [room for room in self._row.rooms if seq > covered_from.get(room, seq)]
        if not shared:
            return
        kind = (
            tuple(shared),
            principal.role,
            principal.user_id if self._heeds_user else None,
            principal.customer_id if self._heeds_customer else None,
        )
        try:
            group = self._of_kind[kind]
        except KeyError:
            group = self._of_kind[kind] = self._group(principal, covered_from)
        if group is not None:
            group.append(member)

    def _group(self, principal: Principal, covered_from: Mapping[str, int]) -> list[Member] | None:
        through = reaching(principal, covered_from, self._row)
        return self.groups.setdefault(sight(principal, through), []) if through else None
