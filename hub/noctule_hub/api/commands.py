"""What agents do at once when asked: test a device, trace the way to it, read a port, find devices in a subnet.

Credentials go to the agent sealed, or are named by the device that they belong to; no answer holds any.
"""

from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.commands import (
    UNREGISTERED,
    CredentialName,
    DeviceId,
    DiscoverArgs,
    DiscoverBody,
    OfferedCredentials,
    PollRowArgs,
    PollRowBody,
    ProbeArgs,
    ProbeBody,
    SealedSnmp,
    TracerouteArgs,
    TracerouteBody,
    UdpPort,
)
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.link import CommandKind, SnmpCredentials, SnmpVersion

from noctule_hub.api.bodies import check_name, json_response, not_found, path_id, read_body
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.device_input import Text, check_address
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.snmp_input import Secret, SnmpInput, V3Input, check_credentials
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.sealing import seal_credentials
from noctule_hub.core.records import Agent, Device
from noctule_hub.errors import SealError

# A device that takes none of its credentials costs all attempts of all versions; half of a client's patience.
TEST_TIMEOUT_S: Final = 25.0
POLL_TIMEOUT_S: Final = 15.0
TRACEROUTE_TIMEOUT_S: Final = 15.0
# What a sweep may take beyond its own limit: the way there and back.
DISCOVER_MARGIN_S: Final = 5.0
MAX_DISCOVER_S: Final = 600.0
MAX_OFFERS: Final = 5


class DeviceTestInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/devices/{id}/test`; what is left out is as registered."""

    address: Text | None = None
    snmp: SnmpInput | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5


class OfferInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Credentials to offer: those of a device of this agent, or given here under a name."""

    device_id: DeviceId | None = None
    name: CredentialName | None = None
    version: SnmpVersion = SnmpVersion.V2C
    community: Secret | None = None
    v3: V3Input | None = None

    def __repr__(self) -> str:
        return "OfferInput(***)"


class DiscoverInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/agents/{id}/discover`."""

    network: Text
    credentials: Annotated[list[OfferInput], msgspec.Meta(max_length=MAX_OFFERS)] = []
    port: UdpPort = 161
    addresses_per_s: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 100.0
    limit_s: Annotated[float, msgspec.Meta(ge=1, le=MAX_DISCOVER_S)] = 60.0


async def check_device(request: web.Request) -> web.Response:
    """`POST /api/v1/devices/{id}/test`: what the device answers to its own agent, as registered or as given."""
    context = context_of(request)
    device, agent = await _device_and_agent(context, request)
    body = await read_body(request, DeviceTestInput) if request.can_read_body else DeviceTestInput()
    address = None if body.address is None else check_address(body.address)
    if address not in {None, device.address} and body.snmp is None and device.snmp is not None:
        raise invalid("snmp", "stored credentials are sent to no other address; give those to try")
    snmp = None
    if body.snmp is not None:
        sealed = _sealed(check_credentials(body.snmp), device.id, agent)
        snmp = SealedSnmp(body.snmp.version, body.snmp.port, sealed)
    args = ProbeArgs(device.id, address, snmp, body.count)
    found = await context.commands.ask(agent.id, CommandKind.PROBE, args, ProbeBody, timeout_s=TEST_TIMEOUT_S)
    return json_response(found)


async def trace_route(request: web.Request) -> web.Response:
    """`POST /api/v1/devices/{id}/traceroute`: the way from its agent to the device."""
    context = context_of(request)
    device, agent = await _device_and_agent(context, request)
    found = await context.commands.ask(
        agent.id, CommandKind.TRACEROUTE, TracerouteArgs(device.id), TracerouteBody, timeout_s=TRACEROUTE_TIMEOUT_S
    )
    return json_response(found)


async def poll_interface(request: web.Request) -> web.Response:
    """`POST /api/v1/devices/{id}/interfaces/{interfaceId}/poll`: read its statuses now; changes come as events."""
    context = context_of(request)
    device, agent = await _device_and_agent(context, request)
    interface_id = path_id(request, "interfaceId")
    interface = context.live.interface(interface_id)
    if interface is None or interface.device_id != device.id:
        raise not_found(f"{device.name} has no interface {interface_id}")
    args = PollRowArgs(device.id, interface.if_index)
    found = await context.commands.ask(agent.id, CommandKind.POLL_ROW, args, PollRowBody, timeout_s=POLL_TIMEOUT_S)
    return json_response(found)


async def discover(request: web.Request) -> web.Response:
    """`POST /api/v1/agents/{id}/discover`: what answers in a network, by an agent whose agent.toml allows it."""
    context = context_of(request)
    agent = await _agent(context, path_id(request))
    body = await read_body(request, DiscoverInput)
    offers = [_offer(offer, f"credentials[{place}]", context, agent) for place, offer in enumerate(body.credentials)]
    args = DiscoverArgs(body.network.strip(), offers, body.port, body.addresses_per_s, body.limit_s)
    timeout_s = body.limit_s + DISCOVER_MARGIN_S
    try:
        found = await context.commands.ask(agent.id, CommandKind.DISCOVER, args, DiscoverBody, timeout_s=timeout_s)
    except Refused as refused:
        # All else was checked here: what an agent does not take of a sweep is the network.
        if refused.code not in {ErrorCode.INVALID, ErrorCode.FORBIDDEN}:
            raise
        raise Refused(refused.code, refused.message, field="network") from None
    return json_response(found)


def _offer(offer: OfferInput, field: str, context: ApiContext, agent: Agent) -> OfferedCredentials:
    if offer.device_id is not None:
        device = context.live.device(offer.device_id)
        if device is None or device.agent_id != agent.id or device.snmp is None:
            raise invalid(f"{field}.deviceId", "must be a device of this agent with SNMP")
        if offer.name or offer.community or offer.v3:
            raise invalid(field, "give a deviceId alone, or a name with credentials")
        return OfferedCredentials(f"device {device.name}"[:100], device_id=device.id)
    if offer.name is None:
        raise invalid(f"{field}.name", "give these credentials a name, or a deviceId")
    try:
        given = SnmpInput(version=offer.version, community=offer.community, v3=offer.v3)
        credentials = check_credentials(given)
    except Refused as refused:
        raise invalid(f"{field}{(refused.field or '').removeprefix('snmp')}", refused.message) from None
    name = check_name(f"{field}.name", offer.name)
    return OfferedCredentials(name, version=offer.version, sealed=_sealed(credentials, UNREGISTERED, agent))


def _sealed(credentials: SnmpCredentials, device_id: int, agent: Agent) -> str:
    try:
        return seal_credentials(credentials, device_id, agent.sealing_key)
    except SealError as error:
        raise Refused(ErrorCode.BUSY, str(error)) from error


async def _device_and_agent(context: ApiContext, request: web.Request) -> tuple[Device, Agent]:
    device = find_device(context, path_id(request))
    if device.agent_id is None:
        raise invalid("id", f"no agent polls {device.name}; add an agent to its site first")
    return device, await _agent(context, device.agent_id)


async def _agent(context: ApiContext, agent_id: int) -> Agent:
    for agent in await context.store.agents():
        if agent.id == agent_id and agent.revoked_ms is None:
            return agent
    raise not_found(f"there is no agent {agent_id}")


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/devices/{id}/test",
        Action.COMMAND_AGENTS,
        check_device,
        Contract(body=DeviceTestInput, body_optional=True, answer=ProbeBody),
    ),
    Endpoint(
        "POST", "/api/v1/devices/{id}/traceroute", Action.COMMAND_AGENTS, trace_route, Contract(answer=TracerouteBody)
    ),
    Endpoint(
        "POST",
        "/api/v1/devices/{id}/interfaces/{interfaceId}/poll",
        Action.COMMAND_AGENTS,
        poll_interface,
        Contract(answer=PollRowBody),
    ),
    Endpoint(
        "POST",
        "/api/v1/agents/{id}/discover",
        Action.COMMAND_AGENTS,
        discover,
        Contract(body=DiscoverInput, answer=DiscoverBody),
    ),
)
