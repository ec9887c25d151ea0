"""What Noctule needs of python-socketio beyond its public side; of python-engineio, see `transport_contract`.

Each work-around has a contract test that fails when an upgrade moves the ground. What is sent to whom is others'.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import socketio  # type: ignore[import-untyped]
from engineio import packet as engine_packet  # type: ignore[import-untyped]
from engineio.payload import Payload  # type: ignore[import-untyped]
from socketio import packet as socket_packet

from noctule_hub.config.sockets import SocketSettings
from noctule_hub.realtime.gate import MAX_MESSAGE_BYTES, Gate, Refusal
from noctule_hub.realtime.link import Cork
from noctule_hub.realtime.sessions import Engine, Outgoing
from noctule_hub.realtime.transport_contract import (
    CUT_KEY,
    MAX_POST_PACKETS,
    LinkedWebSocket,
    QueueingEngine,
    is_allowed_origin,
)

log = logging.getLogger(__name__)
# python-socketio writes whole packets, tokens too, at INFO, and adds a handler of its own to its default logger.
_engine_log = logging.getLogger(f"{__name__}.engine")
_engine_log.setLevel(logging.ERROR)

# An agent's frame is one attachment; browsers send none.
MAX_ATTACHMENTS: Final = 4
_BINARY_TYPES: Final = (str(socket_packet.BINARY_EVENT), str(socket_packet.BINARY_ACK))


@dataclass(slots=True)
class EngineCounters:
    """What the engine refused, since the start."""

    malformed: int = 0
    reserved_events: int = 0
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

    def __init__(
        self,
        *,
        allowed_origins: Collection[str],
        settings: Callable[[], SocketSettings],
        ping_interval_s: float,
        gate: Gate,
    ) -> None:
        self.allowed_origins = allowed_origins
        self.gate = gate
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
        self.eio.noctule_settings = settings
        self.eio.noctule_gate = gate
        self.eio.noctule_cork = Cork()
        self.eio._async = {  # noqa: SLF001  engineio offers no other way to give it a driver
            **self.eio._async,  # noqa: SLF001  likewise
            "translate_request": self.eio.translate_request,
            "websocket": LinkedWebSocket,
        }
        self.counters = EngineCounters()

    def _engineio_server_class(self) -> type[QueueingEngine]:
        return QueueingEngine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        self.gate.opened(eio_sid, environ["REMOTE_ADDR"], asyncio.get_running_loop().time())
        await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: object) -> None:
        await super()._handle_connect(eio_sid, namespace, data)
        if self.manager.sid_from_eio_sid(eio_sid, namespace or "/"):
            if namespace in {None, "/"}:
                self.gate.joined(eio_sid)
            else:
                self.gate.trusted(eio_sid)

    async def _handle_disconnect(self, eio_sid: str, namespace: str | None, reason: str | None = None) -> None:
        await super()._handle_disconnect(eio_sid, namespace, reason)
        if not any(self.manager.sid_from_eio_sid(eio_sid, name) for name in list(self.manager.get_namespaces())):
            self.gate.left(eio_sid, asyncio.get_running_loop().time())

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self.gate.closed(eio_sid)
        session = self.eio.sockets.get(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)
        if session is not None and not session.upgraded:
            # The GET that waits is answered empty and the next one finds no session; engineio leaves it hanging.
            session.queue.put_nowait(None)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        session = self.eio.sockets.get(eio_sid)
        if session is None or CUT_KEY in session.session:
            return
        refused = self._refused(eio_sid, data, counted=session.upgraded)
        if refused is not None:
            self.gate.refused[refused] += 1
            log.info("session %s is cut: %s", eio_sid, refused)
            Engine(self, self.gate).cut(eio_sid)
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            # Left alone, every malformed packet would write a traceback for whoever cares to send one.
            self.counters.malformed += 1
            log.info("session %s sent a malformed packet (%s); it is cut", eio_sid, type(error).__name__)
            Engine(self, self.gate).cut(eio_sid)

    def _refused(self, eio_sid: str, data: str | bytes, *, counted: bool) -> Refusal | None:
        """Return why a client's message is not even looked at, None: it is. `counted`: it was when it arrived."""
        if not counted and not self.gate.may_send(eio_sid, asyncio.get_running_loop().time()):
            return Refusal.MESSAGES
        if self.gate.is_trusted(eio_sid):
            return None
        # Browsers have no reason to send any; what they announce would be waited for.
        return Refusal.BINARY if isinstance(data, bytes) or data[:1] in _BINARY_TYPES else None

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
            Engine(self, self.gate).send(eio_sid, Outgoing(engine_packet.MESSAGE, part))


def refusal(message: str, data: Mapping[str, Any]) -> Exception:
    """Return what a connect handler raises to refuse; clients get `connect_error` with `message` and `data`."""
    refused: Exception = socketio.exceptions.ConnectionRefusedError(message, dict(data))
    return refused
