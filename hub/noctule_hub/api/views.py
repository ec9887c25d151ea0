"""The hub's records as HTTP answers show them: camelCase, times ISO 8601. Secrets have no field here."""

import msgspec
from noctule_shared.events import DeviceStatus
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.agents import AgentView, GapView
from noctule_hub.answers.devices import DeviceView, IcmpView, InterfaceView, SnmpView
from noctule_hub.answers.sites import SiteView
from noctule_hub.api.context import LiveView
from noctule_hub.core.commit import GapRow
from noctule_hub.core.records import Agent, Device, Interface, Site


def iso_or_none(ts_ms: int | None) -> str | None:
    """Return epoch milliseconds as ISO 8601; None stays None."""
    return None if ts_ms is None else iso_from_ms(ts_ms)


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
        role=device.role,
        tags=list(device.tags),
        parents=list(device.parents),
        note=device.note,
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
        duplex=interface.duplex,
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
