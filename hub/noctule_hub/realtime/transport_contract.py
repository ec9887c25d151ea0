"""What Noctule needs of python-engineio and its aiohttp driver beyond their public side: bodies, queues, the socket."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import engineio  # type: ignore[import-untyped]
from aiohttp import StreamReader, web
from aiohttp.web import Request
from engineio.async_drivers import aiohttp as engine_driver  # type: ignore[import-untyped]
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]

# A body that takes longer is a client that holds on to its connection and nothing else.
BODY_WITHIN_S: Final = 30.0
# The largest message from outside: an agent's frame is <= 256 kB, and base64 over long-polling adds a third.
MAX_MESSAGE_BYTES: Final = 512 * 1024
LINK_KEY: Final = "noctule.websocket_request"


class CountingQueue(asyncio.Queue[Any]):
    """A session's outgoing packets, with the size of what waits, so that a slow reader is seen."""

    size_bytes: int = 0

    def _put(self, item: Any) -> None:  # noqa: ANN401  asyncio.Queue's own type
        super()._put(item)
        self.size_bytes += _packet_bytes(item)

    def _get(self) -> Any:  # noqa: ANN401  asyncio.Queue's own type
        item = super()._get()
        self.size_bytes -= _packet_bytes(item)
        return item


def _packet_bytes(packet: object) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class WholeBody:
    """A POST's body that is read to its end; engineio's single `read` cuts what arrives in two segments."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content

    async def read(self, length: int) -> bytes:
        """Return exactly `length` bytes, or a body of undeclared length whole.

        Raises `EngineIOError` (the session is refused) when it ends early, is too long, or takes too long.
        """
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                return await (self._content.readexactly(length) if length > 0 else self._undeclared())
        except asyncio.IncompleteReadError as error:
            raise EngineIOError("the body ended early") from error
        except TimeoutError as error:
            raise EngineIOError("the body takes too long") from error

    async def _undeclared(self) -> bytes:
        body = bytearray()
        async for chunk in self._content.iter_any():
            body += chunk
            if len(body) > MAX_MESSAGE_BYTES:
                raise EngineIOError("the body is too long")
        return bytes(body)


class LinkedWebSocket(engine_driver.WebSocket):  # type: ignore[misc]  # python-engineio has no types
    """engineio's WebSocket, which lets the session know the connection it runs on, and whose compression is set.

    After an upgrade from long-polling, `environ` still names the polling request; aborting that one does nothing.
    """

    async def __call__(self, environ: Mapping[str, Any]) -> web.WebSocketResponse:
        """Run the session's WebSocket until it ends."""
        request: Request = environ["aiohttp.request"]
        self.handler.__self__.session[LINK_KEY] = request
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=self.server.noctule_compression
        )
        await self._sock.prepare(request)
        self.environ = environ
        await self.handler(self)
        return self._sock


class QueueingEngine(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio has no types
    """An engine whose sessions count what waits for them, and that cuts a session instead of waiting for it."""

    noctule_compression: bool = False

    def create_queue(self, *_args: object, **_kwargs: object) -> CountingQueue:
        """Return the queue of a new session."""
        return CountingQueue()

    async def disconnect(self, sid: str | None = None) -> None:
        """Close one session, or all of them, at once."""
        # engineio would wait until the client has taken everything, which one that is gone never does.
        for eio_sid in list(self.sockets) if sid is None else [sid]:
            session = self.sockets.pop(eio_sid, None)
            if session is not None:
                await session.close(wait=False)


def translate_request(request: Request) -> dict[str, Any]:
    """Return the driver's environ with where the request comes from and a body that is read whole."""
    environ: dict[str, Any] = engine_driver.translate_request(request)
    environ["REMOTE_ADDR"] = request.remote or ""
    environ["HTTP_HOST"] = request.host
    environ["wsgi.input"] = WholeBody(request.content)
    return environ


def is_allowed_origin(origin: str | None, environ: Mapping[str, Any], allowed: Collection[str]) -> bool:
    """Decide whether a page of `origin` may connect: the hub's own, one of `allowed`, or any when `*` is one of them.

    The scheme of our own origin is not compared: a reverse proxy ends TLS before us. None: no page at all.
    """
    if origin is None or "*" in allowed:
        return True
    origin = origin.lower()
    return origin in allowed or urlsplit(origin).netloc == str(environ.get("HTTP_HOST", "")).lower()
