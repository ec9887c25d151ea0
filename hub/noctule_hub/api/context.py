"""What the API is given to work with: narrow interfaces, so that it knows neither engine nor sockets."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Protocol

from aiohttp import web
from noctule_shared.errors import Refused
from noctule_shared.updates import BandwidthItem, LatencyItem

from noctule_hub.api.limits import EXPORT_RETRY_S, RequestLimit, Turns
from noctule_hub.api.notifies import Notifies
from noctule_hub.api.public_past import PublicPast
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.passwords import Passwords
from noctule_hub.auth.sessions import Sessions
from noctule_hub.auth.sign_in import SignIn
from noctule_hub.auth.throttle import AddressLimit, LoginThrottle
from noctule_hub.auth.token_use import TokenUses
from noctule_hub.auth.tokens import Tokens
from noctule_hub.config import HubConfig
from noctule_hub.core.agent_commands import AsksAgents
from noctule_hub.core.alerting.care import Care
from noctule_hub.core.audit import Authorship
from noctule_hub.core.drops import Drops
from noctule_hub.core.exposition import Family
from noctule_hub.core.payments import DayCounts
from noctule_hub.core.principal import Principal
from noctule_hub.core.records import Alert, Device, DeviceState, Interface
from noctule_hub.core.status_page import ComponentNow, StatusPage
from noctule_hub.core.tenancy import Tenancy
from noctule_hub.store.protocol import Store


class AgentLink(StrEnum):
    """How an agent's link is now, as `GET /api/v1/agents` says it."""

    CONNECTED = "connected"
    SILENT = "silent"
    NEVER = "never"
    REVOKED = "revoked"


class LiveView(Protocol):
    """The engine's present state and configuration, in memory and free to ask. None: not known (yet).

    Whoever writes configuration reads its own write here once `ApiContext.configuration_changed` has returned.
    """

    @property
    def tenancy(self) -> Tenancy:
        """Whose devices and interfaces are."""
        ...

    @property
    def assignees(self) -> Mapping[int, str]:
        """The users who may take care of alerts, by id with their names."""
        ...

    def position(self) -> int:
        """Return the log's seq up to which these states tell everything."""
        ...

    def devices(self) -> Sequence[Device]:
        """Return the registered devices by id."""
        ...

    def device(self, device_id: int) -> Device | None:
        """Return a registered device."""
        ...

    def device_state(self, device_id: int) -> DeviceState | None:
        """Return a device's status and axes."""
        ...

    def status_page(self) -> tuple[StatusPage, Sequence[ComponentNow]]:
        """Return the status page and what its components are; none while it is not published."""
        ...

    def latency(self, device_id: int) -> LatencyItem | None:
        """Return a device's latest round."""
        ...

    def bandwidth(self, device_id: int, interface_id: int | None) -> BandwidthItem | None:
        """Return an interface's latest rates, or with None the device's total."""
        ...

    def interfaces(self, device_id: int) -> Sequence[Interface]:
        """Return a device's interfaces that are present."""
        ...

    def interface(self, interface_id: int) -> Interface | None:
        """Return an interface that is present on its device."""
        ...

    def busiest(self, limit: int) -> Sequence[Interface]:
        """Return up to `limit` interfaces that carry most now, most first."""
        ...

    def agent_link(self, agent_id: int) -> tuple[str, int | None]:
        """Return the link's word (`AgentLink`) and the backlog in frames, None unknown."""
        ...

    def agent_skew_ms(self, agent_id: int) -> int | None:
        """Return an agent's clock minus the hub's at its last hello, None unknown."""
        ...


class Client(Protocol):
    """One Socket.IO connection as an operator sees it."""

    @property
    def sid(self) -> str:
        """The connection's id."""
        ...

    @property
    def user(self) -> str:
        """Name of the principal."""
        ...

    @property
    def role(self) -> str:
        """Role of the principal."""
        ...

    @property
    def address(self) -> str:
        """Where it comes from."""
        ...

    @property
    def tab(self) -> str | None:
        """What the client calls its tab."""
        ...

    @property
    def transport(self) -> str:
        """The transport, websocket or polling."""
        ...

    @property
    def rooms(self) -> Sequence[str]:
        """The rooms it is in, without audience."""
        ...

    @property
    def since_ms(self) -> int:
        """Since when it is connected, epoch milliseconds."""
        ...

    @property
    def queued_bytes(self) -> int:
        """How much waits to be sent to it."""
        ...

    @property
    def last_event(self) -> str | None:
        """The event that was last sent to it, None: none yet."""
        ...


class Sockets(Protocol):
    """What the API asks of `realtime.SocketService`."""

    def connected_count(self) -> int:
        """Return how many clients are connected."""
        ...

    def is_user_connected(self, user_id: int) -> bool:
        """Return whether a user has a connection."""
        ...

    def clients(self) -> Sequence[Client]:
        """Return all connections."""
        ...

    async def recheck(self, subject: str) -> None:
        """Cut the connections of `subject` whose token is good no more or whose rights have changed."""
        ...

    async def emit_test(self, event: str, data: dict[str, Any]) -> None:
        """Emit an event marked `test: true` that changes no state. Raises `Refused` (invalid)."""
        ...


class AlertDesk(Protocol):
    """What the API asks of the engine about alerts; each answer is durable."""

    async def care(self, alert_ids: Sequence[int], care: Care, by: Authorship) -> list[Alert | Refused]:
        """Return of each alert how it is when `care` is taken of it, or why it stays as it was.

        It is refused as not-found; invalid, field id when it is resolved or is that already, field until when that has
        passed, field userId for one who may not take care of alerts.
        """
        ...


# A person mistypes a few times in a row; 30 in a row from one address is a program.
SIGN_IN_BURST: Final = 30
SIGN_IN_REFILL_MS: Final = 2_000
# A whole office behind one address opens its pages again after a restart; guessing a refresh token is hopeless anyway.
REFRESH_BURST: Final = 300
REFRESH_REFILL_MS: Final = 200
# A rack of site servers may join from behind one address at once.
ENROL_BURST: Final = 60
ENROL_REFILL_MS: Final = 1_000


@dataclass(frozen=True)
class ApiContext:
    """Everything that handlers work with.

    `configuration_changed` is awaited after each write of sites, devices and agents, `agent_revoked` after a
    revocation with the agent's id. `clock_ms` is the wall clock in epoch milliseconds. `metrics` are the hub's own.
    The other members with defaults belong to the API itself; tests pass cheaper ones.
    """

    config: HubConfig
    store: Store
    keys: Keys
    tokens: Tokens
    live: LiveView
    sockets: Sockets
    commands: AsksAgents
    alerts: AlertDesk
    notifications: Notifies
    configuration_changed: Callable[[], Awaitable[None]]
    agent_revoked: Callable[[int], Awaitable[None]]
    started_ms: int
    clock_ms: Callable[[], int]
    payments_today: DayCounts = field(default_factory=DayCounts)
    passwords: Passwords = field(default_factory=Passwords)
    login_throttle: LoginThrottle = field(default_factory=LoginThrottle)
    sign_in_limit: AddressLimit = field(
        default_factory=lambda: AddressLimit(burst=SIGN_IN_BURST, refill_ms=SIGN_IN_REFILL_MS)
    )
    refresh_limit: AddressLimit = field(
        default_factory=lambda: AddressLimit(burst=REFRESH_BURST, refill_ms=REFRESH_REFILL_MS)
    )
    enrol_limit: AddressLimit = field(
        default_factory=lambda: AddressLimit(burst=ENROL_BURST, refill_ms=ENROL_REFILL_MS)
    )
    request_limit: RequestLimit = field(default_factory=RequestLimit)
    costly_reads: Turns = field(default_factory=lambda: Turns("series, months and searches"))
    exports: Turns = field(default_factory=lambda: Turns("exports", retry_s=EXPORT_RETRY_S))
    metrics: Callable[[], Iterable[Family]] = tuple
    drops: Drops = field(default_factory=Drops)
    token_uses: TokenUses = field(default_factory=TokenUses)
    public_past: PublicPast = field(default_factory=PublicPast)

    @cached_property
    def sessions(self) -> Sessions:
        """Browser sessions over the same store and clock."""
        return Sessions(self.store, self.clock_ms)

    @cached_property
    def sign_in(self) -> SignIn:
        """Proof by password over the same store, throttle and clock."""
        return SignIn(self.store, self.passwords, self.login_throttle, self.clock_ms)


API_CONTEXT: Final = web.AppKey("noctule_api_context", ApiContext)
PRINCIPAL: Final = web.RequestKey("noctule_principal", Principal)


def context_of(request: web.Request) -> ApiContext:
    """Return what the handlers of this application work with."""
    return request.app[API_CONTEXT]


def principal_of(request: web.Request) -> Principal:
    """Return who makes this request."""
    return request[PRINCIPAL]


def authorship_of(request: web.Request) -> Authorship:
    """Return who makes the change that this request asks for, for the audit log."""
    principal = principal_of(request)
    return Authorship(principal.subject, principal.name, request.remote, context_of(request).clock_ms())
