"""The API on a real port over the real store; engine and sockets are stand-ins that hold what a test puts in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec
from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from noctule_hub.api.context import API_CONTEXT, ApiContext
from noctule_hub.api.routes import add_routes
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.passwords import Passwords
from noctule_hub.auth.throttle import AddressLimit
from noctule_hub.auth.tokens import Tokens
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.core.accounts import User
from noctule_hub.core.agent_commands import Body
from noctule_hub.core.alerting.care import Acknowledge, Assign, Care, Unacknowledge
from noctule_hub.core.alerting.machine import acknowledge, assign, unacknowledge
from noctule_hub.core.audit import Authorship, local
from noctule_hub.core.notifying.channels import Channel
from noctule_hub.core.notifying.deliveries import Outcome
from noctule_hub.core.notifying.messages import Message
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Alert, Device, DeviceState, Interface, NewDevice, Site
from noctule_hub.core.status_page import Board, ComponentNow, StatusPage
from noctule_hub.core.tenancy import NOBODY, Tenancy
from noctule_hub.realtime.connections import ClientInfo
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.alerts import Assignee
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.link import CommandKind
from noctule_shared.updates import BandwidthItem, LatencyItem

NOW_MS = 1_795_000_000_000
PASSWORD = "planted-password-1"
OTHER_ORIGIN = "https://portal.example.net"


@dataclass
class Engine:
    """What the engine would know."""

    store: SqliteStore
    registered: dict[int, Device] = field(default_factory=dict)
    states: dict[int, DeviceState] = field(default_factory=dict)
    latencies: dict[int, LatencyItem] = field(default_factory=dict)
    rates: dict[tuple[int, int | None], BandwidthItem] = field(default_factory=dict)
    ports: dict[int, list[Interface]] = field(default_factory=dict)
    board: Board = field(default_factory=Board)
    seq: int = 0
    reloads: int = 0
    alerts: dict[int, Alert] = field(default_factory=dict)
    cut: list[int] = field(default_factory=list)
    tenancy: Tenancy = NOBODY
    assignees: dict[int, str] = field(default_factory=dict)

    def position(self) -> int:
        return self.seq

    def devices(self) -> Sequence[Device]:
        return list(self.registered.values())

    def device(self, device_id: int) -> Device | None:
        return self.registered.get(device_id)

    def device_state(self, device_id: int) -> DeviceState | None:
        return self.states.get(device_id)

    def status_page(self) -> tuple[StatusPage, Sequence[ComponentNow]]:
        return self.board.page, self.board.now(self.states.get)

    def latency(self, device_id: int) -> LatencyItem | None:
        return self.latencies.get(device_id)

    def bandwidth(self, device_id: int, interface_id: int | None) -> BandwidthItem | None:
        return self.rates.get((device_id, interface_id))

    def interfaces(self, device_id: int) -> Sequence[Interface]:
        return self.ports.get(device_id, [])

    def interface(self, interface_id: int) -> Interface | None:
        return next((port for ports in self.ports.values() for port in ports if port.id == interface_id), None)

    def busiest(self, limit: int) -> Sequence[Interface]:
        return [port for ports in self.ports.values() for port in ports][:limit]

    def agent_skew_ms(self, agent_id: int) -> int | None:
        return 1_500 if agent_id == 1 else None

    def agent_link(self, agent_id: int) -> tuple[str, int | None]:
        return ("connected", 3) if agent_id == 1 else ("never", None)

    async def configuration_changed(self) -> None:
        self.reloads += 1
        await self.read_configuration()

    async def read_configuration(self) -> None:
        self.registered = {device.id: device for device in await self.store.devices()}

    async def care(self, alert_ids: Sequence[int], care: Care, by: Authorship) -> list[Alert | Refused]:
        return [self._cared(alert_id, care, by) for alert_id in alert_ids]

    def _cared(self, alert_id: int, care: Care, by: Authorship) -> Alert | Refused:
        if alert_id not in self.alerts:
            return Refused(ErrorCode.NOT_FOUND, f"there is no alert {alert_id}")
        alert = self.alerts[alert_id]
        match care:
            case Acknowledge(note, until_ms):
                change = acknowledge(alert, who=by.name, note=note, at_ms=by.at_ms, until_ms=until_ms)
            case Unacknowledge():
                change = unacknowledge(alert)
            case Assign(None):
                change = assign(alert, None)
            case Assign(user_id):
                if user_id not in self.assignees:
                    return invalid("userId", "is no user who may read alerts")
                change = assign(alert, Assignee(user_id, self.assignees[user_id]))
        self.alerts[alert_id] = change.alert
        return change.alert

    async def agent_revoked(self, agent_id: int) -> None:
        self.cut.append(agent_id)


@dataclass
class Connections:
    """Who would be connected."""

    infos: list[ClientInfo] = field(default_factory=list)
    emitted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failure: Exception | None = None
    rechecked: list[str] = field(default_factory=list)

    def connected_count(self) -> int:
        return len(self.infos)

    def is_user_connected(self, user_id: int) -> bool:
        return user_id == 1

    def clients(self) -> Sequence[ClientInfo]:
        return self.infos

    async def recheck(self, subject: str) -> None:
        self.rechecked.append(subject)

    async def emit_test(self, event: str, data: dict[str, Any]) -> None:
        if self.failure is not None:
            raise self.failure
        self.emitted.append((event, data))


@dataclass
class Commands:
    """Agents that answer what a test wants, in order; `asked` holds (agent id, kind, args)."""

    asked: list[tuple[int, CommandKind, msgspec.Struct]] = field(default_factory=list)
    answers: list[msgspec.Struct | Refused] = field(default_factory=list)

    async def ask(
        self, agent_id: int, kind: CommandKind, args: msgspec.Struct, answer: type[Body], *, timeout_s: float
    ) -> Body:
        assert timeout_s > 0
        self.asked.append((agent_id, kind, args))
        given = self.answers.pop(0)
        if isinstance(given, Refused):
            raise given
        assert isinstance(given, answer)
        return given


@dataclass
class Notifications:
    """Takes test messages; `outcome` is what becomes of them."""

    tried: list[Channel] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    changes: int = 0
    outcome: Outcome = field(default_factory=lambda: Outcome(delivered=True, text="taken"))

    def changed(self) -> None:
        self.changes += 1

    async def try_words(self, channel: Channel, message: Message) -> Outcome:
        self.said.append(message)
        return await self.try_out(channel)

    async def try_out(self, channel: Channel) -> Outcome:
        self.tried.append(channel)
        return self.outcome


@dataclass
class Answer:
    """An answer, read whole."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any
    cookie: str | None
    hint: str | None


class Hub:
    """An API with one user per role, all with `PASSWORD`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.now_ms = NOW_MS
        self.connections = Connections()
        self.commands = Commands()
        self.notifications = Notifications()
        self.users: dict[Role, User] = {}
        self.site = Site(0, "")

    def clock_ms(self) -> int:
        return self.now_ms

    async def start(self, keys: Keys, *, static_dir: Path) -> Self:
        self.keys = keys
        self.store: SqliteStore = await open_store(self.data_dir, clock_ms=self.clock_ms)
        self.engine = Engine(self.store)
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.tokens = Tokens(keys, self.store, self.clock_ms)
        password_hash = await self.passwords.hash(PASSWORD)
        for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.CUSTOMER, Role.METRICS):
            self.users[role] = await self.store.add_user(
                username=role.value,
                password_hash=password_hash,
                role=role,
                customer_id=9 if role is Role.CUSTOMER else None,
                by=local(NOW_MS),
            )
        self.site = await self.store.add_site("north", by=local(0))
        app = web.Application()
        self.context = ApiContext(
            config=HubConfig(self.data_dir, HubSettings(public_origins=(OTHER_ORIGIN,))),
            store=self.store,
            keys=keys,
            tokens=self.tokens,
            live=self.engine,
            sockets=self.connections,
            commands=self.commands,
            alerts=self.engine,
            notifications=self.notifications,
            configuration_changed=self.engine.configuration_changed,
            agent_revoked=self.engine.agent_revoked,
            started_ms=NOW_MS,
            clock_ms=self.clock_ms,
            passwords=self.passwords,
            sign_in_limit=AddressLimit(burst=1000, refill_ms=1),
        )
        app[API_CONTEXT] = self.context
        add_routes(app, static_dir=static_dir)
        self.app = app
        self.client: TestClient[web.Request, web.Application] = TestClient(TestServer(app), cookie_jar=DummyCookieJar())
        await self.client.start_server()
        self.origin = str(self.client.make_url("/")).rstrip("/")
        return self

    async def add_device(self, new: NewDevice) -> Device:
        """Register a device past the API."""
        device = await self.store.add_device(new, seal=None, by=local(NOW_MS))
        await self.engine.read_configuration()
        return device

    async def stop(self) -> None:
        await self.client.close()
        await self.store.close()

    def bearer(self, role: Role) -> dict[str, str]:
        if role is Role.ANONYMOUS:
            return {}
        return {"Authorization": f"Bearer {self.tokens.issue_access(self.users[role])}"}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role = Role.ADMIN,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        sent = self.bearer(role) | (headers or {})
        async with self.client.request(method, path, headers=sent, allow_redirects=False, **options) as response:
            return await _read(response)

    async def get(self, path: str, *, role: Role = Role.ADMIN) -> Answer:
        return await self.ask("GET", path, role=role)

    async def patch(self, path: str, body: object, *, role: Role = Role.ADMIN) -> Answer:
        return await self.ask("PATCH", path, role=role, json=body)

    async def delete(self, path: str, *, role: Role = Role.ADMIN) -> Answer:
        return await self.ask("DELETE", path, role=role)

    async def post(self, path: str, body: object, *, role: Role = Role.ADMIN) -> Answer:
        return await self.ask("POST", path, role=role, json=body)

    async def sign_in(self, username: str = "admin", password: str = PASSWORD) -> Answer:
        body = {"username": username, "password": password}
        return await self.ask("POST", "/api/v1/auth/login", role=Role.ANONYMOUS, json=body)


async def _read(response: ClientResponse) -> Answer:
    text = await response.text(errors="replace")
    is_json = "/json" in (kind := response.headers.get("Content-Type", "")) or "+json" in kind
    cookie, hint = response.cookies.get("noctule_refresh"), response.cookies.get("noctule_session")
    return Answer(
        response.status,
        dict(response.headers),
        text,
        await response.json(content_type=None) if is_json else None,
        cookie.OutputString() if cookie else None,
        hint.OutputString() if hint else None,
    )
