"""A hub's real-time side on a real port over the real store, and Socket.IO clients that remember what they got."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import socketio  # type: ignore[import-untyped]
from aiohttp import web
from noctule_hub.auth.tokens import TokenFault, TokenRefused
from noctule_hub.config import SocketSettings
from noctule_hub.core.agent_commands import Body
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.records import Device, EventRow, NewEvent
from noctule_hub.realtime.focus import Focus
from noctule_hub.realtime.service import SocketService
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.axes import Reachability
from noctule_shared.commands import FocusArgs
from noctule_shared.errors import Refused
from noctule_shared.events import EventName
from noctule_shared.link import CommandKind
from noctule_shared.updates import StatsUpdate

DEADLINE_S: Final = 20.0
NOW_MS: Final = 1_795_000_000_000
STATS: Final = StatsUpdate(
    timestamp="2026-11-22T03:12:00.000Z",
    devices={"total": 3, "online": 3},
    alerts={"critical": 0},
    agents={"connected": 1},
    clients=1,
    in_bps=1e6,
    out_bps=None,
    payments={"paid": 7},
)
PEOPLE: Final = {
    "admin": Principal("user:1", Role.ADMIN, "ada", user_id=1),
    "operator": Principal("user:2", Role.OPERATOR, "olga", user_id=2),
    "viewer": Principal("user:3", Role.VIEWER, "vera", user_id=3),
    "billing": Principal("user:4", Role.BILLING, "bill", user_id=4),
    "customer": Principal("user:5", Role.CUSTOMER, "carl", user_id=5, customer_id=9),
    "metrics": Principal("token:6", Role.METRICS, "prom"),
}


class People:
    """Tokens are the names in `principals`; `expired` has run out, all others are not ours."""

    def __init__(self) -> None:
        self.principals = dict(PEOPLE)

    async def verify(self, token: str) -> Principal:
        if token == "expired":
            raise TokenRefused(TokenFault.EXPIRED)
        if token not in self.principals:
            raise TokenRefused(TokenFault.INVALID)
        return self.principals[token]

    async def present(self, principal: Principal) -> Principal | None:
        return next((one for one in self.principals.values() if one.subject == principal.subject), None)


class Clock:
    """Wall time that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


class Client:
    """A Socket.IO client and everything it received, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sio = socketio.AsyncClient(reconnection=False)
        self.received: list[tuple[str, Any]] = []
        self.refusal: Any = None
        self.ended = asyncio.Event()
        self._news = asyncio.Event()
        self.sio.on("*", self._remember)
        self.sio.on("connect_error", self._refused)
        self.sio.on("disconnect", self._ended)

    async def connect(self, auth: object = None, *, transport: str = "websocket") -> None:
        await self.sio.connect(self.url, auth=auth, transports=[transport], wait_timeout=DEADLINE_S)

    async def begin(self, auth: object = None) -> None:
        """Ask to be connected and wait for no answer: a hub that cuts at once may be faster than its CONNECT is read,
        and then `connect` of this library fails although CONNECT came.
        """
        await self.sio.connect(self.url, auth=auth, transports=["websocket"], wait=False)

    async def call(self, name: str, *arguments: object) -> dict[str, Any]:
        answer: dict[str, Any] = await self.sio.call(name, arguments, timeout=DEADLINE_S)
        return answer

    async def until(self, condition: Callable[["Client"], bool], what: str) -> None:
        """Wait until the condition holds, looked at after each message; fails with `what` after the deadline."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not condition(self):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pytest.fail(f"{what} did not come; received {self.received[-5:]}")

    async def ready(self) -> dict[str, Any]:
        """Wait for the end of the handshake's replay and return it."""
        await self.until(lambda client: bool(client.of("replay:done")), "replay:done")
        done: dict[str, Any] = self.of("replay:done")[0]
        return done

    def of(self, event: str) -> list[Any]:
        return [data for name, data in self.received if name == event]

    def seqs(self) -> list[int]:
        return [data["seq"] for name, data in self.received if name != "replay:done" and "committedAt" in data]

    def abort(self) -> None:
        """Break the connection as a dead network does."""
        self.sio.eio.ws._response.connection.transport.abort()

    async def close(self) -> None:
        await self.sio.disconnect()
        if self.sio.eio.http is not None:
            await self.sio.eio.http.close()

    async def _remember(self, event: str, data: object = None) -> None:
        self.received.append((event, data))
        self._news.set()

    async def _refused(self, data: object) -> None:
        self.refusal = data

    async def _ended(self, _reason: str) -> None:
        self.ended.set()


class FocusedAgents:
    """Agents that do what is asked; `asked` holds (agent id, args). `refusal` None: nothing is refused."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, FocusArgs]] = []
        self.refusal: Refused | None = None

    async def ask(
        self, agent_id: int, kind: CommandKind, args: msgspec.Struct, answer: type[Body], *, timeout_s: float
    ) -> Body:
        assert (kind, timeout_s > 0) == (CommandKind.FOCUS, True)
        assert isinstance(args, FocusArgs)
        self.asked.append((agent_id, args))
        if self.refusal is not None:
            raise self.refusal
        return msgspec.convert({"remainingS": 300.0, "intervalS": 1.0}, answer)


class SocketHub:
    """The service on a port of its own."""

    def __init__(self, store: SqliteStore, clock: Clock, people: People) -> None:
        self.store = store
        self.clock = clock
        self.people = people
        self.url = ""
        self.settings = SocketSettings()
        self.clients: list[Client] = []
        self.closing = AsyncExitStack()
        self.service = SocketService(
            store,
            people,
            clock_ms=clock,
            device_of=self.device_of,
            stats=lambda: STATS,
            allowed_origins=["https://portal.example"],
            settings=lambda: self.settings,
        )
        self.agents = FocusedAgents()
        self.service.calls.focus = Focus(self.agents, self.device_of, clock)
        self._hand_out = self.service.broadcaster.broadcast
        self._handed_out = asyncio.Event()
        self.service.broadcaster.broadcast = self._broadcast  # type: ignore[method-assign]

    def _broadcast(self, rows: Iterable[EventRow]) -> None:
        self._hand_out(rows)
        self._handed_out.set()

    async def settled(self) -> None:
        """Wait until the broadcaster has handed out everything that is committed."""
        head = await self.store.head()
        async with asyncio.timeout(DEADLINE_S):
            while self.service.broadcaster.position < head:
                self._handed_out.clear()
                await self._handed_out.wait()

    def device_of(self, device_id: int) -> Device | None:
        """Return one of the devices 1 to 99, all at site 4; agent 1 polls those below 90."""
        if not 1 <= device_id < 100:
            return None
        agent_id = 1 if device_id < 90 else None
        return Device(device_id, f"sw{device_id}", "127.0.0.1", 4, agent_id, Reachability.ICMP, None, None, (), NOW_MS)

    def client(self) -> Client:
        client = Client(self.url)
        self.clients.append(client)
        return client

    async def join(self, auth: object = None, *, transport: str = "websocket") -> Client:
        """Connect a client and wait until it is in its rooms."""
        client = self.client()
        await client.connect(auth, transport=transport)
        await client.ready()
        return client

    async def log(self, *numbers: int, rooms: tuple[str, ...] = ("devices",)) -> list[int]:
        """Append one `device:status` per number, its device id."""
        events = [
            NewEvent(
                EventName.DEVICE_STATUS,
                {
                    "timestamp": "2026-11-22T03:12:00.000Z",
                    "deviceId": number,
                    "deviceName": f"sw{number}",
                    "siteId": 4,
                    "status": "offline",
                    "previous": "online",
                    "reason": "icmp-down",
                    "detail": "only for staff",
                    "components": [{"id": number, "label": "Fibre", "state": "outage"}],
                },
                rooms,
                NOW_MS,
            )
            for number in numbers
        ]
        return await self.store.append(events, now_ms=self.clock())


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[SocketHub]:
    clock = Clock()
    store = await open_store(tmp_path, clock_ms=clock)
    hub = SocketHub(store, clock, People())
    app = web.Application()
    hub.service.initialize(app)
    await hub.service.start()
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield hub
    await hub.closing.aclose()
    for client in hub.clients:
        await client.close()
    await site.stop()
    await hub.service.stop()
    await runner.cleanup()
    await store.close()
