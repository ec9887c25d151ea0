"""Both SNMP backends against net-snmp's own agent: values, missing names, failures with their reason."""

import pytest
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.backend import Backend, open_session, resolve
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.gufo_session import GufoSession
from noctule_agent.probes.snmp.inventory import read_system, read_tables
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.port_probe import PortState, port_state
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

from tests.agent.conftest import Snmpd, free_udp_port
from tests.agent.probes.snmp.udp_relay import UdpRelay

COMMUNITY = SnmpCredentials(community="public")
AUTH_PRIV = SnmpCredentials(
    user="author",
    auth_protocol=AuthProtocol.SHA1,
    auth_secret="authsecret1",
    priv_protocol=PrivProtocol.AES128,
    priv_secret="privsecret1",
)
AUTH_ONLY = SnmpCredentials(user="onlyauth", auth_protocol=AuthProtocol.MD5, auth_secret="authsecret2")
NO_SUCH_NAME = Column.ifInOctets.of(999_999)
BACKENDS = [Backend.GUFO, Backend.PYSNMP]
backends = pytest.mark.parametrize("backend", BACKENDS)


@backends
@pytest.mark.parametrize(
    ("version", "credentials"),
    [
        (SnmpVersion.V1, COMMUNITY),
        (SnmpVersion.V2C, COMMUNITY),
        (SnmpVersion.V3, SnmpCredentials(user="plain")),
        (SnmpVersion.V3, AUTH_ONLY),
        (SnmpVersion.V3, AUTH_PRIV),
    ],
)
async def test_system_and_tables_are_read(
    snmpd: Snmpd, backend: Backend, version: SnmpVersion, credentials: SnmpCredentials
) -> None:
    client = SnmpClient(open_session("127.0.0.1", snmpd.port, version, credentials, backend=backend), interval_s=60)
    try:
        system, answer = await read_system(client)
        tables = await read_tables(client, (Column.ifIndex, Column.ifDescr, Column.ifOperStatus))
    finally:
        await client.close()
    assert (system.sys_name, system.sys_location) == ("tester", "under test")
    assert system.sys_object_id is not None
    assert system.sys_object_id.startswith("1.3.6.1.4.1.8072.")
    assert answer.uptime_ticks is not None
    assert answer.response_s > 0
    indexes = tables.if_indexes()
    assert [tables.number(Column.ifIndex, index) for index in indexes] == indexes
    assert b"lo" in {tables.octets(Column.ifDescr, index) for index in indexes}


@backends
@pytest.mark.parametrize("version", [SnmpVersion.V1, SnmpVersion.V2C])
async def test_missing_name_is_none_among_others_that_exist(
    snmpd: Snmpd, backend: Backend, version: SnmpVersion
) -> None:
    client = SnmpClient(open_session("127.0.0.1", snmpd.port, version, COMMUNITY, backend=backend), interval_s=60)
    try:
        answers = await client.get([[mib.SYS_NAME, NO_SUCH_NAME, mib.SYS_LOCATION]])
    finally:
        await client.close()
    values = {oid: value for answer in answers for oid, value in answer.values.items()}
    assert values == {mib.SYS_NAME: b"tester", NO_SUCH_NAME: None, mib.SYS_LOCATION: b"under test"}


@backends
async def test_walk_of_nothing_is_empty(snmpd: Snmpd, backend: Backend) -> None:
    session = open_session("127.0.0.1", snmpd.port, SnmpVersion.V2C, COMMUNITY, backend=backend)
    try:
        assert await SnmpClient(session, interval_s=60).walk("1.3.6.1.2.1.2.2.1.99") == []
        # Beyond everything that the device has: the end of its objects and no error.
        assert await session.next("2.9", repetitions=10, timeout_s=5) == []
        assert await session.next("2.9", repetitions=0, timeout_s=5) == []
    finally:
        await session.close()


@backends
@pytest.mark.parametrize(
    ("version", "credentials", "reason"),
    [
        (SnmpVersion.V2C, SnmpCredentials(community="wrong"), Reason.TIMEOUT),
        (SnmpVersion.V3, SnmpCredentials(user="nobody"), Reason.WRONG_CREDENTIALS),
        (
            SnmpVersion.V3,
            SnmpCredentials(user="onlyauth", auth_protocol=AuthProtocol.MD5, auth_secret="not-the-secret"),
            Reason.WRONG_CREDENTIALS,
        ),
        # A level below the user's own.
        (SnmpVersion.V3, SnmpCredentials(user="author"), Reason.WRONG_CREDENTIALS),
    ],
)
async def test_refusals_have_their_reason_and_no_secret(
    *, snmpd: Snmpd, backend: Backend, version: SnmpVersion, credentials: SnmpCredentials, reason: Reason
) -> None:
    session = open_session("127.0.0.1", snmpd.port, version, credentials, backend=backend)
    try:
        with pytest.raises(SnmpFailure) as failure:
            await session.get([mib.SYS_UP_TIME], timeout_s=0.5)
    finally:
        await session.close()
    assert failure.value.reason is reason
    assert "not-the-secret" not in str(failure.value)
    assert "wrong" not in str(failure.value).split()


@backends
@pytest.mark.parametrize(("version", "credentials"), [(SnmpVersion.V2C, COMMUNITY), (SnmpVersion.V3, AUTH_PRIV)])
async def test_closed_port_is_told_from_silence(
    backend: Backend, version: SnmpVersion, credentials: SnmpCredentials
) -> None:
    session = open_session("127.0.0.1", free_udp_port(), version, credentials, backend=backend)
    try:
        with pytest.raises(SnmpFailure) as failure:
            await session.get([mib.SYS_UP_TIME], timeout_s=1)
    finally:
        await session.close()
    assert failure.value.reason is Reason.PORT_CLOSED


async def test_port_of_an_agent_speaks_v3_and_a_free_one_is_closed(snmpd: Snmpd) -> None:
    assert await port_state("127.0.0.1", snmpd.port, timeout_s=10) is PortState.SPEAKS_V3
    assert await port_state("127.0.0.1", free_udp_port(), timeout_s=10) is PortState.CLOSED


async def test_lost_request_is_repeated(snmpd: Snmpd) -> None:
    async with UdpRelay(("127.0.0.1", snmpd.port), lambda number: None if number == 0 else 0.0) as relay:
        client = SnmpClient(GufoSession("127.0.0.1", relay.port, SnmpVersion.V2C, COMMUNITY), interval_s=5)
        answer = await client.response()
        await client.close()
    assert answer.uptime_ticks is not None
    assert relay.requests == 2


@backends
async def test_answer_that_comes_after_its_timeout_is_not_taken_for_the_next_one(
    snmpd: Snmpd, backend: Backend
) -> None:
    async with UdpRelay(("127.0.0.1", snmpd.port), lambda number: 0.3 if number == 0 else 0.6) as relay:
        session = open_session("127.0.0.1", relay.port, SnmpVersion.V2C, COMMUNITY, backend=backend)
        with pytest.raises(SnmpFailure) as failure:
            await session.get([mib.SYS_LOCATION], timeout_s=0.1)
        assert failure.value.reason is Reason.TIMEOUT
        # The late answer arrives while this one is waited for.
        assert await session.get([mib.SYS_NAME], timeout_s=20) == {mib.SYS_NAME: b"tester"}
        await session.close()


async def test_name_that_does_not_resolve_is_no_such_host() -> None:
    with pytest.raises(SnmpFailure) as failure:
        await resolve("router.invalid")
    assert failure.value.reason is Reason.NO_SUCH_HOST


async def test_context_needs_pysnmp() -> None:
    credentials = SnmpCredentials(user="plain", context="vlan-7")
    with pytest.raises(SnmpFailure, match="pysnmp"):
        open_session("127.0.0.1", 161, SnmpVersion.V3, credentials, backend=Backend.GUFO)
    session = open_session("127.0.0.1", 161, SnmpVersion.V3, credentials)
    assert type(session).__name__ == "PysnmpSession"
    await session.close()
