"""Duplex comes with the inventory where a device has it, and costs a device that has not next to nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from noctule_agent.probes.snmp.backend import open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.duplex import DuplexWatch, read_duplex
from noctule_agent.probes.snmp.mib import DOT3_STATS_DUPLEX_STATUS
from noctule_agent.probes.snmp.poller import InterfacePoller
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_shared.axes import Duplex, IfStatus
from noctule_shared.interface_filter import DEFAULT_FILTER
from noctule_shared.link import SnmpCredentials, SnmpVersion
from noctule_shared.observations import AgentEvent, Inventory, InventoryInterface

from tests.agent.conftest import free_udp_port, start_snmpd, stop
from tests.agent.probes.snmp.fake_session import FakeSession

_UP = (IfStatus.UP, IfStatus.UP)


class Bench:
    """One device, its poller, and the inventories that it reported."""

    def __init__(self) -> None:
        self.device = FakeSession()
        self.events: list[AgentEvent] = []
        self.client = SnmpClient(self.device, interval_s=60)
        self.poller = InterfacePoller(
            7,
            interval_s=60,
            first_revision=1,
            on_event=self.events.append,
            chosen=DEFAULT_FILTER,
            walks=asyncio.Semaphore(),
        )
        self.device.add_interface(1, "eth0")
        self.device.add_interface(2, "eth1")

    def say(self, if_index: int, status: int | bytes) -> None:
        self.device.instances[f"{DOT3_STATS_DUPLEX_STATUS}.{if_index}"] = status

    async def duplexes(self) -> list[Duplex | None]:
        await self.poller.poll(self.client)
        (inventory,) = (event for event in self.events if isinstance(event, Inventory))
        self.events.clear()
        return [row.duplex for row in inventory.interfaces]


async def test_a_device_without_the_table_has_ports_of_unknown_duplex() -> None:
    assert await Bench().duplexes() == [None, None]


@pytest.mark.parametrize(
    ("status", "duplex"), [(1, None), (2, Duplex.HALF), (3, Duplex.FULL), (4, None), (b"full", None)]
)
async def test_a_status_is_read_as_its_word_and_nonsense_is_unknown(status: int | bytes, duplex: Duplex | None) -> None:
    bench = Bench()
    bench.say(2, status)
    assert await bench.duplexes() == [None, duplex]


async def test_another_duplex_is_another_inventory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_agent.probes.snmp.duplex.READ_AFTER_S", 0.0)
    bench = Bench()
    bench.say(1, 3)
    assert await bench.duplexes() == [Duplex.FULL, None]
    bench.say(1, 2)
    bench.poller.rediscover()
    assert await bench.duplexes() == [Duplex.HALF, None]


async def test_a_device_that_refuses_is_polled_all_the_same_and_asked_again_later() -> None:
    bench = Bench()
    bench.device.walk_failures[DOT3_STATS_DUPLEX_STATUS] = SnmpFailure(Reason.NO_PERMISSION, "not in view")
    assert await bench.duplexes() == [None, None]
    watch = DuplexWatch(7)
    assert await watch.read(bench.client) == {}
    bench.device.walk_failures.clear()
    bench.say(1, 3)
    assert await watch.read(bench.client) == {}
    watch.expire()
    assert await watch.read(bench.client) == {1: Duplex.FULL}
    assert watch.failures == 1


async def test_a_device_that_falls_silent_over_it_fails_the_poll() -> None:
    bench = Bench()
    bench.device.walk_failures[DOT3_STATS_DUPLEX_STATUS] = SnmpFailure(Reason.PORT_CLOSED, "gone")
    with pytest.raises(SnmpFailure):
        await bench.poller.poll(bench.client)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SnmpClient]:
    rows = "".join(
        f"override {DOT3_STATS_DUPLEX_STATUS}.{index} integer {status}\n" for index, status in ((1, 1), (2, 2), (9, 3))
    )
    snmpd = start_snmpd(tmp_path, free_udp_port(), more_conf=rows)
    session = open_session("127.0.0.1", snmpd.port, SnmpVersion.V2C, SnmpCredentials(community="public"))
    client = SnmpClient(session, interval_s=60)
    yield client
    await client.close()
    stop(snmpd.process)


async def test_a_real_snmpd_is_read(client: SnmpClient) -> None:
    found = await read_duplex(client)
    assert {index: found.get(index) for index in (1, 2, 9)} == {1: None, 2: Duplex.HALF, 9: Duplex.FULL}


def test_hubs_and_agents_of_before_and_after_understand_each_other() -> None:
    fields = [(row.name, row.type) for row in msgspec.structs.fields(InventoryInterface) if row.name != "duplex"]
    former = msgspec.defstruct("Former", fields, frozen=True)
    bench_row = InventoryInterface(1, "eth0", "eth0", "", "", 6, None, *_UP, 64, polled=True, duplex=Duplex.HALF)
    seen = msgspec.msgpack.decode(msgspec.msgpack.encode(bench_row), type=former)
    assert getattr(seen, "identity") == "eth0"  # noqa: B009  made at run time
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=InventoryInterface)
    assert again == msgspec.structs.replace(bench_row, duplex=None)
