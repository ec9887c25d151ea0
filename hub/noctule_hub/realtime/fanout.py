"""One encoded message to many connections, in order, and the end for those that do not read.

Who the recipients are is left to the caller.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from noctule_hub.realtime.connections import Connection
from noctule_hub.realtime.engine_contract import Engine, text_packet

log = logging.getLogger(__name__)

# What may wait for one client. Past it the connection is cut; the client comes back and is caught up from the log.
MAX_QUEUED_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """An event with its payload, encoded once; `logged`: it is a row of the log and counts as delivered."""

    event: str
    payload: bytes
    logged: bool = False


def encode(event: str, payload: Mapping[str, Any], *, logged: bool = False) -> Message:
    """Return the message for an event; NaN becomes null."""
    return Message(event, msgspec.json.encode(payload), logged=logged)


class Fanout(Protocol):
    """Delivery of one message to many; what a faster way of writing replaces."""

    def deliver(self, recipients: Iterable[Connection], message: Message) -> None:
        """Queue `message` for each recipient at once, behind everything delivered to it before. Never waits."""
        ...


class EngineFanout:
    """Delivery through the engine's queue of each session. A client past `MAX_QUEUED_BYTES` is cut and counted."""

    def __init__(self, engine: Engine, *, max_queued_bytes: int = MAX_QUEUED_BYTES) -> None:
        self._engine = engine
        self._max_queued_bytes = max_queued_bytes
        self.sent = 0
        self.slow_cut = 0

    def deliver(self, recipients: Iterable[Connection], message: Message) -> None:
        """Queue `message` for each recipient that is connected."""
        packet = text_packet(message.event, message.payload)
        for connection in recipients:
            if not connection.connected:
                continue
            queued_bytes = self._engine.send(connection.eio_sid, packet)
            if queued_bytes is None:
                continue
            self.sent += 1
            connection.delivered += message.logged
            connection.last_event = message.event
            if queued_bytes > self._max_queued_bytes:
                self._cut_slow(connection, queued_bytes)

    def _cut_slow(self, connection: Connection, queued_bytes: int) -> None:
        self.slow_cut += 1
        # Nothing more is put before it from here on, so that its memory is free as soon as the session has ended.
        connection.connected = connection.live = False
        log.warning(
            "client %s of %s does not read: %d bytes wait; it is cut", connection.sid, connection.address, queued_bytes
        )
        self._engine.cut(connection.eio_sid)
