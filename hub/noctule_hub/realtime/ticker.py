"""Measurements to rooms once a tick, oftener to those in focus: merged, and the latest of each object is sent.

Merging and its bounds are `core.merge`'s, what an audience sees is `core.projection`'s; the clock is the caller's.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from noctule_shared.events import EventName
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem, BandwidthUpdate, LatencyItem, LatencyUpdate, StatsUpdate

from noctule_hub.core.merge import RoomMerge, bandwidth_key, bandwidth_rooms, latency_key, latency_rooms
from noctule_hub.core.projection import project
from noctule_hub.core.rooms import Allowed, Sight, may_join, sight
from noctule_hub.core.tenancy import NOBODY, Tenancy
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.fanout import Fanout, encode

TICK_S: Final = 1.0
# Rooms of devices in focus, which are measured each second and looked at by somebody who waits.
FOCUS_TICK_S: Final = 0.25
STATS_INTERVAL_MS: Final = 5_000
STATS_ROOM: Final = "stats"

# The site of a device, None when it has none or is not known.
SiteOf = Callable[[int], int | None]


class Ticker:
    """What waits for the next tick, and the tick. All methods belong to the event loop's thread."""

    def __init__(self, connections: Connections, fanout: Fanout, stats: Callable[[], StatsUpdate] | None) -> None:
        self._connections = connections
        self._fanout = fanout
        self._stats = stats
        self._latency: RoomMerge[LatencyItem] = RoomMerge(latency_key)
        self._bandwidth: RoomMerge[BandwidthItem] = RoomMerge(bandwidth_key)
        self._stats_sent_ms: int | None = None
        self._counts_sent: tuple[object, ...] | None = None

    @property
    def dropped(self) -> int:
        """Items dropped because too many objects waited in one room."""
        return self._latency.dropped + self._bandwidth.dropped

    def offer_latency(self, items: Iterable[LatencyItem], site_of: SiteOf, tenancy: Tenancy = NOBODY) -> None:
        """Put devices' latest rounds in front of the rooms that somebody is in."""
        tenancy = tenancy if self.customers() else NOBODY
        for item in items:
            rooms = latency_rooms(item, site_of(item.device_id), tenancy.of_latency(item.device_id))
            self._latency.offer(item, filter(self._connections.is_present, rooms))

    def offer_bandwidth(self, items: Iterable[BandwidthItem], site_of: SiteOf, tenancy: Tenancy = NOBODY) -> None:
        """Put interfaces' and devices' latest rates in front of the rooms that somebody is in."""
        tenancy = tenancy if self.customers() else NOBODY
        for item in items:
            customer_ids = tenancy.of_rates(item.device_id, item.interface_id)
            rooms = bandwidth_rooms(item.device_id, item.interface_id, site_of(item.device_id), customer_ids)
            self._bandwidth.offer(item, filter(self._connections.is_present, rooms))

    def customers(self) -> list[int]:
        """Return the customers in whose rooms somebody is; while nobody is, customers cost nothing."""
        return self._connections.customers()

    def hears_interfaces(self, device_id: int) -> bool:
        """Return whether somebody is in the room that hears of a device's interfaces."""
        return self._connections.is_present(f"device:{device_id}")

    def hears_total(self, device_id: int, site_id: int | None) -> bool:
        """Return whether somebody is in a room that hears of a device's total."""
        return any(map(self._connections.is_present, bandwidth_rooms(device_id, None, site_id)))

    def tick(self, now_ms: int) -> None:
        """Send everything that waits, each room's in one message, and the stats when they are due or changed."""
        self._send_waiting(now_ms, None)
        if self._stats is not None and self._connections.is_present(STATS_ROOM):
            stats = self._stats()
            # A clock that was set back must not silence them until it is where it was.
            due = self._stats_sent_ms is None or not 0 <= now_ms - self._stats_sent_ms < STATS_INTERVAL_MS
            if due or _counts(stats) != self._counts_sent:
                self.send_stats(stats, now_ms)

    def tick_rooms(self, now_ms: int, rooms: Collection[str]) -> None:
        """Send what waits for these rooms between two ticks."""
        self._send_waiting(now_ms, rooms)

    def _send_waiting(self, now_ms: int, only: Collection[str] | None) -> None:
        timestamp, present = iso_from_ms(now_ms), self._connections.rooms
        for latencies in self._latency.take(present, only=only):
            latency = LatencyUpdate(timestamp, latencies.items, latencies.more)
            self.send(EventName.LATENCY_UPDATE, (latencies.room,), msgspec.to_builtins(latency))
        for rates in self._bandwidth.take(present, only=only):
            bandwidth = BandwidthUpdate(timestamp, rates.items, rates.more)
            self.send(EventName.BANDWIDTH_UPDATE, (rates.room,), msgspec.to_builtins(bandwidth))

    def send_stats(self, stats: StatsUpdate, now_ms: int) -> None:
        """Send `stats:update` at once."""
        self._stats_sent_ms, self._counts_sent = now_ms, _counts(stats)
        self.send(EventName.STATS_UPDATE, (STATS_ROOM,), msgspec.to_builtins(stats))

    def send(self, name: EventName, rooms: Sequence[str], payload: Mapping[str, Any]) -> None:
        """Send one message at once to everybody in `rooms`, each client once, projected for its audience."""
        groups: dict[Sight, list[Connection]] = {}
        for connection in self._connections.in_any(rooms):
            shared = [room for room in rooms if room in connection.rooms]
            if any(isinstance(may_join(connection.principal, room), Allowed) for room in shared):
                groups.setdefault(sight(connection.principal, shared), []).append(connection)
        for seen_as, group in groups.items():
            seen = project(name, payload, seen_as.audience, seen_as.customer_ids)
            if seen is not None:
                self._fanout.deliver(group, encode(name.value, seen))


def _counts(stats: StatsUpdate) -> tuple[object, ...]:
    """Return what counts as a change; rates move all the time and wait for the interval."""
    return stats.devices, stats.alerts, stats.agents, stats.clients, stats.payments
