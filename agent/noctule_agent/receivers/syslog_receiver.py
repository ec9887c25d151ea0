"""Receives syslog by UDP (RFC 5426) and TCP (RFC 6587); what a message says is left to `core.syslog`."""

import asyncio
import logging
import socket
from collections import Counter as Tally
from enum import StrEnum
from typing import Final

from noctule_shared.observations import LogSource

from noctule_agent.core.syslog import parse_syslog
from noctule_agent.core.syslog_stream import SyslogStream
from noctule_agent.receivers.intake import Drop, LogIntake
from noctule_agent.receivers.sockets import TCP_BACKLOG, DatagramListener, bound_socket, sender_address

MAX_CONNECTIONS: Final = 1_024
# A device that lost its connection opens another before the old one is known to be dead.
MAX_CONNECTIONS_OF_SENDER: Final = 8
# Devices keep a quiet connection for hours; a frame that has begun must end, or it is somebody who only holds on.
IDLE_TIMEOUT_S: Final = 3_600.0
FRAME_TIMEOUT_S: Final = 30.0

_log = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why a connection was refused or cut, or a frame shortened."""

    CONNECTION_LIMIT = "connection-limit"
    IDLE = "idle"
    SLOW_FRAME = "slow-frame"
    CUT_FRAME = "cut-frame"


class SyslogReceiver:
    """A UDP and a TCP port for syslog."""

    def __init__(
        self, intake: LogIntake, *, idle_timeout_s: float = IDLE_TIMEOUT_S, frame_timeout_s: float = FRAME_TIMEOUT_S
    ) -> None:
        self.datagrams: DatagramListener | None = None
        self.streams: StreamListener | None = None
        self._intake = intake
        self._idle_timeout_s = idle_timeout_s
        self._frame_timeout_s = frame_timeout_s

    async def open_datagrams(self, address: str, port: int) -> DatagramListener:
        """Listen on a UDP port, 0 for any. Raises OSError."""
        self.datagrams = DatagramListener(address, port, lambda octets, sender, _: take(self._intake, octets, sender))
        return self.datagrams

    async def open_streams(self, address: str, port: int) -> "StreamListener":
        """Listen on a TCP port, 0 for any. Raises OSError."""
        listener = StreamListener(self._intake, self._idle_timeout_s, self._frame_timeout_s)
        await listener.open(address, port)
        self.streams = listener
        return listener


def take(intake: LogIntake, octets: bytes, address: str) -> None:
    """Book one message, if it is admitted."""
    sender = intake.admit(LogSource.SYSLOG, address)
    if sender is not None:
        message = parse_syslog(octets)
        intake.book(LogSource.SYSLOG, sender, message.severity, message.facility, message.text)


class StreamListener:
    """A TCP port and its connections, which are counted per sender and in all."""

    def __init__(self, intake: LogIntake, idle_timeout_s: float, frame_timeout_s: float) -> None:
        self.intake = intake
        self.idle_timeout_s = idle_timeout_s
        self.frame_timeout_s = frame_timeout_s
        self.connections: set[_Connection] = set()
        self._of_sender: Tally[str] = Tally()
        self._server: asyncio.Server | None = None

    async def open(self, address: str, port: int) -> None:
        """Listen. Raises OSError."""
        sock = bound_socket(socket.SOCK_STREAM, address, port)
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Connection(self), sock=sock, backlog=TCP_BACKLOG)
        except BaseException:
            sock.close()
            raise

    @property
    def port(self) -> int:
        """The port that is bound. Raises RuntimeError before `open`."""
        if self._server is None:
            raise RuntimeError("the port is not open")
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening and cut all connections."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.cut(None)

    def enter(self, connection: "_Connection") -> str | None:
        """Count a new connection; return why it is refused, None when it is not."""
        address = connection.address
        if not self.intake.knows(address):
            self.intake.note_unknown(address)
            return Drop.UNKNOWN_SENDER
        if len(self.connections) >= MAX_CONNECTIONS or self._of_sender[address] >= MAX_CONNECTIONS_OF_SENDER:
            return Refusal.CONNECTION_LIMIT
        self.connections.add(connection)
        self._of_sender[address] += 1
        return None

    def leave(self, connection: "_Connection") -> None:
        """Forget a connection, whether or not it was let in."""
        if connection in self.connections:
            self.connections.remove(connection)
            self._of_sender[connection.address] -= 1
            if not self._of_sender[connection.address]:
                del self._of_sender[connection.address]


class _Connection(asyncio.Protocol):
    """One sender's connection. Nothing is ever written to it."""

    def __init__(self, listener: StreamListener) -> None:
        self.address = ""
        self._listener = listener
        self._stream = SyslogStream()
        self._cut_before = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waits_for_frame = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a TCP connection has a stream transport")
        self._transport = transport
        self.address = sender_address(transport.get_extra_info("peername")[0])
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        refusal = self._listener.enter(self)
        if refusal is not None:
            self.cut(refusal)
        else:
            self._start_timer(Refusal.IDLE, self._listener.idle_timeout_s)

    def data_received(self, data: bytes) -> None:
        self._take(data)
        # The time for a frame runs from its first octet: octets that trickle in do not prolong it.
        if not self._stream.partial:
            self._waits_for_frame = False
            self._start_timer(Refusal.IDLE, self._listener.idle_timeout_s)
        elif not self._waits_for_frame:
            self._waits_for_frame = True
            self._start_timer(Refusal.SLOW_FRAME, self._listener.frame_timeout_s)

    def eof_received(self) -> None:
        # Who closes without a newline has said all the same what he said.
        self._take(b"\n")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        if self._timer is not None:
            self._timer.cancel()
        self._listener.leave(self)

    def cut(self, reason: str | None) -> None:
        """End the connection now; `reason` None: nobody is to blame."""
        if reason is not None:
            self._listener.intake.drop(LogSource.SYSLOG, reason)
        if self._transport is not None:
            self._transport.abort()

    def _take(self, data: bytes) -> None:
        frames = self._stream.feed(data)
        if frames:
            self._waits_for_frame = False
        for frame in frames:
            take(self._listener.intake, frame, self.address)
        for _ in range(self._stream.cut - self._cut_before):
            self._listener.intake.drop(LogSource.SYSLOG, Refusal.CUT_FRAME)
        self._cut_before = self._stream.cut

    def _start_timer(self, reason: Refusal, after_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(after_s, self.cut, reason)
