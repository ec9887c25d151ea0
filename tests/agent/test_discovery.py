"""A sweep of loopback addresses: all of them answer ICMP, a real SNMP agent and a listener wait at some."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import pytest
from noctule_agent.core.discovery import parse_network
from noctule_agent.discovery import discover
from noctule_agent.discovery_report import (
    MAX_ADDRESSES_PER_S,
    MAX_LIMIT_S,
    Discovery,
    DiscoveryOrder,
    FoundAddress,
    NamedCredentials,
    Progress,
)
from noctule_agent.probes.echo_round import EchoRound
from noctule_agent.probes.icmp import EchoClosed, EchoEngine
from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason
from noctule_shared.errors import Refused
from noctule_shared.link import AuthProtocol, SnmpCredentials, SnmpVersion

from tests.agent.conftest import Snmpd, free_udp_port, start_snmpd, stop

NETWORK = parse_network("127.81.0.0/29")
AGENT = "127.81.0.2"
LISTENER = "127.81.0.5"
# asyncio's timers may fire early by its clock's resolution.
CLOCK_SLACK_S = 0.01
PUBLIC = NamedCredentials("the-public-one", SnmpVersion.V2C, SnmpCredentials(community="public"))
FIRST = NamedCredentials("the-first", SnmpVersion.V2C, SnmpCredentials(community="s3cret-first"))
SECOND = NamedCredentials("the-second", SnmpVersion.V1, SnmpCredentials(community="s3cret-second"))
ONLY_AUTH = NamedCredentials(
    "the-user",
    SnmpVersion.V3,
    SnmpCredentials(user="onlyauth", auth_protocol=AuthProtocol.MD5, auth_secret="authsecret2"),
)


class Listener(asyncio.DatagramProtocol):
    """Keeps what it is sent and stays silent."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    @classmethod
    async def open(cls, address: str, port: int) -> tuple[Self, asyncio.BaseTransport]:
        transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(address, port))
        return listener, transport

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002  the protocol's signature
        self.seen.append(data)

    def offered(self) -> list[str]:
        """Return the communities that came, each once, in order."""
        found = [
            name for data in self.seen for name in ("public", "s3cret-first", "s3cret-second") if name.encode() in data
        ]
        return list(dict.fromkeys(found))


class WatchedEngine(EchoEngine):
    """A real engine that keeps when each round was asked for."""

    asked_s: list[float]

    async def round(self, address: str, count: int = 5, spacing_s: float = 0.2, timeout_s: float = 1.0) -> EchoRound:
        self.asked_s = [*getattr(self, "asked_s", []), time.monotonic()]
        return await super().round(address, count, spacing_s, timeout_s)


@pytest.fixture(autouse=True)
def quick_echoes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send both echoes at once: the loopback needs no time for ARP."""
    monkeypatch.setattr("noctule_agent.discovery.ECHO_SPACING_S", 0.01)


@pytest.fixture
async def engine(icmp_permission: None) -> AsyncIterator[WatchedEngine]:  # noqa: ARG001  skips without it
    opened = WatchedEngine.open()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    started = start_snmpd(tmp_path_factory.mktemp("snmpd"), free_udp_port(), AGENT)
    yield started
    stop(started.process)


@pytest.fixture
async def listener(agent: Snmpd) -> AsyncIterator[Listener]:
    opened, transport = await Listener.open(LISTENER, agent.port)
    yield opened
    transport.close()


def order(agent: Snmpd, *credentials: NamedCredentials, limit_s: float = 60.0) -> DiscoveryOrder:
    return DiscoveryOrder(NETWORK, credentials, agent.port, MAX_ADDRESSES_PER_S, limit_s)


def at(found: Discovery, address: str) -> FoundAddress:
    return next(one for one in found.found if one.address == address)


async def test_what_answers_is_found_and_says_who_it_is(engine: EchoEngine, agent: Snmpd) -> None:
    steps: list[Progress] = []
    found = await discover(order(agent, PUBLIC), engine, progress=steps.append)
    assert [one.address for one in found.found] == [f"127.81.0.{host}" for host in range(1, 7)]
    assert (found.complete, found.swept, found.addresses, found.icmp, found.send_error) == (True, 6, 6, True, None)
    assert all(one.icmp and one.rtt_s is not None and one.rtt_s > 0 for one in found.found)
    snmp = at(found, AGENT).snmp
    assert snmp is not None
    assert (snmp.ok, snmp.sys_name, snmp.credential, snmp.version) == (True, "tester", "the-public-one", "2c")
    assert (snmp.sys_object_id or "").startswith("1.3.6.1.4.1.8072.")
    assert snmp.sys_up_time_ticks is not None
    closed = at(found, "127.81.0.1").snmp
    assert closed is not None
    assert (closed.ok, closed.reason, closed.offered) == (False, Reason.PORT_CLOSED, 0)
    assert [step.swept for step in steps] == [1, 2, 3, 4, 5, 6]
    assert steps[-1] == Progress(6, 6, 6)


async def test_no_credentials_are_ever_offered_that_were_not_named(
    engine: EchoEngine, agent: Snmpd, listener: Listener
) -> None:
    found = await discover(order(agent), engine)
    assert listener.seen
    assert not any(b"public" in data or b"private" in data for data in listener.seen)
    assert {data[:5] for data in listener.seen} == {bytes.fromhex("303a020103")}  # only version 3, without a user
    for address, port in ((AGENT, PortState.SPEAKS_V3), (LISTENER, PortState.SILENT)):
        snmp = at(found, address).snmp
        assert snmp is not None
        assert (snmp.ok, snmp.reason, snmp.port, snmp.offered) == (False, None, port, 0)


async def test_named_credentials_are_offered_in_their_order_until_one_fits(
    engine: EchoEngine, agent: Snmpd, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noctule_agent.discovery.ASK_INTERVAL_S", 1.0)
    found = await discover(order(agent, SECOND, ONLY_AUTH, FIRST, PUBLIC), engine)
    assert listener.offered() == ["s3cret-second", "s3cret-first", "public"]
    silent, fitting = at(found, LISTENER).snmp, at(found, AGENT).snmp
    assert silent is not None
    assert (silent.ok, silent.reason, silent.offered) == (False, Reason.TIMEOUT, 4)
    assert fitting is not None
    assert (fitting.credential, fitting.version, fitting.offered) == ("the-user", SnmpVersion.V3, 2)
    assert not any(word in repr(found) for word in ("s3cret", "authsecret2"))


async def test_addresses_are_begun_no_faster_than_asked(engine: WatchedEngine, agent: Snmpd) -> None:
    gap_s = 0.05
    begun_s = time.monotonic()
    await discover(DiscoveryOrder(NETWORK, (), agent.port, 1 / gap_s), engine)
    # A busy machine only makes the gaps longer.
    assert len(engine.asked_s) == 6
    assert engine.asked_s[-1] - begun_s >= 5 * gap_s - CLOCK_SLACK_S


async def test_when_the_time_is_up_what_was_found_is_returned(
    engine: EchoEngine, agent: Snmpd, listener: Listener
) -> None:
    found = await discover(order(agent, FIRST, SECOND, limit_s=0.4), engine)
    assert not found.complete
    assert found.swept < found.addresses
    unfinished = [one for one in found.found if one.address == LISTENER]
    assert all(one.snmp is None for one in unfinished)
    assert "public" not in listener.offered()


async def test_cancelling_stops_the_sweep_and_leaves_the_engine_open(engine: EchoEngine, agent: Snmpd) -> None:
    begun = asyncio.Event()
    slow = DiscoveryOrder(NETWORK, (PUBLIC,), agent.port, 1.0)
    sweeping = asyncio.create_task(discover(slow, engine, progress=lambda _: begun.set()))
    async with asyncio.timeout(20):
        await begun.wait()
    sweeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweeping
    assert len(asyncio.all_tasks()) == 1
    assert (await engine.round("127.0.0.1", 1)).received == 1


async def test_a_closed_engine_ends_the_sweep_with_one_error(engine: EchoEngine, agent: Snmpd) -> None:
    engine.close()
    with pytest.raises(EchoClosed):
        await discover(order(agent), engine)


async def test_without_icmp_only_named_credentials_find_devices(agent: Snmpd, listener: Listener) -> None:
    with pytest.raises(Refused, match="name credentials"):
        await discover(order(agent), None)
    found = await discover(order(agent, PUBLIC), None)
    assert (found.icmp, found.complete) == (False, True)
    assert (at(found, AGENT).icmp, at(found, AGENT).rtt_s) == (None, None)
    assert LISTENER not in {one.address for one in found.found}
    assert listener.offered() == ["public"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"credentials": (PUBLIC,) * 6}, "credentials"),
        ({"addresses_per_s": 0.0}, "addressesPerS"),
        ({"addresses_per_s": MAX_ADDRESSES_PER_S + 1}, "addressesPerS"),
        ({"limit_s": 0.0}, "limitS"),
        ({"limit_s": MAX_LIMIT_S + 1}, "limitS"),
    ],
)
def test_an_order_outside_its_limits_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        DiscoveryOrder(NETWORK, **change)
    assert refused.value.field == field


def test_an_order_shows_no_secret() -> None:
    assert "s3cret" not in repr(DiscoveryOrder(NETWORK, (FIRST, SECOND)))
