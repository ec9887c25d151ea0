"""Committed rows to the connections that may see them, in order: fed by the log's tail and by nothing else.

Catching a connection up before it is live is left to `catchup`; writing to it to `fanout`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from noctule_shared.events import EventName
from noctule_shared.times import iso_from_ms

from noctule_hub.core.log_budget import LogBudget
from noctule_hub.core.log_classes import LogClass, class_of
from noctule_hub.core.projection import project
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import reaching
from noctule_hub.core.rooms import Sight, sight
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.fanout import Fanout, Message, encode
from noctule_hub.store.protocol import EventLog

log = logging.getLogger(__name__)

# After a failed read of the log. Nothing is lost meanwhile: the tail is taken up where it broke off.
RETRY_S: Final = 1.0


class Broadcaster:
    """Follows the log. `position` is the seq of the last row that was handed out to the live connections."""

    def __init__(
        self,
        event_log: EventLog,
        connections: Connections,
        fanout: Fanout,
        *,
        log_budget: LogBudget | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log_budget = log_budget or LogBudget()
        self._clock_s = clock_s
        self._log = event_log
        self._connections = connections
        self._fanout = fanout
        self.position = 0
        self.rows_failed = 0
        self.tail_failed = 0

    @property
    def epoch(self) -> str:
        """The log's epoch."""
        return self._log.epoch

    async def start(self) -> None:
        """Take the present head as the position. Call once, before the first connection."""
        self.position = await self._log.head()

    async def run(self) -> None:
        """Hand out every row above the position, for ever; returns by cancellation alone."""
        broken = False
        while True:
            try:
                async for rows in self._log.follow(self.position):
                    if broken:
                        broken = False
                        log.info("the log's tail is followed again from seq %d", self.position)
                    self.broadcast(rows)
            except Exception:
                self.tail_failed += 1
                if not broken:
                    broken = True
                    log.exception("the log's tail broke off at seq %d; trying each %.0f s", self.position, RETRY_S)
            await asyncio.sleep(RETRY_S)

    def broadcast(self, rows: Iterable[EventRow]) -> None:
        """Hand out rows in order. A row that cannot be built is logged, counted and left out for good."""
        for row in rows:
            try:
                self._broadcast_row(row)
            except Exception:
                self.rows_failed += 1
                log.exception("event seq %d (%s) could not be sent", row.seq, row.name)
            self.position = row.seq

    def _broadcast_row(self, row: EventRow) -> None:
        rooms: Iterable[str] = row.rooms
        if class_of(row.name, row.rooms) is LogClass.LOGS:
            now_s = self._clock_s()
            heard = [room for room in row.rooms if self._connections.is_present(room)]
            rooms = [room for room in heard if self.log_budget.admits(room, row.seq, now_s)]
        recipients: dict[Sight, list[Connection]] = {}
        for connection in self._connections.in_any(rooms):
            if connection.live and row.seq > connection.cursor:
                through = reaching(connection.principal, connection.rooms, row)
                if through:
                    recipients.setdefault(sight(connection.principal, through), []).append(connection)
        for seen_as, group in recipients.items():
            message = message_of(row, seen_as)
            if message is not None:
                self._fanout.deliver(group, message)

    def tell_skipped(self, now_ms: int) -> None:
        """Tell rooms which network logs they were not sent, because there were too many of them."""
        for room, skipped in self.log_budget.take_skipped(self._connections.rooms).items():
            notice = {
                "timestamp": iso_from_ms(now_ms),
                "room": room,
                "count": skipped.count,
                "fromSeq": skipped.first,
                "toSeq": skipped.last,
            }
            members = [one for one in self._connections.members(room) if one.live]
            self._fanout.deliver(members, encode(EventName.LOGS_SKIPPED.value, notice))


def message_of(row: EventRow, seen_as: Sight) -> Message | None:
    """Return a committed row as it is received by those who see it so, None when they see nothing of such events."""
    payload = project(row.name, row.data, seen_as.audience, seen_as.customer_ids)
    if payload is None:
        return None
    payload["seq"] = row.seq
    payload["committedAt"] = iso_from_ms(row.committed_ms)
    if row.late:
        payload["late"] = True
    return encode(row.name.value, payload, logged=True)
