"""What is said of an address, and the advice that goes with it."""

import pytest
from noctule_agent.diagnosis import diagnose
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


@pytest.mark.parametrize(
    ("auth_secret", "priv_secret"), [("wrongsecret", "privsecret1"), ("authsecret1", "wrongsecret")]
)
async def test_wrong_v3_secrets_are_told_from_silence(snmpd: Snmpd, auth_secret: str, priv_secret: str) -> None:
    credentials = SnmpCredentials(
        user="author",
        auth_protocol=AuthProtocol.SHA1,
        auth_secret=auth_secret,
        priv_protocol=PrivProtocol.AES128,
        priv_secret=priv_secret,
    )
    found = await ask(snmpd.port, credentials, version=SnmpVersion.V3)
    assert found.snmp.reason is Reason.WRONG_CREDENTIALS
    assert "wrongsecret" not in str(found)


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
