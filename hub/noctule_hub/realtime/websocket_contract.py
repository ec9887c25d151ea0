"""What Noctule needs of aiohttp's WebSocket beyond its public side: compression of its own, and bounds that change.

Each work-around has a contract test that fails when an upgrade moves the ground.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import WebSocketError, WSCloseCode, hdrs, web
from aiohttp._websocket.reader_py import WebSocketDataQueue, WebSocketReader
from aiohttp.http import WebSocketWriter
from aiohttp.web import BaseRequest
from multidict import CIMultiDict

from noctule_hub.config.sockets import Compression
from noctule_hub.realtime.deflate import Deflate, agree

# A client that is more messages ahead of us is read no further; aiohttp's own default.
READ_AHEAD_BYTES: Final = 64 * 1024
# Whoever sends a message in pieces sends some kilobytes in each. Empty ones cost no memory, but the loop's time.
MAX_PIECES: Final = 1_024
_LAST_DATA_OPCODE: Final = 0x2


class BoundedReader(WebSocketReader):
    """Reads frames; a message may be as long as `limit_bytes` says at that moment, inflated and unfinished ones too.

    aiohttp's own takes one limit for the whole life of a connection, which begins before anybody has signed in, and
    keeps what a client's messages were inflated with: 40 KiB a client. Ours agreed to take nothing over.
    """

    def __init__(self, queue: WebSocketDataQueue, limit_bytes: Callable[[], int], *, inflates: bool) -> None:
        super().__init__(queue, limit_bytes(), inflates, decode_text=True)
        self._limit_bytes = limit_bytes
        self._pieces = 0

    def feed_data(self, data: bytes | bytearray | memoryview) -> tuple[bool, bytes]:
        """Take what arrived."""
        self._max_msg_size = self._limit_bytes()
        ended, rest = super().feed_data(data)
        if self._exc is not None:
            # Its frames hold this reader and what it read, in a circle that would be there until the next collection.
            self._exc.__traceback__ = None
            self._partial.clear()
            self._payload_fragments.clear()
            self._payload_buffer.clear()
            self._tail = b""
        return ended, rest

    def _handle_frame(self, fin: bool, opcode: int, payload: bytes | bytearray, compressed: int) -> None:  # noqa: FBT001  the parent's parameters
        if opcode <= _LAST_DATA_OPCODE:
            self._pieces = 0 if fin else self._pieces + 1
            if self._pieces > MAX_PIECES:
                raise WebSocketError(WSCloseCode.MESSAGE_TOO_BIG, f"a message of more than {MAX_PIECES} pieces")
        super()._handle_frame(fin, opcode, payload, compressed)
        self._decompressobj = None


class HubWebSocket(web.WebSocketResponse):
    """A WebSocket that inflates what its client compresses, and compresses nothing by itself: `deflate` is for others.

    `deflate` None: the client does not compress, or is not to.
    """

    deflate: Deflate | None = None

    def __init__(self, *, compression: Compression, limit_bytes: Callable[[], int], writer_limit: int) -> None:
        super().__init__(autoping=False, compress=False, writer_limit=writer_limit)
        self._agrees = compression
        self._limit_bytes = limit_bytes

    def _handshake(self, request: BaseRequest) -> tuple[CIMultiDict[str], str | None, int, bool]:
        headers, protocol, window_bits, notakeover = super()._handshake(request)
        offers = request.headers.getall(hdrs.SEC_WEBSOCKET_EXTENSIONS, ())
        self.deflate = agree(", ".join(offers), self._agrees)
        if self.deflate is not None:
            headers[hdrs.SEC_WEBSOCKET_EXTENSIONS] = self.deflate.answer
        return headers, protocol, window_bits, notakeover

    def _post_start(self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter) -> None:
        self._ws_protocol, self._writer = protocol, writer
        self._reader = WebSocketDataQueue(request.protocol, READ_AHEAD_BYTES, loop=asyncio.get_running_loop())
        self._parser = BoundedReader(self._reader, self._limit_bytes, inflates=self.deflate is not None)
        request.protocol.set_parser(self._parser)
        request.protocol.keep_alive(val=False)
