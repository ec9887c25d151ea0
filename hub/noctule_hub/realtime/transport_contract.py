"""What Noctule needs of python-engineio and its aiohttp driver beyond their public side: requests, bodies, sockets.

How frames reach a WebSocket past the session's queue is `link`'s, who may open a session `gate`'s; what is needed of
aiohttp's WebSocket itself is `websocket_contract`'s.
"""

import asyncio
import gzip
import logging
from collections.abc import Callable, Collection, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import engineio  # type: ignore[import-untyped]
from aiohttp import StreamReader, WebSocketError, WSCloseCode, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web import Request
from engineio.async_drivers import aiohttp as engine_driver  # type: ignore[import-untyped]
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]
from engineio.payload import Payload  # type: ignore[import-untyped]
from noctule_shared.errors import Refused

from noctule_hub.api.problems import refusal_response
from noctule_hub.config.sockets import Compression, SocketSettings
from noctule_hub.realtime.deflate import AUTO_LEAST_BYTES, ON_LEAST_BYTES
from noctule_hub.realtime.gate import Gate, Refusal
from noctule_hub.realtime.link import Cork, CountingQueue, Framed, Link
from noctule_hub.realtime.websocket_contract import HubWebSocket

log = logging.getLogger(__name__)

# A body that takes longer is a client that holds on to its connection and nothing else.
BODY_WITHIN_S: Final = 30.0
# engineio drops the whole POST above 16 packets and answers 200; a client that was offline sends more at once.
MAX_POST_PACKETS: Final = 2_048
# aiohttp's writer looks after so many bytes whether its connection takes them; its own default is four times that.
WRITER_LIMIT_BYTES: Final = 64 * 1024
# Answers to long-polling are made for one client each.
GZIP_LEVEL: Final = 1
# A client that opens a WebSocket beside its long-polling has so long to move there.
UPGRADE_WITHIN_S: Final = 20.0
# In a session's own dictionary: the hub ended it, what else it sends counts for nothing.
CUT_KEY: Final = "noctule.cut"
_PACKET_TYPES: Final = frozenset("0123456b")
_SEPARATOR: Final = "\x1e"


# What engineio raises for a packet that it cannot read: bad base64, JSON that is nested too deep, no type at all.
UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, RecursionError)


class WholeBody:
    """A POST's body that is read to its end; engineio's single `read` cuts what arrives in two segments."""

    def __init__(self, content: StreamReader, limit_bytes: int) -> None:
        self._content = content
        self._limit_bytes = limit_bytes

    async def read(self, length: int) -> bytes:
        """Return exactly `length` bytes, or a body of undeclared length whole.

        Raises `EngineIOError` (the session is refused) when it ends early, is too long, takes too long, or holds what
        is no packet: engineio would drop what follows and answer 200.
        """
        if length > self._limit_bytes:
            raise EngineIOError("the body is too long")
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await (self._content.readexactly(length) if length > 0 else self._undeclared())
        except asyncio.IncompleteReadError as error:
            raise EngineIOError("the body ended early") from error
        except TimeoutError as error:
            raise EngineIOError("the body takes too long") from error
        check_packets(body)
        return body

    async def _undeclared(self) -> bytes:
        body = bytearray()
        async for chunk in self._content.iter_any():
            body += chunk
            if len(body) > self._limit_bytes:
                raise EngineIOError("the body is too long")
        return bytes(body)


def check_packets(body: bytes) -> None:
    """Raise `EngineIOError` for a body that engineio would take in part or not at all and answer 200."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise EngineIOError("the body is no UTF-8") from error
    packets = text.split(_SEPARATOR)
    if len(packets) > MAX_POST_PACKETS:
        raise EngineIOError("the body holds too many packets")
    if any(not packet or packet[0] not in _PACKET_TYPES for packet in packets):
        raise EngineIOError("the body holds what is no packet")
    try:
        Payload(encoded_payload=text)
    except UNREADABLE as error:
        raise EngineIOError("the body holds a packet that cannot be read") from error


class LinkedWebSocket(engine_driver.WebSocket):  # type: ignore[misc]  # python-engineio has no types
    """engineio's WebSocket, which the session's queue knows as its link, and that counts.

    After an upgrade from long-polling, `environ` still names the polling request; aborting that one does nothing.
    """

    async def __call__(self, environ: Mapping[str, Any]) -> web.StreamResponse:
        """Run the session's WebSocket until it ends."""
        request: Request = environ["aiohttp.request"]
        session = self.handler.__self__
        if session.queue.link is not None:
            # Clients try once. Each further try would be a connection that no limit knows.
            return web.Response(status=400)
        self._sock = HubWebSocket(
            compression=self.server.noctule_settings().compression,
            limit_bytes=partial(self.server.noctule_gate.message_bytes, session.sid),
            writer_limit=WRITER_LIMIT_BYTES,
        )
        try:
            self._writer: AbstractStreamWriter = await self._sock.prepare(request)
        except ConnectionError:
            # The client is gone before it was answered. If it polls it goes on; else nobody would end its session.
            if not session.connected:
                await session.close(wait=False, abort=True)
            return web.Response(status=400)
        self._session = session
        self._link = session.queue.link = Link(request, self._sock, self.server.noctule_cork)
        self.environ = environ
        try:
            await self.handler(self)
        except UNREADABLE as error:
            # engineio would leave the session and its writer behind, and write a traceback for each.
            self.server.noctule_gate.refused[Refusal.FRAME] += 1
            log.info("session %s sent what is no packet (%s); it is cut", session.sid, type(error).__name__)
            self._link.abort()
            session.queue.put_nowait(None)
            await session.close(wait=False, abort=True)
        return self._sock

    async def send(self, message: str | bytes) -> None:
        """Send a packet. Raises `OSError` when the connection is at its end."""
        if not isinstance(message, Framed):
            await super().send(message)
            return
        # As aiohttp would, and without encoding or compressing for each client what is the same for all.
        if self._sock.closed or self._link.transport is None or self._link.transport.is_closing():
            raise ConnectionResetError("the connection is closing")
        self._link.transport.write(message.frame_for(self._link))
        await self._writer.drain()

    async def wait(self) -> str | bytes:
        """Return the next message. Raises `OSError` at the end, and when there are too many messages."""
        gate: Gate = self.server.noctule_gate
        loop = asyncio.get_running_loop()
        while True:
            # A session that is not upgraded pings on its other connection; this one it may not hold for nothing.
            message = await self._sock.receive(timeout=None if self._session.upgraded else UPGRADE_WITHIN_S)
            # Pings too: each costs an answer, and aiohttp would answer a burst of them before anybody else's turn.
            if not gate.may_send(self._session.sid, loop.time()):
                gate.refused[Refusal.MESSAGES] += 1
                self._link.abort()
                raise OSError("the client sends too many messages")
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    data: str | bytes = message.data
                    return data
                case WSMsgType.PING:
                    await self._sock.pong(message.data)
                case WSMsgType.PONG:
                    pass
                case WSMsgType.ERROR:
                    error = message.data
                    too_long = isinstance(error, WebSocketError) and error.code == WSCloseCode.MESSAGE_TOO_BIG
                    gate.refused[Refusal.MESSAGE_SIZE if too_long else Refusal.FRAME] += 1
                    raise OSError("the client sent what is too long, or no frame")
                case _:
                    raise OSError("the connection has ended")


class QueueingEngine(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio has no types
    """An engine whose sessions count what waits for them, and that cuts a session instead of waiting for it."""

    noctule_cork: Cork
    noctule_gate: Gate
    noctule_settings: Callable[[], SocketSettings]

    def create_queue(self, *_args: object, **_kwargs: object) -> CountingQueue:
        """Return the queue of a new session."""
        return CountingQueue()

    def translate_request(self, request: Request) -> dict[str, Any]:
        """Return the driver's environ with where the request comes from and a body that is read whole."""
        environ: dict[str, Any] = engine_driver.translate_request(request)
        environ["REMOTE_ADDR"] = request.remote or ""
        environ["HTTP_HOST"] = request.host
        environ["wsgi.input"] = WholeBody(
            request.content, self.noctule_gate.message_bytes(request.query.get("sid", ""))
        )
        return environ

    def _gzip(self, response: bytes) -> bytes:
        # engineio would take the slowest level, while everybody waits.
        return gzip.compress(response, GZIP_LEVEL, mtime=0)

    async def handle_request(self, request: Request) -> web.StreamResponse:
        """Answer a request; a new session only past the gate, and a POST with 200 only when all of it was taken."""
        compression = self.noctule_settings().compression
        self.http_compression = compression is not Compression.OFF
        self.compression_threshold = ON_LEAST_BYTES if compression is Compression.ON else AUTO_LEAST_BYTES
        eio_sid = request.query.get("sid")
        if eio_sid is None and request.method == "GET":
            try:
                self.noctule_gate.admit(request.remote or "", int(asyncio.get_running_loop().time() * 1000))
            except Refused as refusal:
                return refusal_response(refusal)
        session = self.sockets.get(eio_sid)
        response: web.StreamResponse = await super().handle_request(request)
        if request.method == "POST" and session is not None:
            if CUT_KEY in session.session:
                return web.Response(status=400, text='"the session was ended"')
            if response.status == HTTPStatus.BAD_REQUEST:
                self.noctule_gate.refused[Refusal.POST] += 1
        return response

    async def disconnect(self, sid: str | None = None) -> None:
        """Close one session, or all of them, at once."""
        # engineio would wait until the client has taken everything, which one that is gone never does.
        for eio_sid in list(self.sockets) if sid is None else [sid]:
            session = self.sockets.pop(eio_sid, None)
            if session is not None:
                await session.close(wait=False)


def is_allowed_origin(origin: str | None, environ: Mapping[str, Any], allowed: Collection[str]) -> bool:
    """Decide whether a page of `origin` may connect: the hub's own, one of `allowed`, or any when `*` is one of them.

    The scheme of our own origin is not compared: a reverse proxy ends TLS before us. None: no page at all.
    """
    if origin is None or "*" in allowed:
        return True
    origin = origin.lower()
    return origin in allowed or urlsplit(origin).netloc == str(environ.get("HTTP_HOST", "")).lower()
