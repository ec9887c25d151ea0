"""Testing devices and finding new ones through agents: what is asked of whom, and that secrets stay sealed."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Interface
from noctule_shared.axes import IfStatus
from noctule_shared.commands import (
    DiscoverArgs,
    DiscoverBody,
    IcmpBody,
    PollRowArgs,
    PollRowBody,
    ProbeArgs,
    ProbeBody,
    RttBody,
    TracerouteArgs,
    TracerouteBody,
)
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.link import CommandKind

from tests.hub.api.harness import Answer, Hub
from tests.hub.api.test_devices import add, enrol

PROBED = ProbeBody("192.0.2.1", IcmpBody(5, 5, 0.0, RttBody(*[0.001] * 5)), None, 0, [], [])
SWEPT = DiscoverBody("192.0.2.0/30", 2, 2, complete=True, icmp=True, send_error=None, duration_s=0.1, found=[])
SNMP = {"version": "2c", "community": "planted-community"}
V3 = {"user": "noc", "authProtocol": "SHA-256", "authSecret": "planted-auth-secret"}
COMMANDS = ("/devices/1/test", "/devices/1/traceroute", "/devices/1/interfaces/4/poll", "/agents/1/discover")


@pytest.fixture
async def device_id(hub: Hub) -> int:
    await enrol(hub)
    return int((await add(hub, snmp=SNMP)).json["id"])


async def post(hub: Hub, path: str, body: object = None, *, role: Role = Role.OPERATOR) -> Answer:
    if body is None:
        return await hub.ask("POST", f"/api/v1{path}", role=role)
    return await hub.post(f"/api/v1{path}", body, role=role)


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.BILLING, Role.CUSTOMER, Role.METRICS, Role.ANONYMOUS])
@pytest.mark.usefixtures("device_id")
async def test_only_operators_and_administrators_command_agents(hub: Hub, path: str, role: Role) -> None:
    answer = await post(hub, path, {"network": "192.0.2.0/30"}, role=role)
    assert answer.status == (401 if role is Role.ANONYMOUS else 403)
    assert hub.commands.asked == []


async def test_device_is_tested_as_registered_by_its_own_agent_and_no_secret_travels(hub: Hub, device_id: int) -> None:
    hub.commands.answers = [PROBED]
    answer = await post(hub, f"/devices/{device_id}/test")
    assert (answer.status, answer.json["icmp"]["received"]) == (200, 5)
    assert hub.commands.asked == [(1, CommandKind.PROBE, ProbeArgs(device_id))]
    assert "planted" not in repr(hub.commands.asked) + answer.text


async def test_stored_community_is_sent_to_no_other_address(hub: Hub, device_id: int) -> None:
    answer = await post(hub, f"/devices/{device_id}/test", {"address": "192.0.2.66"})
    assert (answer.status, answer.json["field"]) == (400, "snmp")
    assert hub.commands.asked == []


async def test_other_credentials_are_tried_sealed(hub: Hub, device_id: int) -> None:
    hub.commands.answers = [PROBED]
    body = {"address": "192.0.2.66", "snmp": {"version": "2c", "port": 1161, "community": "planted-other"}, "count": 2}
    assert (await post(hub, f"/devices/{device_id}/test", body)).status == 200
    ((_, _, args),) = hub.commands.asked
    assert isinstance(args, ProbeArgs)
    assert args.snmp is not None
    assert (args.address, args.count, args.snmp.port) == ("192.0.2.66", 2, 1161)
    assert "planted" not in repr(args)
    assert len(args.snmp.sealed) > 40


async def test_what_an_agent_refuses_is_a_problem_with_its_reason(hub: Hub, device_id: int) -> None:
    hub.commands.answers = [Refused(ErrorCode.BUSY, "the device's agent is not connected", retry_after_s=5.0)]
    answer = await post(hub, f"/devices/{device_id}/test")
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "5")


async def test_device_that_no_agent_polls_cannot_be_tested(hub: Hub) -> None:
    device_id = (await add(hub)).json["id"]
    answer = await post(hub, f"/devices/{device_id}/test")
    assert (answer.status, answer.json["code"]) == (400, "invalid")
    assert "no agent polls core1" in answer.json["message"]


async def test_way_to_a_device_is_traced(hub: Hub, device_id: int) -> None:
    hub.commands.answers = [TracerouteBody("192.0.2.1", reached=False, hops=[])]
    answer = await post(hub, f"/devices/{device_id}/traceroute")
    assert answer.json == {"address": "192.0.2.1", "reached": False, "hops": []}
    assert hub.commands.asked == [(1, CommandKind.TRACEROUTE, TracerouteArgs(device_id))]


async def test_interface_is_read_by_the_index_that_it_has_now(hub: Hub, device_id: int) -> None:
    up = IfStatus.UP
    port = Interface(4, device_id, "Gi0/1", 10_101, 1, "Gi0/1", "", "", 6, None, up, up, polled=True, state_ms=1)
    hub.engine.ports[device_id] = [port]
    hub.commands.answers = [PollRowBody(10_101)]
    assert (await post(hub, f"/devices/{device_id}/interfaces/4/poll")).json == {"ifIndex": 10_101}
    assert hub.commands.asked == [(1, CommandKind.POLL_ROW, PollRowArgs(device_id, 10_101))]
    assert (await post(hub, f"/devices/{device_id}/interfaces/5/poll")).status == 404


async def test_sweep_offers_a_device_s_credentials_by_reference_and_others_sealed(hub: Hub, device_id: int) -> None:
    hub.commands.answers = [SWEPT]
    offers = [
        {"deviceId": device_id},
        {"name": "the new ones", "community": "planted-new"},
        {"name": "the user", "version": "3", "v3": V3},
    ]
    answer = await post(hub, "/agents/1/discover", {"network": "192.0.2.0/30", "credentials": offers, "limitS": 20})
    assert (answer.status, answer.json["addresses"]) == (200, 2)
    ((agent_id, _, args),) = hub.commands.asked
    assert isinstance(args, DiscoverArgs)
    assert (agent_id, args.network, args.limit_s) == (1, "192.0.2.0/30", 20)
    assert [offer.name for offer in args.credentials] == ["device core1", "the new ones", "the user"]
    assert (args.credentials[0].device_id, args.credentials[0].sealed) == (device_id, None)
    assert "planted" not in repr(args) + answer.text


@pytest.mark.parametrize(
    ("offer", "field"),
    [
        ({"deviceId": 99}, "credentials[0].deviceId"),
        ({"deviceId": 1, "community": "planted-x"}, "credentials[0]"),
        ({"community": "planted-x"}, "credentials[0].name"),
        ({"name": "n"}, "credentials[0].community"),
        ({"name": "n", "version": "3"}, "credentials[0].v3"),
        ({"name": "n\n", "community": "planted-x", "v3": V3}, "credentials[0].v3"),
    ],
)
@pytest.mark.usefixtures("device_id")
async def test_wrong_offer_is_named_and_not_repeated(hub: Hub, offer: dict[str, Any], field: str) -> None:
    answer = await post(hub, "/agents/1/discover", {"network": "192.0.2.0/30", "credentials": [offer]})
    assert (answer.status, answer.json["field"]) == (400, field)
    assert "planted" not in answer.text
    assert hub.commands.asked == []


@pytest.mark.parametrize("code", [ErrorCode.INVALID, ErrorCode.FORBIDDEN])
@pytest.mark.usefixtures("device_id")
async def test_what_an_agent_does_not_take_of_a_sweep_is_its_network(hub: Hub, code: ErrorCode) -> None:
    hub.commands.answers = [Refused(code, "the agent says: it is outside allowed_networks")]
    answer = await post(hub, "/agents/1/discover", {"network": "192.0.2.0/30"})
    assert (answer.json["code"], answer.json["field"]) == (code.value, "network")


@pytest.mark.usefixtures("device_id")
async def test_revoked_agent_is_asked_nothing(hub: Hub) -> None:
    await hub.ask("DELETE", "/api/v1/agents/1")
    assert (await post(hub, "/agents/1/discover", {"network": "192.0.2.0/30"})).status == 404
