"""Measurements of one tick merged to the latest per object and room, in messages of bounded size.

When a tick is, who is in a room and how a message is sent is left to `realtime.ticker`.
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import msgspec
from noctule_shared.updates import BandwidthItem, LatencyItem

MAX_MESSAGE_BYTES: Final = 64_000
# Room for the event's name, timestamp and `more` around the items.
ENVELOPE_BYTES: Final = 512
MAX_PENDING_PER_ROOM: Final = 100_000
BANDWIDTH_ROOM_ITEMS: Final = 200

Item = TypeVar("Item", LatencyItem, BandwidthItem)


@dataclass(frozen=True, slots=True)
class RoomBatch(Generic[Item]):
    """What one room gets in one tick; `more`: the rest comes with the next one."""

    room: str
    items: list[Item]
    more: bool


def latency_key(item: LatencyItem) -> Hashable:
    """Return what a newer item replaces: the device's latest round of the same source."""
    return item.device_id, item.source


def bandwidth_key(item: BandwidthItem) -> Hashable:
    """Return what a newer item replaces: the interface's, or the device total's, latest rates."""
    return item.device_id, item.interface_id


def latency_rooms(item: LatencyItem, site_id: int | None, customer_ids: Iterable[int] = ()) -> tuple[str, ...]:
    """Return the rooms that hear of a device's latency. `site_id` None: the device is at no known site."""
    rooms = ["devices", f"device:{item.device_id}"]
    if site_id is not None:
        rooms.append(f"site:{site_id}")
    rooms.extend(f"customer:{customer_id}" for customer_id in customer_ids)
    return tuple(rooms)


def bandwidth_rooms(
    device_id: int, interface_id: int | None, site_id: int | None, customer_ids: Iterable[int] = ()
) -> tuple[str, ...]:
    """Return the rooms that hear of an interface's rates, or of a device's total, which goes to more of them."""
    rooms = [f"device:{device_id}"]
    if interface_id is None:
        rooms.append("bandwidth")
        if site_id is not None:
            rooms.append(f"site:{site_id}")
    rooms.extend(f"customer:{customer_id}" for customer_id in customer_ids)
    return tuple(rooms)


@dataclass(slots=True)
class RoomMerge(Generic[Item]):
    """The items that wait for the next tick, per room; the latest of a key wins and keeps the place of the first.

    Full (`MAX_PENDING_PER_ROOM` keys in one room): items of further keys are dropped and counted in `dropped`; what is
    remembered as sent is forgotten at the same number.
    """

    key: Callable[[Item], Hashable]
    dropped: int = 0
    _pending: dict[str, dict[Hashable, Item]] = field(default_factory=dict)
    _sent: dict[Hashable, Item] = field(default_factory=dict)

    def offer(self, item: Item, rooms: Iterable[str]) -> None:
        """Put an item in front of every room in `rooms`."""
        key = self.key(item)
        for room in rooms:
            waiting = self._pending.setdefault(room, {})
            if key not in waiting and len(waiting) >= MAX_PENDING_PER_ROOM:
                self.dropped += 1
            else:
                waiting[key] = item

    def take(self, present: Collection[str], *, only: Collection[str] | None = None) -> list[RoomBatch[Item]]:
        """Return one batch for every room that has something waiting and is `present`; forget the other rooms'.

        `only` names the rooms whose turn it is, None: it is everybody's. What waits for others stays.
        """
        batches: list[RoomBatch[Item]] = []
        left: dict[str, dict[Hashable, Item]] = {}
        for room, waiting in self._pending.items():
            if room not in present:
                continue
            if only is not None and room not in only:
                left[room] = waiting
                continue
            keys = list(waiting)
            if room == "bandwidth" and len(keys) > BANDWIDTH_ROOM_ITEMS:
                keys = most_telling(waiting, self._sent, BANDWIDTH_ROOM_ITEMS)
            items = _fitting([waiting[key] for key in keys])
            for item in items:
                key = self.key(item)
                del waiting[key]
                if room == "bandwidth":
                    self._sent[key] = item
            if waiting:
                left[room] = waiting
            batches.append(RoomBatch(room, items, bool(waiting)))
        if "bandwidth" not in present or len(self._sent) > MAX_PENDING_PER_ROOM:
            self._sent.clear()
        self._pending = left
        return batches


def most_telling(waiting: dict[Hashable, Item], sent: dict[Hashable, Item], limit: int) -> list[Hashable]:
    """Return up to `limit` keys: half by the busiest, the rest by the largest change since they were last sent."""
    by_rate = sorted(waiting, key=lambda key: _busiest_bps(waiting[key]), reverse=True)
    chosen = by_rate[: limit // 2]
    rest = sorted(
        by_rate[limit // 2 :],
        key=lambda key: abs(_busiest_bps(waiting[key]) - (_busiest_bps(sent[key]) if key in sent else 0.0)),
        reverse=True,
    )
    return chosen + rest[: limit - len(chosen)]


def _busiest_bps(item: LatencyItem | BandwidthItem) -> float:
    if isinstance(item, LatencyItem):
        return 0.0
    return max(item.in_bps or 0.0, item.out_bps or 0.0)


def _fitting(items: list[Item]) -> list[Item]:
    """Return the first items that fit into one message; always at least one, items are small."""
    room_bytes = MAX_MESSAGE_BYTES - ENVELOPE_BYTES
    for count, item in enumerate(items):
        room_bytes -= len(msgspec.json.encode(item)) + 1
        if room_bytes < 0:
            return items[: max(count, 1)]
    return items
