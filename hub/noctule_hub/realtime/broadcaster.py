"""Committed rows to the connections that may see them, in order: fed by the log's tail and by nothing else.

Catching a connection up before it is live is left to `catchup`; writing to it to `fanout`.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from noctule_shared.events import EventName
from noctule_shared.times import iso_from_ms

from noctule_hub.core.log_budget import LogBudget
from noctule_hub.core.log_classes import LogClass, class_of
from noctule_hub.core.projection import project
from noctule_hub.core.recipients import Recipients
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import Sight
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.fanout import Fanout, Message, encode
from noctule_hub.realtime.pages import RecentRows
from noctule_hub.store.protocol import EventLog

log = logging.getLogger(__name__)

# After a failed read of the log. Nothing is lost meanwhile: the tail is taken up where it broke off.
RETRY_S: Final = 1.0
# What is sent in one turn of the loop leaves by one system call a client, as long as it is not more than `link` lets
# past a session's queue; and a storm of events keeps nobody else waiting for long.
ROWS_A_TURN: Final = 50
MAX_KEPT_MESSAGES: Final = 8_192
MAX_KEPT_BYTES: Final = 16 * 1024 * 1024


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
        self.messages = RowMessages()
        self.recent = RecentRows()
        self.position = 0
        self.tail_failed = 0
        self._rows_failed = 0

    @property
    def epoch(self) -> str:
        """The log's epoch."""
        return self._log.epoch

    @property
    def rows_failed(self) -> int:
        """How many rows were left out because they could not be built or handed out."""
        return self._rows_failed + self.messages.failed

    async def start(self) -> None:
        """Take the present head as the position. Call once, before the first connection."""
        self.position = await self._log.head()
        self.recent.begin(self.position)

    async def run(self) -> None:
        """Hand out every row above the position, for ever; returns by cancellation alone."""
        broken = False
        while True:
            try:
                async for rows in self._log.follow(self.position):
                    if broken:
                        broken = False
                        log.info("the log's tail is followed again from seq %d", self.position)
                    for start in range(0, len(rows), ROWS_A_TURN):
                        self.broadcast(rows[start : start + ROWS_A_TURN])
                        await asyncio.sleep(0)
            except Exception:
                self.tail_failed += 1
                if not broken:
                    broken = True
                    log.exception("the log's tail broke off at seq %d; trying each %.0f s", self.position, RETRY_S)
            await asyncio.sleep(RETRY_S)

    def broadcast(self, rows: Iterable[EventRow]) -> None:
        """Hand out rows in order. A row that cannot be handed out is logged, counted and left out for good."""
        for row in rows:
            try:
                self._broadcast_row(row)
            except Exception:
                self._rows_failed += 1
                log.exception("event seq %d (%s) could not be sent", row.seq, row.name)
            self.recent.add(row)
            self.position = row.seq

    def _broadcast_row(self, row: EventRow) -> None:
        rooms: Iterable[str] = row.rooms
        if class_of(row.name, row.rooms) is LogClass.LOGS:
            now_s = self._clock_s()
            heard = [room for room in row.rooms if self._connections.is_present(room)]
            rooms = [room for room in heard if self.log_budget.admits(room, row.seq, now_s)]
        recipients: Recipients[Connection] = Recipients(row)
        for connection in self._connections.in_any(rooms):
            if connection.live and row.seq > connection.cursor:
                recipients.offer(connection, connection.principal, connection.rooms)
        for seen_as, group in recipients.groups.items():
            message = self.messages.of(row, seen_as)
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


class RowMessages:
    """The messages of rows as they were built last: clients that come back together are told the same ones.

    Full (`MAX_KEPT_MESSAGES`, `MAX_KEPT_BYTES`): those that were asked for longest ago are built anew when somebody
    needs them. A row that cannot be built is logged, counted (`failed`) and left out, live and in every replay.
    """

    def __init__(self) -> None:
        self.kept_bytes = 0
        self.failed = 0
        self._kept: OrderedDict[tuple[int, Sight], Message | None] = OrderedDict()

    def of(self, row: EventRow, seen_as: Sight) -> Message | None:
        """Return what `message_of` does; a row's seq stands for all of it."""
        key = (row.seq, seen_as)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            message = message_of(row, seen_as)
        except Exception:
            self.failed += 1
            log.exception("event seq %d (%s) could not be built", row.seq, row.name)
            message = None
        self._kept[key] = message
        self.kept_bytes += _kept_bytes(message)
        while len(self._kept) > MAX_KEPT_MESSAGES or self.kept_bytes > MAX_KEPT_BYTES:
            self.kept_bytes -= _kept_bytes(self._kept.popitem(last=False)[1])
        return message


def _kept_bytes(message: Message | None) -> int:
    # The payload, its packet, its frame, and that one compressed, which is shorter.
    return 0 if message is None else 4 * len(message.payload)


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
