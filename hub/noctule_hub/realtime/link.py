"""What waits for one session, and the shortest way to it: a WebSocket frame built once, written to many connections.

The frame passes the session's queue and its writer by. That is allowed only while nothing is on its way through them;
everything leaves in the order in which it was sent.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from aiohttp.web import Request

from noctule_hub.realtime.deflate import Deflater
from noctule_hub.realtime.websocket_contract import HubWebSocket

# A connection whose buffer holds more is written to by the library's own path, which waits for it. Below aiohttp's mark
# of 64 KiB, at which it pauses a writer.
DIRECT_AHEAD_BYTES: Final = 32 * 1024
TEXT_OPCODE: Final = 0x1
BINARY_OPCODE: Final = 0x2
_FIN: Final = 0x80
_DEFLATED: Final = 0x40
_MAX_LEN_7_BITS: Final = 126
_MAX_LEN_16_BITS: Final = 1 << 16


def frame_of(data: str | bytes) -> bytes:
    """Return an encoded Engine.IO packet as one unmasked WebSocket frame (RFC 6455, section 5.2)."""
    if isinstance(data, str):
        return _framed(_FIN | TEXT_OPCODE, data.encode())
    return _framed(_FIN | BINARY_OPCODE, data)


def deflated_frame_of(text: str, deflater: Deflater) -> bytes:
    """Return a packet of text as a compressed frame (RFC 7692, section 6), the plain one where that is no longer."""
    message = text.encode()
    payload = deflater.deflate(message)
    return _framed(_FIN | _DEFLATED | TEXT_OPCODE, payload) if len(payload) < len(message) else frame_of(text)


def _framed(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < _MAX_LEN_7_BITS:
        head = bytes((first, length))
    elif length < _MAX_LEN_16_BITS:
        head = bytes((first, 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + length.to_bytes(8, "big")
    return head + payload


class Framed(str):
    """An encoded packet that can say which frame it is for a link: it has been built already, most often."""

    __slots__ = ("frame_for",)

    frame_for: "Callable[[Link], bytes]"


class Cork:
    """Holds back what is written to links until the present turn of the loop ends, and writes each link's at once.

    A tick is several messages to each client and a burst of events is many: so they cost one system call a client.
    """

    __slots__ = ("_links",)

    def __init__(self) -> None:
        self._links: list[Link] = []

    def hold(self, link: "Link") -> None:
        """Remember a link that has something pending; what is queued after that leaves after it."""
        if not self._links:
            # Before the wake-up of any session's writer that is scheduled from here on.
            asyncio.get_running_loop().call_soon(self._flush)
        self._links.append(link)

    def _flush(self) -> None:
        links, self._links = self._links, []
        for link in links:
            link.flush()


class Link:
    """A session's WebSocket connection; `deflate` None: its client gets every message plain.

    `open`: all that `write` looks at was found well and nothing was queued since, so the next frame may be `push`ed.
    With a thousand clients each object that a delivery looks at is one that the processor's cache does not hold.
    """

    __slots__ = ("_cork", "deflate", "open", "pending", "pending_bytes", "response", "transport")

    def __init__(self, request: Request, response: HubWebSocket, cork: Cork) -> None:
        # Not asked by type: uvloop's transports do not derive from asyncio's. None: it is lost already.
        self.transport: Any = request.transport
        self.response = response
        self.deflate = response.deflate
        self.open = False
        self.pending: list[bytes] = []
        self.pending_bytes = 0
        self._cork = cork

    @property
    def buffered_bytes(self) -> int:
        """The bytes that the kernel has not taken yet."""
        return self.pending_bytes + (0 if self.transport is None else int(self.transport.get_write_buffer_size()))

    def write(self, frame: bytes) -> bool:
        """Write a frame in this turn of the loop. False: it is to go through the queue; nothing was done.

        Only while nothing is on its way through the queue; whoever queues a packet closes the link.
        """
        if self.pending:
            if self.pending_bytes > DIRECT_AHEAD_BYTES:
                return False
        elif (
            self.transport is None
            or self.transport.get_write_buffer_size() > DIRECT_AHEAD_BYTES
            or self.transport.is_closing()
            or self.response.closed
        ):
            return False
        self.open = True
        self.push(frame)
        return True

    def push(self, frame: bytes) -> None:
        """Write a frame in this turn of the loop; only while the link is `open`."""
        if not self.pending:
            self._cork.hold(self)
        self.pending.append(frame)
        self.pending_bytes += len(frame)
        if self.pending_bytes > DIRECT_AHEAD_BYTES:
            self.open = False

    def flush(self) -> None:
        """Hand what is pending to the connection, in one piece."""
        frames = self.pending
        self.pending, self.pending_bytes = [], 0
        transport = self.transport
        # Not after the closing frame. What is lost with a connection is replayed on the next.
        if self.response.closed or transport.is_closing():
            self.open = False
            return
        transport.write(frames[0] if len(frames) == 1 else b"".join(frames))
        if transport.get_write_buffer_size() > DIRECT_AHEAD_BYTES:
            self.open = False

    def abort(self) -> None:
        """Break the connection without waiting for anything."""
        self.open = False
        if self.transport is not None:
            self.transport.abort()


class CountingQueue(asyncio.Queue[Any]):
    """A session's outgoing packets. `size_bytes` are those not handed over yet, so that a slow reader is seen.

    What its one reader took counts until it asks for more: only then has it handed that over. `idle` is set while the
    reader waits and so nothing is on its way. `link` None: the session is no WebSocket, or not yet.
    """

    size_bytes: int = 0
    link: Link | None = None
    _taken_bytes: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.idle = asyncio.Event()

    async def get(self) -> Any:  # noqa: ANN401  asyncio.Queue's own type
        """Return the next packet; everything that was taken before counts as handed over."""
        self.size_bytes -= self._taken_bytes
        self._taken_bytes = 0
        if self.empty():
            self.idle.set()
        try:
            return await super().get()
        finally:
            # Also when the reader gives up.
            self._busy()

    def _put(self, item: Any) -> None:  # noqa: ANN401  asyncio.Queue's own type
        super()._put(item)
        self.size_bytes += _packet_bytes(item)
        # Not only when the reader wakes: it does so a turn of the loop later.
        self._busy()

    def _busy(self) -> None:
        self.idle.clear()
        if self.link is not None:
            self.link.open = False

    def _get(self) -> Any:  # noqa: ANN401  asyncio.Queue's own type
        item = super()._get()
        self._taken_bytes += _packet_bytes(item)
        return item


def _packet_bytes(packet: object) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0
