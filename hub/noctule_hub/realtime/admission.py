"""Clients coming and going: who a new one is, whether it may come in, and what is let go of when it leaves.

Handshake fields are `handshake`'s, tokens the verifier's, catching up `catchup`'s.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.auth.throttle import address_key
from noctule_hub.auth.tokens import TokenRefused
from noctule_hub.config.sockets import SocketSettings
from noctule_hub.core.principal import ANONYMOUS, Principal
from noctule_hub.core.rooms import default_rooms
from noctule_hub.realtime.catchup import CatchUp
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.cuts import SlowReaders
from noctule_hub.realtime.engine_contract import SocketServer, refusal
from noctule_hub.realtime.gate import Refusal
from noctule_hub.realtime.handshake import Handshake, Verifier, identify, parse_handshake
from noctule_hub.realtime.sessions import Engine

log = logging.getLogger(__name__)

# Of one hub. Past it new clients are refused and told when to come back.
MAX_CONNECTIONS: Final = 10_000
RETRY_AFTER_S: Final = 30.0


@dataclass(slots=True)
class AdmissionCounters:
    """Connections refused or ended by the hub since the start."""

    tokens_refused: int = 0
    handshakes_refused: int = 0
    failed: int = 0
    expired: int = 0


class Admission:
    """The connect and disconnect handlers of the default namespace, and the end of tokens that ran out."""

    def __init__(
        self,
        connections: Connections,
        catch_up: CatchUp,
        engine: Engine,
        verifier: Verifier,
        *,
        clock_ms: Callable[[], int],
        settings: Callable[[], SocketSettings],
        slow_readers: SlowReaders,
    ) -> None:
        self._settings = settings
        self._slow_readers = slow_readers
        self._connections = connections
        self._catch_up = catch_up
        self._engine = engine
        self._verifier = verifier
        self._clock_ms = clock_ms
        self.closed = False
        # Told of each client that is let in with a token, and from where.
        self.signed_in: Callable[[Principal, str], None] = lambda _principal, _address: None
        self.counters = AdmissionCounters()

    def register(self, sio: SocketServer) -> None:
        """Bind the handlers to the default namespace."""
        sio.on("connect", self._connect, namespace="/")
        sio.on("disconnect", self._disconnect, namespace="/")

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> bool | None:
        eio_sid = self._engine.session_of(sid)
        if eio_sid is None:
            return False
        try:
            connection, handshake = await self._admit(sid, eio_sid, environ, auth)
        except TokenRefused as error:
            self.counters.tokens_refused += 1
            raise refusal(error.message, {"code": error.fault.value, "message": error.message}) from None
        except Refused as error:
            body = error.body()
            data = {"code": body.code.value, "message": body.message, "field": body.field}
            raise refusal(error.message, data | {"retryAfterS": body.retry_after_s}) from None
        except Exception:
            # Not a refusal: a refused client stays away, one whose connection broke comes back.
            self.counters.failed += 1
            log.exception("client %s could not be admitted; it is cut", sid)
            self._engine.cut(eio_sid)
            return False
        if self.closed or not self._engine.is_open(eio_sid):
            self._engine.cut(eio_sid)
            return False
        self._connections.add(connection)
        rooms = handshake.wanted(default_rooms(connection.principal))
        # Nothing may be awaited from here on: CONNECT must be queued before the first step of the catch-up.
        self._catch_up.begin(connection, rooms, handshake.since)
        return None

    async def _admit(
        self, sid: str, eio_sid: str, environ: Mapping[str, Any], auth: object
    ) -> tuple[Connection, Handshake]:
        if len(self._connections) >= MAX_CONNECTIONS:
            self._engine.gate.refused[Refusal.FULL] += 1
            raise Refused(ErrorCode.BUSY, "the hub has as many clients as it takes", retry_after_s=RETRY_AFTER_S)
        try:
            handshake = parse_handshake(auth)
        except Refused:
            self.counters.handshakes_refused += 1
            raise
        principal = await identify(self._verifier, handshake.token)
        address = str(environ.get("REMOTE_ADDR", ""))
        self._limit(principal, address)
        if principal is not ANONYMOUS:
            self._engine.gate.signed_in(eio_sid)
            self.signed_in(principal, address)
        connection = Connection(
            sid=sid,
            eio_sid=eio_sid,
            principal=principal,
            address=address,
            tab=handshake.tab,
            since_ms=self._clock_ms(),
            greeting=self._slow_readers.greeting(principal.subject, handshake.tab),
        )
        return connection, handshake

    def sign_in(self, connection: Connection, principal: Principal) -> None:
        """Let a connection go on with another token of its user, or with its first one.

        Raises `Refused`: forbidden (field token) when it is somebody else's, too-many as for a new connection.
        """
        if principal.subject != connection.principal.subject:
            if connection.principal is not ANONYMOUS:
                raise Refused(ErrorCode.FORBIDDEN, "the token is somebody else's; connect anew with it", field="token")
            self._limit(principal, connection.address)
        self._connections.identify(connection, principal)
        self._engine.gate.signed_in(connection.eio_sid)
        self.signed_in(principal, connection.address)

    def _limit(self, principal: Principal, address: str) -> None:
        """Raise `Refused` (too-many) when the principal has as many connections as it may have."""
        settings, refused = self._settings(), self._engine.gate.refused
        if principal is ANONYMOUS:
            if self._connections.anonymous_of(address_key(address)) >= settings.anonymous_per_address:
                refused[Refusal.ANONYMOUS_OF_ADDRESS] += 1
                message = f"{settings.anonymous_per_address} anonymous connections of your address are open; sign in"
                raise Refused(ErrorCode.TOO_MANY, message, retry_after_s=RETRY_AFTER_S)
        elif self._connections.count(principal.subject) >= settings.sessions_per_user:
            refused[Refusal.SESSIONS_OF_USER] += 1
            message = (
                f"you have {settings.sessions_per_user} connections; close one, or raise sockets.sessions_per_user"
            )
            raise Refused(ErrorCode.TOO_MANY, message, retry_after_s=RETRY_AFTER_S)

    async def _disconnect(self, sid: str, _reason: str) -> None:
        connection = self._connections.get(sid)
        if connection is not None:
            self._forget(connection)

    def sweep(self, now_ms: int) -> None:
        """Cut clients whose token has run out and forget those whose session ended before they were admitted."""
        for connection in self._connections:
            expires_ms = connection.principal.expires_ms
            if not self._engine.is_open(connection.eio_sid):
                self._forget(connection)
            elif expires_ms is not None and expires_ms <= now_ms:
                self.counters.expired += 1
                log.info("the token of client %s (%s) ran out; it is cut", connection.sid, connection.principal.subject)
                self.cut(connection)

    def cut(self, connection: Connection) -> None:
        """End a client's session as a broken connection does: it comes back by itself if it may."""
        self._engine.cut(connection.eio_sid)
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        self._catch_up.forget(connection)
        self._connections.remove(connection)
