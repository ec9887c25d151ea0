"""What commands do, by real probes of loopback devices, and what they never do."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_agent.commands.execution import Commands
from noctule_agent.device_watch import PolledDevice
from noctule_agent.devices import DeviceList
from noctule_agent.errors import CommandRefused
from noctule_agent.monitor import Monitor
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.sealing import open_sealed
from noctule_shared.axes import Reachability
from noctule_shared.commands import (
    FOCUS_S,
    FOCUSED_ON_AGENT,
    UNREGISTERED,
    CommandFailure,
    DiscoverBody,
    FocusBody,
    ProbeBody,
    TracerouteBody,
)
from noctule_shared.errors import Refused
from noctule_shared.link import Command, CommandKind, DeviceConfig, IcmpConfig, SnmpConfig, SnmpCredentials, SnmpVersion

from tests.agent.conftest import Snmpd, free_udp_port, start_snmpd, stop
from tests.agent.fake_hub import seal
from tests.agent.test_monitor import ListSink

COMMUNITY = "public"
KEY = X25519PrivateKey.generate()
PUBLIC_KEY = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sealed(community: str, device_id: int) -> str:
    return seal(SnmpCredentials(community=community), device_id, PUBLIC_KEY)


def opened(sealed: str, device_id: int) -> SnmpCredentials:
    return open_sealed(KEY, sealed, device_id)


class Bench:
    """An agent's commands over a monitor with these devices."""

    def __init__(self, engine: EchoEngine | None, *devices: DeviceConfig, allowed: Sequence[str] = ()) -> None:
        self.sink = ListSink()
        self.monitor = Monitor(engine, self.sink)
        self.device_list = DeviceList(1, {device.device_id: device for device in devices})
        credentials = SnmpCredentials(community=COMMUNITY)
        self.monitor.apply({device.device_id: PolledDevice(device, credentials) for device in devices})
        networks = [ip_network(text) for text in allowed]
        self.commands = Commands(self, self.monitor, engine, open_secret=opened, allowed_networks=networks)

    async def do(self, kind: CommandKind, **args: Any) -> Any:
        deadline_ms = int((time.time() + 30) * 1000)
        return await self.commands.execute(Command("a", kind, deadline_ms, args), limit_s=30.0)

    async def refused(self, kind: CommandKind, **args: Any) -> CommandFailure:
        with pytest.raises(CommandRefused) as caught:
            await self.do(kind, **args)
        assert str(caught.value)
        return caught.value.reason

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.monitor.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


def device(
    device_id: int, port: int | None, *, address: str = "127.0.0.1", icmp_s: float | None = None
) -> DeviceConfig:
    snmp = None if port is None else SnmpConfig(SnmpVersion.V2C, port, 3600.0, sealed(COMMUNITY, device_id))
    icmp = None if icmp_s is None else IcmpConfig(interval_s=icmp_s, count=5, spacing_s=0.01, timeout_s=0.2)
    reachability = Reachability.SNMP if port is not None else Reachability.ICMP
    return DeviceConfig(device_id, f"router {device_id}", address, reachability, icmp, snmp)


@pytest.fixture
async def engine(icmp_permission: None) -> AsyncIterator[EchoEngine]:  # noqa: ARG001  skips without it
    found = EchoEngine.open()
    yield found
    found.close()


async def test_probe_says_what_the_agent_s_own_device_answers_and_tells_no_secret(
    snmpd: Snmpd, engine: EchoEngine
) -> None:
    found = await Bench(engine, device(1, snmpd.port)).do(CommandKind.PROBE, deviceId=1, count=2)
    assert isinstance(found, ProbeBody)
    assert found.snmp is not None
    assert (found.snmp.ok, found.snmp.sys_name) == (True, "tester")
    assert (found.icmp.sent, found.icmp.received) == (2, 2)
    assert found.interface_count == len(found.interfaces) >= 1
    text = json.dumps(msgspec.to_builtins(found))
    assert COMMUNITY not in text
    assert msgspec.convert(json.loads(text), ProbeBody) == found


async def test_probe_without_permission_for_icmp_asks_by_snmp(snmpd: Snmpd) -> None:
    found = await Bench(None, device(1, snmpd.port)).do(CommandKind.PROBE, deviceId=1)
    assert (found.icmp.sent, found.icmp.loss_ratio, found.snmp.ok) == (0, None, True)


async def test_device_without_snmp_is_only_pinged(engine: EchoEngine) -> None:
    found = await Bench(engine, device(1, None, icmp_s=10)).do(CommandKind.PROBE, deviceId=1, count=1)
    assert (found.icmp.received, found.snmp, found.interfaces) == (1, None, [])


@pytest.mark.parametrize("port", [None, 161])
async def test_name_that_does_not_resolve_is_a_finding_with_what_to_try(port: int | None) -> None:
    bench = Bench(None, device(1, port, address="router.invalid", icmp_s=10))
    for args in ({}, {"address": "other.invalid"}):
        found = await bench.do(CommandKind.PROBE, deviceId=1, **args)
        assert found.address == args.get("address", "router.invalid")
        assert (found.icmp.sent, found.icmp.reason) == (0, "no-such-host")
        assert (found.snmp and found.snmp.reason) == (port and "no-such-host")
        assert f"getent hosts {found.address}" in found.advice[0]


async def test_stored_community_is_never_sent_to_another_address(tmp_path: Path) -> None:
    port_of_other = start_snmpd(tmp_path, free_udp_port(), "127.78.9.9")
    bench = Bench(None, device(1, port_of_other.port), allowed=["127.78.9.0/24"])
    try:
        reason = await bench.refused(CommandKind.PROBE, deviceId=1, address="127.78.9.9")
        assert reason is CommandFailure.INVALID
        given = {"version": "2c", "port": port_of_other.port, "sealed": sealed("private", 1)}
        found = await bench.do(CommandKind.PROBE, deviceId=1, address="127.78.9.9", snmp=given)
    finally:
        stop(port_of_other.process)
    assert (found.snmp.ok, found.snmp.reason) == (False, "timeout")


async def test_probe_and_discover_end_at_the_allowed_networks(snmpd: Snmpd) -> None:
    bench = Bench(None, device(1, snmpd.port), allowed=["127.78.9.0/30"])
    given = {"version": "2c", "port": snmpd.port, "sealed": sealed(COMMUNITY, 1)}
    for address in ("127.78.9.4", "127.0.0.2", "localhost"):
        reason = await bench.refused(CommandKind.PROBE, deviceId=1, address=address, snmp=given)
        assert reason is CommandFailure.NOT_ALLOWED
    for network in ("127.78.9.0/29", "127.0.0.0/30"):
        assert await bench.refused(CommandKind.DISCOVER, network=network) is CommandFailure.NOT_ALLOWED
    with pytest.raises(Refused, match="is not a network"):
        await bench.do(CommandKind.DISCOVER, network="everything")


@pytest.mark.parametrize("kind", [CommandKind.PROBE, CommandKind.FOCUS, CommandKind.POLL_ROW, CommandKind.TRACEROUTE])
async def test_device_of_another_agent_is_refused(kind: CommandKind) -> None:
    bench = Bench(None, device(1, 161), allowed=["0.0.0.0/0"])
    args: dict[CommandKind, dict[str, Any]] = {CommandKind.FOCUS: {"on": True}, CommandKind.POLL_ROW: {"ifIndex": 1}}
    assert await bench.refused(kind, deviceId=2, **args.get(kind, {})) is CommandFailure.NOT_OWN


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        (CommandKind.PROBE, {}),
        (CommandKind.PROBE, {"deviceId": "1"}),
        (CommandKind.PROBE, {"deviceId": 1, "count": 21}),
        (CommandKind.FOCUS, {"deviceId": 1}),
        (CommandKind.POLL_ROW, {"deviceId": 1, "ifIndex": 0}),
        (CommandKind.DISCOVER, {"network": 7}),
        (CommandKind.DISCOVER, {"network": "127.0.0.0/30", "credentials": [{"name": "empty"}]}),
    ],
)
async def test_arguments_that_do_not_fit_are_refused(kind: CommandKind, args: dict[str, Any]) -> None:
    bench = Bench(None, device(1, 161), allowed=["127.0.0.0/8"])
    assert await bench.refused(kind, **args) is CommandFailure.INVALID


async def test_discover_offers_what_a_device_has_and_what_was_sealed_and_names_neither_secret(
    snmpd: Snmpd, engine: EchoEngine
) -> None:
    bench = Bench(engine, device(1, snmpd.port), allowed=["127.0.0.0/8"])
    offers = [
        {"name": "the sealed one", "version": "2c", "sealed": sealed("s3cret-guess", UNREGISTERED)},
        {"name": "device router 1", "deviceId": 1},
    ]
    found = await bench.do(CommandKind.DISCOVER, network="127.0.0.1/32", credentials=offers, port=snmpd.port)
    assert isinstance(found, DiscoverBody)
    (one,) = found.found
    assert one.snmp is not None
    assert (one.address, one.snmp.credential, one.snmp.sys_name) == ("127.0.0.1", "device router 1", "tester")
    text = json.dumps(msgspec.to_builtins(found))
    assert "s3cret-guess" not in text
    assert msgspec.convert(json.loads(text), DiscoverBody) == found


async def test_credentials_sealed_for_one_device_are_not_opened_for_another() -> None:
    bench = Bench(None, device(1, 161), allowed=["127.0.0.0/8"])
    offers = [{"name": "of device 1", "version": "2c", "sealed": sealed(COMMUNITY, 1)}]
    reason = await bench.refused(CommandKind.DISCOVER, network="127.0.0.1/32", credentials=offers)
    assert reason is CommandFailure.FAILED


async def test_device_in_focus_is_measured_each_second_until_it_is_let_go(engine: EchoEngine) -> None:
    bench = Bench(engine, device(1, None, icmp_s=3600.0))
    async with bench.running():
        await bench.sink.until(lambda: len(bench.sink.latencies) >= 1)
        assert await bench.do(CommandKind.FOCUS, deviceId=1, on=True) == FocusBody(FOCUS_S, 1.0)
        assert bench.monitor.in_focus() == [1]
        # Its ordinary next round is up to an hour away.
        await bench.sink.until(lambda: len(bench.sink.latencies) >= 4)
        assert await bench.do(CommandKind.FOCUS, deviceId=1, on=False) == FocusBody(0.0, 1.0)
        assert bench.monitor.in_focus() == []
    assert bench.sink.latencies[0].sent == 5
    in_focus = bench.sink.latencies[1:4]
    assert {row.sent for row in in_focus} == {3}
    assert in_focus[2].ts_ms - in_focus[1].ts_ms >= 500
    assert bench.monitor.stats()["overruns"] == 0


async def test_focus_ends_by_itself_and_goes_on_when_the_device_is_changed(engine: EchoEngine) -> None:
    bench = Bench(engine, device(1, None, icmp_s=3600.0))
    async with bench.running():
        bench.monitor.focus(1, time.monotonic() + 1000)
        changed = msgspec.structs.replace(device(1, None, icmp_s=3600.0), name="renamed")
        bench.monitor.apply({1: PolledDevice(changed, None)})
        assert bench.monitor.in_focus() == [1]
        await bench.sink.until(lambda: len(bench.sink.latencies) >= 3)
        bench.monitor.focus(1, time.monotonic() - 1)
        assert bench.monitor.in_focus() == []


async def test_no_more_than_20_devices_of_an_agent_are_in_focus() -> None:
    bench = Bench(None, *(device(number, None) for number in range(1, FOCUSED_ON_AGENT + 2)))
    async with bench.running():
        for number in range(1, FOCUSED_ON_AGENT + 1):
            await bench.do(CommandKind.FOCUS, deviceId=number, on=True)
        assert await bench.refused(CommandKind.FOCUS, deviceId=FOCUSED_ON_AGENT + 1, on=True) is CommandFailure.BUSY
        await bench.do(CommandKind.FOCUS, deviceId=1, on=True)
        await bench.do(CommandKind.FOCUS, deviceId=1, on=False)
        await bench.do(CommandKind.FOCUS, deviceId=FOCUSED_ON_AGENT + 1, on=True)


async def test_row_is_read_when_asked_for(snmpd: Snmpd) -> None:
    bench = Bench(None, device(1, snmpd.port), device(2, None))
    async with bench.running():
        await bench.sink.until(lambda: bench.sink.rows)
        found = await bench.do(CommandKind.POLL_ROW, deviceId=1, ifIndex=1)
        assert found.if_index == 1
        assert await bench.refused(CommandKind.POLL_ROW, deviceId=2, ifIndex=1) is CommandFailure.UNSUPPORTED


async def test_route_to_a_device_is_traced_where_the_machine_lets_us(engine: EchoEngine) -> None:
    bench = Bench(engine, device(1, None, icmp_s=10, address="127.0.0.1"))
    if not bench.monitor.may_trace:
        pytest.skip("tracing needs raw sockets")
    found = await bench.do(CommandKind.TRACEROUTE, deviceId=1)
    assert isinstance(found, TracerouteBody)
    assert found.reached
    assert [(hop.distance, hop.address, hop.is_target) for hop in found.hops] == [(1, "127.0.0.1", True)]
    without = Bench(None, device(1, None))
    assert await without.refused(CommandKind.TRACEROUTE, deviceId=1) is CommandFailure.NO_PERMISSION
