"""What Noctule needs of python-socketio beyond its public side; of python-engineio, see `transport_contract`.

Each work-around has a contract test that fails when an upgrade moves the ground. What is sent to whom is others'.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import socketio  # type: ignore[import-untyped]
from aiohttp.web import Request
from engineio import packet as engine_packet  # type: ignore[import-untyped]
from engineio.payload import Payload  # type: ignore[import-untyped]
from socketio import packet as socket_packet

from noctule_hub.realtime.transport_contract import (
    LINK_KEY,
    MAX_MESSAGE_BYTES,
    CountingQueue,
    LinkedWebSocket,
    QueueingEngine,
    is_allowed_origin,
    translate_request,
)

log = logging.getLogger(__name__)
# python-socketio writes whole packets, tokens too, at INFO, and adds a handler of its own to its default logger.
_engine_log = logging.getLogger(f"{__name__}.engine")
_engine_log.setLevel(logging.ERROR)

# engineio drops the whole POST above 16 packets and answers 200; a client that was offline sends more at once.
MAX_POST_PACKETS: Final = 2_048
# An agent's frame is one attachment; browsers send none.
MAX_ATTACHMENTS: Final = 4
# A session that never said CONNECT is cut after this time; engineio itself keeps it for ever.
CONNECT_WITHIN_S: Final = 20.0


@dataclass(slots=True)
class EngineCounters:
    """What the engine refused, since the start."""

    malformed: int = 0
    reserved_events: int = 0
    never_connected: int = 0
    handlers_failed: int = 0


class LateAck:
    """Returned by a handler whose answer takes longer: the receive loop goes on, the ack is sent when it is there.

    Without it a handler that awaits keeps the client's pongs waiting, and the client is taken for dead.
    """

    __slots__ = ("answer",)

    def __init__(self, answer: asyncio.Future[Mapping[str, Any]]) -> None:
        self.answer = answer


class CappedPacket(socket_packet.Packet):  # type: ignore[misc]  # python-socketio has no types
    """A packet with a bounded number of attachments; python-socketio would wait for, and keep, any number."""

    def decode(self, encoded_packet: str) -> int:
        """Return the number of attachments that follow. Raises `ValueError` when there are too many."""
        count: int = super().decode(encoded_packet) or 0
        if count > MAX_ATTACHMENTS:
            raise ValueError(f"more than {MAX_ATTACHMENTS} attachments")
        return count


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    """python-socketio's server with the work-arounds in place; handlers of a client run in the order of its calls."""

    def __init__(self, *, allowed_origins: Collection[str], compression: bool, ping_interval_s: float) -> None:
        self.allowed_origins = allowed_origins
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            cors_allowed_origins=lambda origin, environ: is_allowed_origin(origin, environ, self.allowed_origins),
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=ping_interval_s,
            serializer=CappedPacket,
            logger=_engine_log,
            engineio_logger=_engine_log,
        )
        Payload.max_decode_packets = MAX_POST_PACKETS
        self.eio.noctule_compression = compression
        self.eio._async = {  # noqa: SLF001  engineio offers no other way to give it a driver
            **self.eio._async,  # noqa: SLF001  likewise
            "translate_request": translate_request,
            "websocket": LinkedWebSocket,
        }
        self.counters = EngineCounters()
        self.opened_s: dict[str, float] = {}

    def _engineio_server_class(self) -> type[QueueingEngine]:
        return QueueingEngine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        self.opened_s[eio_sid] = asyncio.get_running_loop().time()
        await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self.opened_s.pop(eio_sid, None)
        session = self.eio.sockets.get(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)
        if session is not None and not session.upgraded:
            # The GET that waits is answered empty and the next one finds no session; engineio leaves it hanging.
            session.queue.put_nowait(None)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            # Left alone, every malformed packet would write a traceback for whoever cares to send one.
            self.counters.malformed += 1
            log.info("session %s sent a malformed packet (%s); it is cut", eio_sid, type(error).__name__)
            Engine(self).cut(eio_sid)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: list[Any]) -> None:  # noqa: A002  the parent's name
        if not isinstance(data[0], str):
            raise TypeError("an event's name is not text")
        if data[0] in self.reserved_events:
            # python-socketio would run the connect or disconnect handler for a client's event of that name.
            self.counters.reserved_events += 1
            raise ValueError("a client's event has a reserved name")
        await super()._handle_event(eio_sid, namespace, id, data)

    async def _handle_event_internal(  # noqa: PLR0917  the parent's parameters
        self,
        server: "SocketServer",
        sid: str,
        eio_sid: str,
        data: list[Any],
        namespace: str,
        id: int | None,  # noqa: A002  the parent's name
    ) -> None:
        try:
            answer = await server._trigger_event(data[0], namespace, sid, *data[1:])  # noqa: SLF001  our own base
        except Exception:
            # A handler's own fault and no malformed packet: there is no ack, but the session lives on.
            self.counters.handlers_failed += 1
            log.exception("the handler of %s in %s failed for client %s", data[0][:40], namespace, sid)
            return
        if not isinstance(answer, LateAck):
            if answer is not self.not_handled and id is not None:
                self._acknowledge(eio_sid, namespace, id, answer)
        elif id is not None:
            answer.answer.add_done_callback(
                lambda done: None if done.cancelled() else self._acknowledge(eio_sid, namespace, id, done.result())
            )

    def _acknowledge(self, eio_sid: str, namespace: str, id: int, answer: object) -> None:  # noqa: A002  the parent's name
        arguments = [] if answer is None else list(answer) if isinstance(answer, tuple) else [answer]
        packet = self.packet_class(socket_packet.ACK, namespace=namespace, id=id, data=arguments)
        encoded = packet.encode()
        for part in encoded if isinstance(encoded, list) else [encoded]:
            Engine(self).send(eio_sid, engine_packet.Packet(engine_packet.MESSAGE, part))


def refusal(message: str, data: Mapping[str, Any]) -> Exception:
    """Return what a connect handler raises to refuse; clients get `connect_error` with `message` and `data`."""
    refused: Exception = socketio.exceptions.ConnectionRefusedError(message, dict(data))
    return refused


def text_packet(event: str, payload: bytes) -> engine_packet.Packet:
    """Return one event of the default namespace, encoded once for all recipients; `payload` is JSON."""
    name = msgspec.json.encode(event).decode()
    return engine_packet.Packet(engine_packet.MESSAGE, f"{socket_packet.EVENT}[{name},{payload.decode()}]")


@dataclass(frozen=True, slots=True)
class Engine:
    """The sessions of a `SocketServer`, by engine session id: send in order, see what waits, cut."""

    sio: SocketServer

    def session_of(self, sid: str) -> str | None:
        """Return the engine session of a client of the default namespace, None when it is gone."""
        eio_sid: str | None = self.sio.manager.eio_sid_from_sid(sid, "/")
        return eio_sid

    def is_connected(self, sid: str) -> bool:
        """Return whether the client of the default namespace was sent CONNECT and is still there."""
        connected: bool = self.sio.manager.is_connected(sid, "/")
        return connected

    def is_open(self, eio_sid: str) -> bool:
        """Return whether the session still takes packets."""
        session = self.sio.eio.sockets.get(eio_sid)
        return session is not None and not session.closed and not session.closing

    def transport(self, eio_sid: str) -> str:
        """Return `websocket` or `polling`."""
        session = self.sio.eio.sockets.get(eio_sid)
        return "websocket" if session is not None and session.upgraded else "polling"

    def send(self, eio_sid: str, packet: engine_packet.Packet) -> int | None:
        """Queue a packet at once, in the order of calls, and return the bytes that wait; None: the session is gone."""
        session = self.sio.eio.sockets.get(eio_sid)
        if session is None or session.closed or session.closing:
            return None
        queue: CountingQueue = session.queue
        queue.put_nowait(packet)
        return queue.size_bytes

    def queued_bytes(self, eio_sid: str) -> int:
        """Return the bytes that wait for the client, in the session and in the kernel's hands-off buffer."""
        session = self.sio.eio.sockets.get(eio_sid)
        if session is None:
            return 0
        request: Request | None = session.session.get(LINK_KEY)
        # Not asked by type: uvloop's transports do not derive from asyncio's.
        transport = request.transport if request is not None else None
        written = transport.get_write_buffer_size() if transport is not None else 0
        queue: CountingQueue = session.queue
        return queue.size_bytes + written

    async def drained(self, eio_sid: str) -> None:
        """Wait until the session took everything that was queued for it. Returns at once when it is gone."""
        session = self.sio.eio.sockets.get(eio_sid)
        if session is not None:
            await session.queue.join()

    def cut(self, eio_sid: str) -> None:
        """End a session as a broken connection does: its client comes back by itself and is caught up.

        `sio.disconnect` would tell the client to stay away.
        """
        session = self.sio.eio.sockets.get(eio_sid)
        if session is None:
            return
        request: Request | None = session.session.get(LINK_KEY)
        if request is not None:
            if request.transport is not None:
                request.transport.abort()
            return
        closing = asyncio.ensure_future(session.close(wait=False, abort=True))
        _closings.add(closing)
        closing.add_done_callback(_closings.discard)

    def cut_all(self) -> None:
        """End all sessions, agents' too."""
        for eio_sid in list(self.sio.eio.sockets):
            self.cut(eio_sid)

    def reap(self, now_s: float) -> int:
        """Cut sessions that did not CONNECT to any namespace in time; `now_s` on the loop's clock."""
        manager = self.sio.manager
        reaped = 0
        for eio_sid, opened_s in list(self.sio.opened_s.items()):
            namespaces = list(manager.get_namespaces())
            joined = any(manager.sid_from_eio_sid(eio_sid, namespace) for namespace in namespaces)
            if joined or eio_sid not in self.sio.eio.sockets:
                del self.sio.opened_s[eio_sid]
            elif now_s - opened_s > CONNECT_WITHIN_S:
                del self.sio.opened_s[eio_sid]
                self.cut(eio_sid)
                reaped += 1
        self.sio.counters.never_connected += reaped
        return reaped


_closings: set[asyncio.Future[None]] = set()
