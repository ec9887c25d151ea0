"""One encoded message to many connections, in order, and the end for those that do not read.

Who the recipients are is left to the caller.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

import msgspec

from noctule_hub.realtime.connections import Connection
from noctule_hub.realtime.cuts import SlowReaders
from noctule_hub.realtime.sessions import Engine, Outgoing, text_packet

log = logging.getLogger(__name__)

# What may wait for one client. Past it the connection is cut; the client comes back and is caught up from the log.
MAX_QUEUED_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """An event with its payload, encoded once; `logged`: it is a row of the log and counts as delivered."""

    event: str
    payload: bytes
    logged: bool = False

    @cached_property
    def packet(self) -> Outgoing:
        """The packet of this message, the same for whoever gets it."""
        return text_packet(self.event, self.payload)


def encode(event: str, payload: Mapping[str, Any], *, logged: bool = False) -> Message:
    """Return the message for an event; NaN becomes null."""
    return Message(event, msgspec.json.encode(payload), logged=logged)


class Fanout(Protocol):
    """Delivery of one message to many."""

    def deliver(self, recipients: Iterable[Connection], message: Message) -> None:
        """Send `message` to each recipient at once, behind everything delivered to it before. Never waits."""
        ...


class EngineFanout:
    """Delivery to the engine's sessions. A client past `MAX_QUEUED_BYTES` is cut, and told when it is back."""

    def __init__(self, engine: Engine, slow_readers: SlowReaders, *, max_queued_bytes: int = MAX_QUEUED_BYTES) -> None:
        self._engine = engine
        self._slow_readers = slow_readers
        self._max_queued_bytes = max_queued_bytes
        self.sent = 0

    def deliver(self, recipients: Iterable[Connection], message: Message) -> None:
        """Send `message` to each recipient that is connected."""
        packet, logged, event, sent = message.packet, message.logged, message.event, 0
        plain = packet.frame
        for connection in recipients:
            if not connection.connected:
                continue
            link = connection.link
            if link is not None and link.open:
                link.push(plain if link.deflate is None else packet.frame_for(link))
            elif not self._send(connection, packet):
                continue
            sent += 1
            connection.last_event = event
            if logged:
                connection.delivered += 1
        self.sent += sent

    def _send(self, connection: Connection, packet: Outgoing) -> bool:
        """Send a packet the longer way, which may find the shorter one. False: the session is gone."""
        queued_bytes = self._engine.send(connection.eio_sid, packet)
        if queued_bytes is None:
            return False
        if queued_bytes > self._max_queued_bytes:
            self._cut_slow(connection, queued_bytes)
        elif connection.link is None:
            connection.link = self._engine.link(connection.eio_sid)
        return True

    def _cut_slow(self, connection: Connection, queued_bytes: int) -> None:
        self._slow_readers.note(connection, queued_bytes)
        # Nothing more is put before it from here on, so that its memory is free as soon as the session has ended.
        connection.connected = connection.live = False
        log.warning(
            "client %s of %s does not read: %d bytes wait; it is cut", connection.sid, connection.address, queued_bytes
        )
        self._engine.cut(connection.eio_sid)
