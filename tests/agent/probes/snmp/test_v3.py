"""SNMPv3 against net-snmp's own agent: every protocol, restarts, and what is kept between sessions."""

from pathlib import Path

import pytest
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.memory import Memory
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

from tests.agent.conftest import Snmpd, free_udp_port, start_snmpd, stop
from tests.agent.probes.snmp.test_sessions import AUTH_PRIV
from tests.agent.probes.snmp.udp_relay import UdpRelay

backends = pytest.mark.parametrize("backend", [Backend.GUFO, Backend.PYSNMP])
NAME = {mib.SYS_NAME: b"tester"}


@backends
@pytest.mark.parametrize(
    ("user", "auth", "priv", "number"),
    [
        ("strong", AuthProtocol.SHA512, PrivProtocol.AES256, 3),
        ("middle", AuthProtocol.SHA224, PrivProtocol.AES192, 4),
        ("old", AuthProtocol.MD5, PrivProtocol.DES, 5),
        # SHA-1 makes 20 octets; the other 12 of the key come from its extension.
        ("stretched", AuthProtocol.SHA1, PrivProtocol.AES256, 6),
    ],
)
async def test_protocols_are_those_of_net_snmp(  # noqa: PLR0917  pytest passes them by name
    snmpd: Snmpd, backend: Backend, user: str, auth: AuthProtocol, priv: PrivProtocol, number: int
) -> None:
    credentials = SnmpCredentials(
        user=user,
        auth_protocol=auth,
        auth_secret=f"authsecret{number}",
        priv_protocol=priv,
        priv_secret=f"privsecret{number}",
    )
    session = open_session("127.0.0.1", snmpd.port, SnmpVersion.V3, credentials, backend=backend)
    try:
        assert await session.get([mib.SYS_NAME], timeout_s=20) == NAME
    finally:
        await session.close()


@backends
async def test_device_that_started_again_is_resynchronised_within_one_attempt(tmp_path: Path, backend: Backend) -> None:
    port = free_udp_port()
    first = start_snmpd(tmp_path, port)
    session = open_session("127.0.0.1", port, SnmpVersion.V3, AUTH_PRIV, backend=backend)
    try:
        assert await session.get([mib.SYS_NAME], timeout_s=20) == NAME
        stop(first.process)
        second = start_snmpd(tmp_path, port)
        try:
            assert await session.get([mib.SYS_NAME], timeout_s=20) == NAME
        finally:
            stop(second.process)
    finally:
        await session.close()


@backends
async def test_device_with_another_engine_id_is_found_again_by_a_retry(tmp_path: Path, backend: Backend) -> None:
    port = free_udp_port()
    client = SnmpClient(open_session("127.0.0.1", port, SnmpVersion.V3, AUTH_PRIV, backend=backend), interval_s=5)
    try:
        for number in range(2):
            folder = tmp_path / str(number)
            folder.mkdir()
            snmpd = start_snmpd(folder, port)
            try:
                assert (await client.response()).uptime_ticks is not None
            finally:
                stop(snmpd.process)
    finally:
        await client.close()


async def test_session_opened_again_needs_no_discovery_and_makes_no_key_anew(snmpd: Snmpd) -> None:
    memory = Memory()
    async with UdpRelay(("127.0.0.1", snmpd.port), lambda _: 0.0) as relay:
        requests = []
        for _ in range(2):
            before = relay.requests
            session = open_session("127.0.0.1", relay.port, SnmpVersion.V3, AUTH_PRIV, memory=memory)
            assert await session.get([mib.SYS_NAME], timeout_s=20) == NAME
            await session.close()
            requests.append(relay.requests - before)
    # Engine id, then boots and time, then the GET; the second time the id is known.
    assert requests == [3, 2]
    assert len(memory.master_keys) == 2


async def test_stale_engine_id_is_forgotten(snmpd: Snmpd) -> None:
    memory = Memory()
    memory.engines.put(("127.0.0.1", snmpd.port), bytes.fromhex("80001f8880aabbccddeeff00"))
    session = open_session("127.0.0.1", snmpd.port, SnmpVersion.V3, AUTH_PRIV, memory=memory)
    client = SnmpClient(session, interval_s=5)
    try:
        assert (await client.response()).uptime_ticks is not None
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        (SnmpCredentials(user="nobody"), "Unknown USM user"),
        (
            SnmpCredentials(user="onlyauth", auth_protocol=AuthProtocol.MD5, auth_secret="not-the-secret"),
            "Wrong SNMP PDU digest",
        ),
        (
            SnmpCredentials(
                user="onlyauth",
                auth_protocol=AuthProtocol.MD5,
                auth_secret="authsecret2",
                priv_protocol=PrivProtocol.AES128,
                priv_secret="it-has-none",
            ),
            "Unsupported SNMP security level",
        ),
        (SnmpCredentials(user="author"), "authorizationError"),
    ],
)
async def test_what_the_device_reports_is_told_by_default_too(
    snmpd: Snmpd, credentials: SnmpCredentials, says: str
) -> None:
    memory = Memory()
    # The second session has it from the first.
    for _ in range(2):
        session = open_session("127.0.0.1", snmpd.port, SnmpVersion.V3, credentials, memory=memory)
        with pytest.raises(SnmpFailure, match=says) as failure:
            await session.get([mib.SYS_UP_TIME], timeout_s=20)
        assert failure.value.reason is Reason.WRONG_CREDENTIALS
        assert session.remark is None
        await session.close()
