"""What clients of the default namespace may call, each answered `{ok, error?}`.

subscribe, unsubscribe, reauth, ping, focus and history. Clients emit no events; whatever else they send is counted
and left alone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.auth.tokens import TokenRefused
from noctule_hub.core.principal import Principal
from noctule_hub.core.rooms import MAX_ROOMS, Allowed, DenialReason, Denied, may_join
from noctule_hub.realtime.admission import Admission
from noctule_hub.realtime.broadcaster import Broadcaster
from noctule_hub.realtime.catchup import CatchUp
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.engine_contract import LateAck, SocketServer
from noctule_hub.realtime.focus import Focus
from noctule_hub.realtime.handshake import Verifier, parse_room_name, parse_since, parse_token

log = logging.getLogger(__name__)

MAX_PING_CHARS: Final = 64
# Of one client at once; a page with more charts asks again as their answers come.
MAX_READS: Final = 8

Answer = Mapping[str, Any] | LateAck
Answered = TypeVar("Answered", Answer, Mapping[str, Any])
Call = Callable[[Connection, tuple[Any, ...]], Awaitable[Answer]]

_DENIALS: Final[Mapping[DenialReason, str]] = {
    DenialReason.UNKNOWN_ROOM: "there is no such room",
    DenialReason.NOT_FOR_ROLE: "your role may not join it",
    DenialReason.NOT_YOUR_OWN: "it belongs to somebody else",
}


class AnswersHistory(Protocol):
    """Reads measurements of the past for a client."""

    async def call(self, principal: Principal, asked: object) -> Mapping[str, Any]:
        """Return the ack of `history`. Raises `Refused`."""
        ...


@dataclass(slots=True)
class CallCounters:
    """Calls since the start that were not answered with ok."""

    ignored: int = 0
    refused: int = 0
    failed: int = 0


class Calls:
    """The handlers of the default namespace, apart from connect and disconnect."""

    def __init__(
        self,
        connections: Connections,
        broadcaster: Broadcaster,
        catch_up: CatchUp,
        verifier: Verifier,
        admission: Admission,
    ) -> None:
        # None: there are no agents to ask, as in programs that only publish.
        self.focus: Focus | None = None
        # None: there is no history to read, likewise.
        self.history: AnswersHistory | None = None
        self._late: set[asyncio.Task[Mapping[str, Any]]] = set()
        self._connections = connections
        self._broadcaster = broadcaster
        self._catch_up = catch_up
        self._verifier = verifier
        self._admission = admission
        self.counters = CallCounters()

    def register(self, sio: SocketServer) -> None:
        """Bind the handlers to the default namespace."""
        calls: dict[str, Call] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "reauth": self._reauth,
            "ping": self._ping,
            "focus": self._focus,
            "history": self._history,
        }
        for name, call in calls.items():
            sio.on(name, self._guarded(name, call), namespace="/")

        async def ignore(_event: str, _sid: str, *_arguments: object) -> object:
            self.counters.ignored += 1
            return sio.not_handled

        sio.on("*", ignore, namespace="/")

    def _guarded(self, name: str, call: Call) -> Callable[..., Awaitable[Answer | None]]:
        """Return a handler that always answers; python-socketio sends no ack for one that raises."""

        async def handler(sid: str, *arguments: Any) -> Answer | None:  # noqa: ANN401  a client's JSON
            connection = self._connections.get(sid)
            if connection is None:
                return None
            return await self._answered(name, sid, call(connection, arguments))

        return handler

    async def _answered(self, name: str, sid: str, answer: Awaitable[Answered]) -> Answered | Mapping[str, Any]:
        """Return the answer, or what it was refused with."""
        try:
            return await answer
        except Refused as error:
            self.counters.refused += 1
            return {"ok": False, "error": msgspec.to_builtins(error.body())}
        except Exception:
            self.counters.failed += 1
            log.exception("call %s of client %s failed", name, sid)
            busy = Refused(ErrorCode.BUSY, "the hub could not answer; try again", retry_after_s=1.0)
            return {"ok": False, "error": msgspec.to_builtins(busy.body())}

    async def _subscribe(self, connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        asked = arguments[0] if arguments else None
        room = parse_room_name(asked.get("room") if isinstance(asked, Mapping) else asked)
        since = parse_since(asked.get("since")) if isinstance(asked, Mapping) else None
        verdict = may_join(connection.principal, room)
        if isinstance(verdict, Denied):
            unknown = verdict.reason is DenialReason.UNKNOWN_ROOM
            code = ErrorCode.NOT_FOUND if unknown else ErrorCode.FORBIDDEN
            raise Refused(code, f"{room}: {_DENIALS[verdict.reason]}", field="room")
        if room not in connection.rooms and self._catch_up.rooms_to_come(connection) >= MAX_ROOMS:
            raise Refused(ErrorCode.TOO_MANY, f"{MAX_ROOMS} rooms at most; leave one first", field="room")
        if since is not None:
            return LateAck(self._catch_up.backfill(connection, room, since))
        self._connections.join(connection, room, after=self._broadcaster.position)
        head = self._broadcaster.position
        return self._catch_up.subscribed(connection, room, head=head, replayed=0, recovered=False)

    async def _unsubscribe(self, connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        asked = arguments[0] if arguments else None
        room = parse_room_name(asked.get("room") if isinstance(asked, Mapping) else asked)
        self._connections.leave(connection, room)
        return {"ok": True, "room": room}

    async def _reauth(self, connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        asked = arguments[0] if arguments else None
        if not isinstance(asked, Mapping):
            raise invalid("token", "call reauth with {token}")
        try:
            principal = await self._verifier.verify(parse_token(asked.get("token")))
        except TokenRefused as error:
            self.counters.refused += 1
            body = msgspec.to_builtins(error.body())
            return {"ok": False, "error": body, "data": {"code": error.fault.value}}
        self._admission.sign_in(connection, principal)
        for room in list(connection.rooms):
            if not isinstance(may_join(principal, room), Allowed):
                self._connections.leave(connection, room)
        expires = None if principal.expires_ms is None else iso_from_ms(principal.expires_ms)
        return {"ok": True, "rooms": list(connection.rooms), "expiresAt": expires}

    async def _focus(self, connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        if self.focus is None:
            raise Refused(ErrorCode.NOT_FOUND, "this hub has no agents to ask")
        # The device's agent may take seconds, in which this client is to hear other things.
        asked = self.focus.call(connection.principal, arguments[0] if arguments else None)
        return self._later("focus", connection, asked)

    async def _history(self, connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        if self.history is None:
            raise Refused(ErrorCode.NOT_FOUND, "this hub has no history to read")
        if connection.reads >= MAX_READS:
            raise Refused(ErrorCode.TOO_MANY, f"{MAX_READS} reads are under way; wait for their answers")
        asked = self.history.call(connection.principal, arguments[0] if arguments else None)
        late = self._later("history", connection, asked)
        connection.reads += 1

        def done(_: object) -> None:
            connection.reads -= 1

        late.answer.add_done_callback(done)
        return late

    def _later(self, name: str, connection: Connection, answer: Awaitable[Mapping[str, Any]]) -> LateAck:
        """Answer a call when its answer is there, without keeping the client's other messages waiting."""
        task = asyncio.create_task(self._answered(name, connection.sid, answer))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return LateAck(task)

    async def _ping(self, _connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        n = arguments[0] if arguments else None
        if not (n is None or type(n) in {int, float} or (isinstance(n, str) and len(n) <= MAX_PING_CHARS)):
            raise invalid("n", f"n must be a number or text of at most {MAX_PING_CHARS} characters")
        return {"ok": True, "n": n}
