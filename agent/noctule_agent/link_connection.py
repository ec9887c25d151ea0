"""The wire under a session: a Socket.IO connection to `/agent` with the agent's signed token, messages in order.

What the messages mean is `session.py`'s.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
import jwt
import msgspec
import socketio  # type: ignore[import-untyped]  # the library has no types
from noctule_shared.link import JWT_ALGORITHM, JWT_LIFETIME_S, NAMESPACE, Message

from noctule_agent.enrolment import Enrolment
from noctule_agent.errors import Fenced, HubUnreachable, LinkLost, WebSocketBlocked
from noctule_agent.join import has_cause, reason_of, tls_context
from noctule_agent.keys import AgentKeys

CONNECT_TIMEOUT_S: Final = 20.0
# The hub's connect handler may take a while under load.
NAMESPACE_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 1.0
ACK_TIMEOUT_S: Final = 30.0
POST_TIMEOUT_S: Final = 30.0
# The hub sends an ack per commit and pages of its device list; more than this waiting means it runs amok.
MAX_INBOX: Final = 4096
TOKEN_TYPE: Final = "agent+jwt"  # noqa: S105  a type, not a secret
DISCONNECTED: Final = "disconnect"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """Who connects, and to which hub. `ack_timeout_s`: how long frames may stay unacknowledged on a live link."""

    enrolment: Enrolment
    keys: AgentKeys
    started_ms: int
    ack_timeout_s: float = ACK_TIMEOUT_S


class _Refusal(msgspec.Struct):
    """The data of a refused connection. `retry` False: not before a person has acted."""

    code: str = "refused"
    message: str = "no reason given"
    retry: bool = True


class Transport(StrEnum):
    """How messages travel. `polling`: by HTTP POST and long-lived GET, where a WebSocket does not get through."""

    WEBSOCKET = "websocket"
    POLLING = "polling"


class LinkConnection:
    """One connection, used once, as an async context manager that closes it."""

    def __init__(self, transport: Transport = Transport.WEBSOCKET) -> None:
        self._transport = transport
        self._inbox: asyncio.Queue[tuple[str, object]] = asyncio.Queue(MAX_INBOX)
        self._refusal: _Refusal | None = None
        self._admitted = False
        self._answered = asyncio.Event()
        self._emitting = asyncio.Lock()
        self._http: aiohttp.ClientSession | None = None
        self._sio: socketio.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        # However the far end behaves, closing may neither fail nor last.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                if self._sio is not None:
                    await self._sio.disconnect()
        if self._http is not None:
            await self._http.close()

    async def connect(self, identity: LinkIdentity, *, skew_ms: int) -> None:
        """Connect with a fresh token; `skew_ms` is the hub's clock minus ours as far as known.

        Raises `HubUnreachable`, or `Fenced` when the hub refuses.
        """
        enrolment = identity.enrolment
        ca = Path(enrolment.ca) if enrolment.ca else None
        tls = await asyncio.to_thread(tls_context, ca)
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls))
        self._sio = sio = self._client(self._http)
        url = enrolment.hub_url
        path = f"{urlsplit(url).path.strip('/')}/socket.io".lstrip("/")
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await sio.connect(
                    url,
                    auth={"token": _token(identity, skew_ms)},
                    transports=[self._transport.value],
                    namespaces=[NAMESPACE],
                    socketio_path=path,
                    wait=False,
                )
                await self._answer(sio)
        except TimeoutError:
            raise HubUnreachable(f"{url} did not answer within {CONNECT_TIMEOUT_S:.0f} s") from None
        except (socketio.exceptions.ConnectionError, aiohttp.ClientError, OSError) as error:
            if self._refusal is None:
                if has_cause(error, aiohttp.WSServerHandshakeError):
                    raise WebSocketBlocked(f"{url}: no WebSocket gets through, the upgrade is refused") from error
                raise HubUnreachable(f"{url}: {reason_of(error)}") from error
        if self._refusal is not None:
            refusal = self._refusal
            raise Fenced(refusal.code, refusal.message, retry=refusal.retry)
        if not self._admitted:
            raise HubUnreachable(f"{url}: the link was cut before the hub answered, or it did not answer")

    async def _answer(self, sio: socketio.AsyncClient) -> None:
        """Return once the hub has admitted or refused us, or the link is cut, or it has taken too long.

        The library's own wait does not notice a link that is cut meanwhile, and sits out its time.
        """
        answered = asyncio.create_task(self._answered.wait())
        try:
            await asyncio.wait(
                [answered, sio.eio.read_loop_task],
                timeout=NAMESPACE_TIMEOUT_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            answered.cancel()

    async def receive(self) -> tuple[str, object]:
        """Return the next message and its data, in the order of arrival; `DISCONNECTED` is the last."""
        return await self._inbox.get()

    async def emit(self, message: Message, data: Any) -> None:  # noqa: ANN401  JSON edge of an untyped library
        """Send one message. Raises `LinkLost`."""
        if self._sio is None:
            raise LinkLost("not connected")
        # One at a time: a frame is a packet and its attachment, which must not be torn apart.
        async with self._emitting:
            try:
                await self._sio.emit(message.value, data, namespace=NAMESPACE)
            except socketio.exceptions.SocketIOError as error:
                raise LinkLost(f"the link was cut ({error})") from error
            if self._transport is Transport.POLLING:
                await self._posted()

    async def _posted(self) -> None:
        """Wait until all was posted: the library would put whatever waits into one body, larger than a hub takes."""
        try:
            async with asyncio.timeout(POST_TIMEOUT_S):
                await self._sio.eio.queue.join()  # type: ignore[union-attr]  # emit has looked
        except TimeoutError:
            raise LinkLost(f"the hub took no message within {POST_TIMEOUT_S:.0f} s") from None

    def _client(self, http: aiohttp.ClientSession) -> socketio.AsyncClient:
        sio = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)

        def receiver(name: str) -> Callable[..., None]:
            def receive(*args: object) -> None:
                # Synchronous on purpose: the library starts a task per message, and only what never
                # awaits keeps their order.
                self._take(name, args[0] if args else None)

            return receive

        for message in Message:
            sio.on(message.value, receiver(message.value), namespace=NAMESPACE)
        sio.on(DISCONNECTED, receiver(DISCONNECTED), namespace=NAMESPACE)
        sio.on("connect", self._admit, namespace=NAMESPACE)
        sio.on("connect_error", self._refused, namespace=NAMESPACE)
        return sio

    def _take(self, name: str, data: object) -> None:
        try:
            self._inbox.put_nowait((name, data))
        except asyncio.QueueFull:
            _log.error("the hub sends faster than this agent can take in; the link starts over")
            while not self._inbox.empty():
                self._inbox.get_nowait()
            self._inbox.put_nowait((DISCONNECTED, "flooded"))

    def _admit(self) -> None:
        self._admitted = True
        self._answered.set()

    def _refused(self, answer: object = None) -> None:
        """Keep why the hub refused; anything but its answer `{message, data?}` is a failed connection."""
        self._answered.set()
        if not isinstance(answer, dict) or "message" not in answer:
            return
        data = answer.get("data")
        try:
            self._refusal = msgspec.convert({**(data if isinstance(data, dict) else {}), **answer}, _Refusal)
        except msgspec.ValidationError:
            self._refusal = _Refusal()


def _token(identity: LinkIdentity, skew_ms: int) -> str:
    enrolment = identity.enrolment
    issued_s = (time.time_ns() // 1_000_000 + skew_ms) // 1000
    subject = f"agent:{enrolment.agent_id}"
    claims = {
        "iss": subject,
        "sub": subject,
        "aud": enrolment.hub_id,
        "iat": issued_s,
        "exp": issued_s + JWT_LIFETIME_S,
        "jti": secrets.token_hex(16),
    }
    return jwt.encode(claims, identity.keys.signing, algorithm=JWT_ALGORITHM, headers={"typ": TOKEN_TYPE})
