"""Committed rows to the connections that may see them, in order: fed by the log's tail and by nothing else.

Catching a connection up before it is live is left to `catchup`; writing to it to `fanout`.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from noctule_shared.times import iso_from_ms

from noctule_hub.core.projection import project
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import reaches
from noctule_hub.core.rooms import Audience
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.fanout import Fanout, Message, encode
from noctule_hub.store.protocol import EventLog

log = logging.getLogger(__name__)

# After a failed read of the log. Nothing is lost meanwhile: the tail is taken up where it broke off.
RETRY_S: Final = 1.0


class Broadcaster:
    """Follows the log. `position` is the seq of the last row that was handed out to the live connections."""

    def __init__(self, event_log: EventLog, connections: Connections, fanout: Fanout) -> None:
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
        recipients: dict[Audience, list[Connection]] = {}
        for connection in self._connections.in_any(row.rooms):
            if connection.live and row.seq > connection.cursor and reaches(connection.principal, connection.rooms, row):
                recipients.setdefault(connection.audience, []).append(connection)
        for audience, group in recipients.items():
            message = message_of(row, audience)
            if message is not None:
                self._fanout.deliver(group, message)


def message_of(row: EventRow, audience: Audience) -> Message | None:
    """Return a committed row as one audience receives it, None when it sees nothing of such events."""
    payload = project(row.name, row.data, audience)
    if payload is None:
        return None
    payload["seq"] = row.seq
    payload["committedAt"] = iso_from_ms(row.committed_ms)
    if row.late:
        payload["late"] = True
    return encode(row.name.value, payload, logged=True)
