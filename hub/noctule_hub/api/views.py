"""The hub's records as HTTP answers show them: camelCase, times ISO 8601. Secrets have no field here."""

import msgspec
from noctule_shared.axes import IfStatus, Reachability
from noctule_shared.events import BandwidthItem, DeviceStatus, LatencyItem, LogPosition
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import FAILED_POLLS, ICMP_THRESHOLDS, IcmpThresholds
from noctule_shared.times import iso_from_ms

from noctule_hub.api.context import LiveView
from noctule_hub.core.accounts import ApiToken, User
from noctule_hub.core.commit import GapRow
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.records import Agent, Device, Interface, Site


def iso_or_none(ts_ms: int | None) -> str | None:
    """Return epoch milliseconds as ISO 8601; None stays None."""
    return None if ts_ms is None else iso_from_ms(ts_ms)


class IcmpView(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """How a device is pinged. What is absent, the device has no setting of its own for."""

    interval_s: float
    count: int
    spacing_s: float | None = None
    timeout_s: float | None = None
    thresholds: IcmpThresholds = ICMP_THRESHOLDS


class SnmpView(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """How a device is polled by SNMP, without what opens it. What is absent is as of any device."""

    version: SnmpVersion
    port: int
    interval_s: float
    failed_polls: int = FAILED_POLLS
    max_requests_per_s: float | None = None
    interfaces: InterfaceFilter = DEFAULT_FILTER


class DeviceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A device with its present state. `status_since` None: never judged; `latency`, `bandwidth` None: no data yet."""

    id: int
    name: str
    address: str
    site_id: int
    site_name: str
    agent_id: int | None
    agent_name: str | None
    reachability: Reachability
    status: DeviceStatus
    underlying: DeviceStatus | None
    status_reason: str
    status_since: str | None
    icmp: IcmpView | None
    snmp: SnmpView | None
    tags: list[str]
    revision: int
    created_at: str
    latency: LatencyItem | None
    bandwidth: BandwidthItem | None


class DevicePage(msgspec.Struct, frozen=True, rename="camel"):
    """A page of devices and the log position before which nothing is missing from their states."""

    items: list[DeviceView]
    next_cursor: str | None
    position: LogPosition


class InterfaceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An interface; `name` is the identity that its history follows, `speed_bps` None: unknown."""

    id: int
    device_id: int
    if_index: int
    name: str
    if_name: str
    if_descr: str
    if_alias: str
    if_type: int
    speed_bps: int | None
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    polled: bool
    bandwidth: BandwidthItem | None


class SiteView(msgspec.Struct, frozen=True, rename="camel"):
    """A site."""

    id: int
    name: str
    revision: int


class AgentView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An agent and its link. `backlog` None: unknown; `clock_skew_s`: its clock minus the hub's at its last hello."""

    id: int
    name: str
    site_id: int
    site_name: str
    link: str
    version: str
    last_seen: str | None
    backlog: int | None
    clock_skew_s: float | None
    created_at: str


class GapView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A hole in an agent's data; `samples` null: nobody can know how many."""

    from_: str = msgspec.field(name="from")
    to: str
    samples: int | None
    reason: str


class GapPage(msgspec.Struct, frozen=True, rename="camel"):
    """Holes, newest first; `more`: there are older ones in the range."""

    items: list[GapView]
    more: bool


class MeView(msgspec.Struct, frozen=True, rename="camel"):
    """Who the caller is."""

    subject: str
    name: str
    role: Role
    user_id: int | None
    customer_id: int | None


class UserView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A person who signs in."""

    id: int
    username: str
    role: Role
    customer_id: int | None
    disabled: bool
    created_at: str
    revision: int


class TokenView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A program's token, without the token."""

    id: int
    name: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str | None


def device_view(device: Device, *, sites: dict[int, str], agents: dict[int, str], live: LiveView) -> DeviceView:
    """Return a device with what the engine knows of it now; `sites` and `agents` are names by id."""
    state = live.device_state(device.id)
    return DeviceView(
        id=device.id,
        name=device.name,
        address=device.address,
        site_id=device.site_id,
        site_name=sites.get(device.site_id, ""),
        agent_id=device.agent_id,
        agent_name=agents.get(device.agent_id) if device.agent_id is not None else None,
        reachability=device.reachability,
        status=state.status if state else DeviceStatus.UNKNOWN,
        underlying=state.underlying if state else None,
        status_reason=state.reason if state else "never-judged",
        status_since=iso_from_ms(state.since_ms) if state else None,
        icmp=msgspec.convert(device.icmp, IcmpView, from_attributes=True) if device.icmp else None,
        snmp=msgspec.convert(device.snmp, SnmpView, from_attributes=True) if device.snmp else None,
        tags=list(device.tags),
        revision=device.revision,
        created_at=iso_from_ms(device.created_ms),
        latency=live.latency(device.id),
        bandwidth=live.bandwidth(device.id, None),
    )


def interface_view(interface: Interface, live: LiveView) -> InterfaceView:
    """Return an interface with its latest rates."""
    return InterfaceView(
        id=interface.id,
        device_id=interface.device_id,
        if_index=interface.if_index,
        name=interface.identity,
        if_name=interface.if_name,
        if_descr=interface.if_descr,
        if_alias=interface.if_alias,
        if_type=interface.if_type,
        speed_bps=interface.speed_bps,
        if_admin_status=interface.if_admin_status,
        if_oper_status=interface.if_oper_status,
        polled=interface.polled,
        bandwidth=live.bandwidth(interface.device_id, interface.id),
    )


def site_view(site: Site) -> SiteView:
    """Return a site."""
    return SiteView(site.id, site.name, site.revision)


def agent_view(agent: Agent, *, site_name: str, live: LiveView) -> AgentView:
    """Return an agent with its link as it is now."""
    link, backlog = live.agent_link(agent.id)
    skew_ms = live.agent_skew_ms(agent.id)
    return AgentView(
        id=agent.id,
        name=agent.name,
        site_id=agent.site_id,
        site_name=site_name,
        link="revoked" if agent.revoked_ms is not None else link,
        version=agent.version,
        last_seen=iso_or_none(agent.last_seen_ms),
        backlog=backlog,
        clock_skew_s=None if skew_ms is None else skew_ms / 1000,
        created_at=iso_from_ms(agent.created_ms),
    )


def gap_view(gap: GapRow) -> GapView:
    """Return a hole."""
    return GapView(from_=iso_from_ms(gap.from_ms), to=iso_from_ms(gap.to_ms), samples=gap.samples, reason=gap.reason)


def me_view(principal: Principal) -> MeView:
    """Return who the caller is."""
    return MeView(principal.subject, principal.name, principal.role, principal.user_id, principal.customer_id)


def user_view(user: User) -> UserView:
    """Return a user without the password's hash."""
    return UserView(
        id=user.id,
        username=user.username,
        role=user.role,
        customer_id=user.customer_id,
        disabled=user.disabled,
        created_at=iso_from_ms(user.created_ms),
        revision=user.revision,
    )


def token_view(token: ApiToken) -> TokenView:
    """Return a token's description."""
    return TokenView(
        id=token.id,
        name=token.name,
        role=token.role,
        created_at=iso_from_ms(token.created_ms),
        expires_at=iso_from_ms(token.expires_ms),
        revoked_at=iso_or_none(token.revoked_ms),
    )
