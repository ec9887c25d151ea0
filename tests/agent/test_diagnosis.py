"""What is said of an address, and the advice that goes with it."""

import socket
from contextlib import closing

import pytest
from msgspec.structs import replace
from noctule_agent.diagnosis import diagnose
from noctule_agent.probes.icmp import NoPermission
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp.session import Reason
from noctule_agent.reports import Diagnosis, Question
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

from tests.agent.conftest import Snmpd, free_udp_port
from tests.agent.probes.snmp.quirky_agent import Quirks, QuirkyAgent

COMMUNITY = SnmpCredentials(community="public")


async def ask(
    port: int,
    credentials: SnmpCredentials = COMMUNITY,
    *,
    version: SnmpVersion = SnmpVersion.V2C,
    address: str = "127.0.0.1",
    backend: Backend = Backend.AUTO,
) -> Diagnosis:
    return await diagnose(Question(address, port, version, credentials, backend, count=1))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a silent device as if it were polled each 2 s, so that a test of silence takes under a second."""
    monkeypatch.setattr("noctule_agent.diagnosis.PROBE_INTERVAL_S", 2.0)
    monkeypatch.setattr("noctule_agent.diagnosis.PORT_WAIT_S", 0.5)


@pytest.mark.parametrize("backend", [Backend.GUFO, Backend.PYSNMP])
async def test_device_that_answers_is_described(snmpd: Snmpd, backend: Backend) -> None:
    found = await ask(snmpd.port, backend=backend)
    assert (found.snmp.ok, found.snmp.reason, found.snmp.sys_name) == (True, None, "tester")
    assert found.answered
    assert "lo" in {row.name for row in found.interfaces}
    loopback = next(row for row in found.interfaces if row.if_name == "lo")
    assert loopback.in_octets is not None
    assert loopback.in_octets == loopback.out_octets or loopback.in_octets > 0


async def test_closed_port_is_named_with_what_to_do(icmp_permission: None) -> None:  # noqa: ARG001  skips without it
    found = await ask(free_udp_port())
    assert (found.snmp.ok, found.snmp.reason) == (False, Reason.PORT_CLOSED)
    assert found.icmp.received == 1
    assert any("Enable SNMP" in sentence for sentence in found.advice)


async def test_wrong_community_is_a_timeout_and_the_advice_says_what_it_may_be(snmpd: Snmpd) -> None:
    found = await ask(snmpd.port, SnmpCredentials(community="not-it"))
    assert found.snmp.reason is Reason.TIMEOUT
    assert any("community is wrong" in sentence for sentence in found.advice)
    assert "not-it" not in str(found)


AUTHOR = SnmpCredentials(
    user="author",
    auth_protocol=AuthProtocol.SHA1,
    auth_secret="authsecret1",
    priv_protocol=PrivProtocol.AES128,
    priv_secret="privsecret1",
)
ONLY_AUTH = SnmpCredentials(user="onlyauth", auth_protocol=AuthProtocol.MD5, auth_secret="authsecret2")


@pytest.mark.parametrize(
    ("credentials", "why"),
    [
        (replace(AUTHOR, user="stranger"), "does not know this v3 user"),
        (replace(AUTHOR, auth_secret="wrongsecret"), "auth_secret is wrong"),
        (replace(AUTHOR, auth_protocol=AuthProtocol.SHA256), "set auth_protocol to SHA."),
        (replace(AUTHOR, priv_secret="wrongsecret"), "priv_secret is wrong"),
        (replace(AUTHOR, priv_protocol=PrivProtocol.DES), "set priv_protocol to AES."),
        (replace(AUTHOR, priv_protocol=None, priv_secret=None), "probably asks for privacy"),
        (SnmpCredentials(user="author"), "probably asks for authentication and privacy"),
        (
            replace(ONLY_AUTH, priv_protocol=PrivProtocol.AES128, priv_secret="privsecret1"),
            "knows this v3 user without privacy",
        ),
        (
            SnmpCredentials(user="plain", auth_protocol=AuthProtocol.MD5, auth_secret="authsecret2"),
            "knows this v3 user without authentication",
        ),
        (replace(AUTHOR, context="vlan7"), "not in this context"),
    ],
)
async def test_what_is_wrong_with_a_v3_user_is_told_apart(snmpd: Snmpd, credentials: SnmpCredentials, why: str) -> None:
    found = await ask(snmpd.port, credentials, version=SnmpVersion.V3)
    assert found.snmp.reason is Reason.WRONG_CREDENTIALS
    assert why in found.advice[-1]
    assert not any(secret in str(found) for secret in ("wrongsecret", "authsecret", "privsecret1"))


async def test_wrong_community_of_an_agent_without_v3_may_be_many_things(icmp_permission: None) -> None:  # noqa: ARG001  skips without it
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        found = await ask(silent.getsockname()[1])
    assert found.snmp.reason is Reason.TIMEOUT
    assert "list of allowed SNMP managers" in found.advice[-1]


async def test_without_permission_for_icmp_snmp_is_asked_and_the_ways_to_permit_are_named(
    snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*, v6: bool) -> None:  # noqa: ARG001  the real one's signature
        raise NoPermission

    monkeypatch.setattr("noctule_agent.probes.icmp.open_echo_socket", refuse)
    found = await ask(snmpd.port)
    assert (found.icmp.sent, found.icmp.loss_ratio, found.snmp.ok) == (0, None, True)
    assert "CAP_NET_RAW" in found.advice[0]


@pytest.mark.parametrize("backend", [Backend.AUTO, Backend.GUFO])
async def test_answers_from_another_address_are_named(backend: Backend) -> None:
    async with QuirkyAgent(Quirks(other_source="127.0.0.9")) as agent:
        found = await ask(agent.port, backend=backend)
    assert found.snmp.ok == (backend is Backend.AUTO)
    assert any("127.0.0.9" in sentence for sentence in found.advice)


async def test_device_that_knows_version_1_only_is_told_with_the_version_to_use() -> None:
    async with QuirkyAgent(Quirks(v1_only=True)) as agent:
        found = await ask(agent.port)
        assert found.snmp.reason is Reason.TIMEOUT
        assert any("does answer version 1" in sentence for sentence in found.advice)
        assert (await ask(agent.port, version=SnmpVersion.V1)).snmp.ok


async def test_name_that_does_not_resolve_is_no_such_host() -> None:
    found = await ask(161, address="router.invalid")
    assert found.snmp.reason is Reason.NO_SUCH_HOST
    assert not found.answered
    assert found.icmp.loss_ratio is None
    assert any("getent hosts router.invalid" in sentence for sentence in found.advice)
