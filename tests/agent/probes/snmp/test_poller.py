"""Discovery, steady polls and what they report, on a device that the test holds in its hand."""

import asyncio
import math
import time

import pytest
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.mib import Column, LldpColumn
from noctule_agent.probes.snmp.poller import InterfacePoller
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_agent.sink import InterfaceRows
from noctule_shared.axes import IfStatus, Quality
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.observations import AgentEvent, InterfaceChanged, Inventory, Rebooted

from tests.agent.probes.snmp.fake_session import FakeSession


class Bench:
    """One device, its poller, and what it reported."""

    def __init__(
        self, chosen: InterfaceFilter = DEFAULT_FILTER, *, device_id: int = 7, walks: asyncio.Semaphore | None = None
    ) -> None:
        self.device = FakeSession()
        self.events: list[AgentEvent] = []
        self.client = SnmpClient(self.device, interval_s=60)
        self.poller = InterfacePoller(
            device_id,
            interval_s=60,
            first_revision=100,
            on_event=self.events.append,
            chosen=chosen,
            walks=walks or asyncio.Semaphore(),
        )

    async def poll(self) -> InterfaceRows:
        rows = await self.poller.poll(self.client)
        assert rows is not None
        return rows

    def take(self) -> list[AgentEvent]:
        found, self.events[:] = list(self.events), []
        return found


@pytest.fixture
async def bench() -> Bench:
    found = Bench()
    found.device.add_interface(1, "eth0")
    found.device.add_interface(2, "eth1")
    await found.poll()
    return found


async def test_first_poll_sends_the_inventory_and_rows_without_rates() -> None:
    bench = Bench()
    bench.device.add_interface(1, "eth0", ifAlias=b"to Berlin")
    bench.device.add_interface(9, "lo", ifType=24)
    rows = await bench.poll()
    inventory = bench.events[0]
    assert isinstance(inventory, Inventory)
    assert [(row.identity, row.if_alias, row.speed_bps, row.polled) for row in inventory.interfaces] == [
        ("eth0", "to Berlin", 1_000_000_000, True),
        ("lo", "", 1_000_000_000, False),
    ]
    assert (inventory.revision, rows.inventory_rev) == (100, 100)
    assert (list(rows.if_index), list(rows.quality)) == ([1], [Quality.FIRST])
    assert len(bench.events) == 1


async def test_changed_settings_break_neither_rates_nor_stamps(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await bench.poll()
    bench.take()
    again = Bench(InterfaceFilter(skip_names=("eth1",)))
    again.device = bench.device
    again.client = SnmpClient(again.device, interval_s=60)
    again.poller.inherit(bench.poller)
    # The wall clock goes back an hour meanwhile.
    earlier_ns = time.time_ns() - 3_600_000_000_000
    monkeypatch.setattr("time.time_ns", lambda: earlier_ns)
    rows = await again.poll()
    assert list(rows.if_index) == [1]
    assert rows.ts_ms[0] > before.ts_ms[0]
    assert not rows.quality[0] & Quality.FIRST
    (inventory,) = again.take()
    assert isinstance(inventory, Inventory)
    assert (inventory.revision, rows.inventory_rev) == (101, 101)


async def test_steady_poll_asks_known_instances_with_sysuptime_first_and_walks_nothing(bench: Bench) -> None:
    walks = bench.device.walks
    bench.device.gets.clear()
    bench.device.set(Column.ifHCInOctets, 2, 5500)
    rows = await bench.poll()
    assert bench.device.walks == walks
    assert all(names[0] == mib.SYS_UP_TIME for names in bench.device.gets)
    assert list(rows.in_octets) == [0.0, 500.0]
    # What the fake's clock did not do, the poll says: sysUpTime stood still.
    assert rows.interval_s[0] > 0


async def test_change_of_status_is_an_event_and_no_new_inventory(bench: Bench) -> None:
    bench.take()
    bench.device.set(Column.ifOperStatus, 2, 2)
    await bench.poll()
    (event,) = bench.take()
    assert isinstance(event, InterfaceChanged)
    assert (event.if_index, event.previous_oper_status, event.if_oper_status) == (2, IfStatus.UP, IfStatus.DOWN)
    assert event.inventory_rev == 100
    await bench.poll()
    assert bench.take() == []


async def test_reboot_is_reported_resets_the_base_and_walks_again(bench: Bench) -> None:
    bench.take()
    bench.device.instances[mib.SYS_UP_TIME] = 5
    bench.device.set(Column.ifHCInOctets, 1, 10)
    bench.device.set(Column.ifHCInOctets, 2, 10)
    walks = bench.device.walks
    rows = await bench.poll()
    (event,) = bench.take()
    assert isinstance(event, Rebooted)
    assert event.sys_up_time_ticks == 5
    assert bench.device.walks > walks
    assert list(rows.quality) == [Quality.RESET, Quality.RESET]
    assert all(math.isnan(value) for value in rows.in_octets)


async def test_wrap_of_sysuptime_that_engine_time_proves_is_no_reboot() -> None:
    bench = Bench()
    bench.device.add_interface(1, "eth0")
    bench.device.instances[mib.SYS_UP_TIME] = 2**32 - 6000
    bench.device.instances[mib.SNMP_ENGINE_TIME] = (2**32 - 6000) // 100
    await bench.poll()
    bench.take()
    # Two minutes went by on the device and next to none here, as when the agent's machine was suspended.
    bench.device.instances[mib.SYS_UP_TIME] = 6000
    bench.device.instances[mib.SNMP_ENGINE_TIME] = (2**32 + 6000) // 100
    bench.device.set(Column.ifHCInOctets, 1, 5600)
    rows = await bench.poll()
    assert bench.take() == []
    assert (rows.in_octets[0], rows.quality[0]) == (600.0, Quality.CLOCK)


async def test_reboot_is_told_though_the_device_fell_silent_when_it_was_asked_about_it(bench: Bench) -> None:
    bench.take()
    bench.device.instances[mib.SYS_UP_TIME] = 500
    bench.device.last_words.add(mib.SNMP_ENGINE_TIME)
    with pytest.raises(SnmpFailure):
        await bench.poller.poll(bench.client)
    bench.device.last_words.clear()
    bench.device.failure = None
    await bench.poll()
    assert [type(event) for event in bench.take()] == [Rebooted]


async def test_engine_time_that_went_back_too_is_a_reboot() -> None:
    bench = Bench()
    bench.device.add_interface(1, "eth0")
    bench.device.instances[mib.SNMP_ENGINE_TIME] = 10_000
    await bench.poll()
    bench.take()
    bench.device.instances[mib.SYS_UP_TIME] = 600
    bench.device.instances[mib.SNMP_ENGINE_TIME] = 6
    rows = await bench.poll()
    assert [type(event) for event in bench.take()] == [Rebooted]
    assert list(rows.quality) == [Quality.RESET]


async def test_reboot_that_renumbers_keeps_identities_and_counts_from_new_bases(bench: Bench) -> None:
    bench.take()
    bench.device.instances[mib.SYS_UP_TIME] = 500
    for index in (1, 2):
        bench.device.remove(index)
    bench.device.add_interface(1, "eth1", ifHCInOctets=10)
    bench.device.add_interface(2, "eth0", ifHCInOctets=20)
    rows = await bench.poll()
    rebooted, inventory = bench.take()
    assert isinstance(rebooted, Rebooted)
    assert isinstance(inventory, Inventory)
    assert {row.identity: row.if_index for row in inventory.interfaces} == {"eth0": 2, "eth1": 1}
    assert rows.inventory_rev == inventory.revision
    assert list(rows.quality) == [Quality.FIRST, Quality.FIRST]
    bench.device.set(Column.ifHCInOctets, 2, 25)
    assert list((await bench.poll()).in_octets) == [0.0, 5.0]


async def test_counters_of_an_idle_down_port_rest_while_its_status_is_asked_for(bench: Bench) -> None:
    bench.device.set(Column.ifOperStatus, 2, 2)
    rows = await bench.poll()
    assert list(rows.if_index) == [1, 2]
    bench.device.gets.clear()
    rows = await bench.poll()
    assert list(rows.if_index) == [1]
    asked = {name for names in bench.device.gets for name in names}
    assert Column.ifOperStatus.of(2) in asked
    assert Column.ifHCInOctets.of(2) not in asked


async def test_port_that_comes_up_is_read_in_the_same_poll_without_a_gap(bench: Bench) -> None:
    bench.device.set(Column.ifOperStatus, 2, 2)
    for _ in range(3):
        await bench.poll()
    bench.take()
    bench.device.set(Column.ifOperStatus, 2, 1)
    rows = await bench.poll()
    assert isinstance(bench.take()[0], InterfaceChanged)
    assert (list(rows.if_index), list(rows.in_octets)) == ([1, 2], [0.0, 0.0])
    bench.device.set(Column.ifHCInOctets, 2, 5700)
    rows = await bench.poll()
    assert rows.in_octets[1] == 700.0
    assert Quality.GAP not in Quality(rows.quality[1])


async def test_down_port_that_counts_is_polled_all_the_same(bench: Bench) -> None:
    bench.device.set(Column.ifAdminStatus, 2, 2)
    for number in range(1, 4):
        bench.device.set(Column.ifHCInOctets, 2, 5000 + number)
        assert list((await bench.poll()).in_octets) == [0.0, 1.0]


async def test_resting_row_that_vanished_is_looked_for_at_the_next_poll(bench: Bench) -> None:
    bench.device.set(Column.ifOperStatus, 2, 2)
    for _ in range(2):
        await bench.poll()
    bench.device.remove(2)
    await bench.poll()
    walks = bench.device.walks
    await bench.poll()
    assert bench.device.walks > walks


async def test_interface_that_the_filter_leaves_out_is_listed_with_its_status_and_not_polled() -> None:
    bench = Bench(InterfaceFilter(skip_names=("vlan*",)))
    bench.device.add_interface(1, "eth0")
    bench.device.add_interface(2, "Vlan7")
    rows = await bench.poll()
    (inventory,) = bench.take()
    assert isinstance(inventory, Inventory)
    assert {row.identity: row.polled for row in inventory.interfaces} == {"eth0": True, "Vlan7": False}
    assert list(rows.if_index) == [1]
    bench.device.set(Column.ifOperStatus, 2, 2)
    await bench.poll()
    assert isinstance(bench.take()[0], InterfaceChanged)


async def test_renumbered_interfaces_keep_their_identity_and_start_a_new_base(bench: Bench) -> None:
    bench.take()
    for index in (1, 2):
        bench.device.remove(index)
    bench.device.add_interface(1, "eth1", ifHCInOctets=900_000)
    bench.device.add_interface(2, "eth0")
    bench.poller.rediscover()
    rows = await bench.poll()
    (inventory,) = bench.take()
    assert isinstance(inventory, Inventory)
    assert inventory.revision == 101
    assert {row.if_index: row.identity for row in inventory.interfaces} == {1: "eth1", 2: "eth0"}
    assert list(rows.quality) == [Quality.FIRST, Quality.FIRST]


async def test_row_that_vanished_is_unknown_and_looked_for_at_the_next_poll(bench: Bench) -> None:
    bench.take()
    bench.device.remove(2)
    rows = await bench.poll()
    assert [math.isnan(value) for value in rows.in_octets] == [False, True]
    assert Quality.GAP in Quality(rows.quality[1])
    walks = bench.device.walks
    await bench.poll()
    assert bench.device.walks > walks
    # Kept until three walks came without it.
    assert bench.take() == []
    bench.poller.rediscover()
    await bench.poll()
    bench.poller.rediscover()
    await bench.poll()
    (inventory,) = bench.take()
    assert isinstance(inventory, Inventory)
    assert [row.identity for row in inventory.interfaces] == ["eth0"]


async def test_change_of_the_tables_is_seen_by_iftablelastchange(bench: Bench) -> None:
    bench.device.instances[mib.IF_TABLE_LAST_CHANGE] = 50
    await bench.poll()
    bench.take()
    bench.device.add_interface(3, "eth2")
    bench.device.instances[mib.IF_TABLE_LAST_CHANGE] = 60
    rows = await bench.poll()
    assert list(rows.if_index) == [1, 2, 3]
    assert isinstance(bench.take()[0], Inventory)


async def test_device_whose_iftablelastchange_always_moves_is_not_walked_at_every_poll(bench: Bench) -> None:
    walks = []
    for change in range(6):
        bench.device.instances[mib.IF_TABLE_LAST_CHANGE] = change
        before = bench.device.walks
        await bench.poll()
        walks.append(bench.device.walks > before)
    # The first value is no change; the first change led to nothing, and the next ones wait.
    assert walks == [False, True, False, False, False, False]
    bench.poller.rediscover()
    before = bench.device.walks
    await bench.poll()
    assert bench.device.walks > before


async def test_dead_64_bit_counters_give_way_to_32_bit_ones() -> None:
    bench = Bench()
    bench.device.add_interface(1, "p1", ifHCInOctets=0, ifHCOutOctets=0)
    qualities = []
    for number in range(4):
        bench.device.set(Column.ifInOctets, 1, 5000 + 100 * number)
        rows = await bench.poll()
        qualities.append(Quality(rows.quality[0]) & (Quality.FIRST | Quality.RESET))
    assert qualities == [Quality.FIRST, Quality.OK, Quality.FIRST, Quality.OK]
    assert rows.in_octets[0] == 100.0


async def test_device_that_cannot_answer_much_at_once_is_asked_for_less() -> None:
    bench = Bench()
    bench.device.max_varbinds = 6
    for index in range(1, 6):
        bench.device.add_interface(index, f"eth{index}")
    await bench.poll()
    bench.device.gets.clear()
    rows = await bench.poll()
    assert list(rows.in_octets) == [0.0] * 5
    assert bench.client.size.varbinds <= 6
    assert all(len(names) <= 6 for names in bench.device.gets)


async def test_silent_device_fails_the_poll_with_its_reason(bench: Bench) -> None:
    bench.device.failure = SnmpFailure(Reason.TIMEOUT, "no answer")
    with pytest.raises(SnmpFailure) as failure:
        await bench.poller.poll(bench.client)
    assert failure.value.reason is Reason.TIMEOUT
    bench.device.failure = None
    assert list((await bench.poll()).in_octets) == [0.0, 0.0]


async def test_neighbours_come_with_the_inventory_and_their_change_is_a_new_one(bench: Bench) -> None:
    (inventory,) = bench.take()
    assert isinstance(inventory, Inventory)
    assert inventory.neighbours == []
    bench.device.add_neighbour(2, b"xe-0/0/1")
    bench.device.instances[mib.SYS_UP_TIME] = 500
    await bench.poll()
    rebooted, inventory = bench.take()
    assert isinstance(rebooted, Rebooted)
    assert isinstance(inventory, Inventory)
    assert inventory.revision == 101
    assert inventory.neighbours is not None
    (neighbour,) = inventory.neighbours
    assert (neighbour.local_if_index, neighbour.chassis_id, neighbour.port_id) == (2, "00:c0:ff:ee:00:01", "xe-0/0/1")
    assert neighbour.sys_name == "core2 [2J"


async def test_neighbours_are_not_asked_for_at_every_walk(bench: Bench) -> None:
    bench.device.add_neighbour(2, b"xe-0/0/1")
    bench.take()
    bench.poller.rediscover()
    await bench.poll()
    assert bench.take() == []


async def test_device_that_cannot_be_asked_for_neighbours_is_polled_all_the_same() -> None:
    bench = Bench()
    bench.device.add_interface(1, "eth0")
    bench.device.walk_failures[LldpColumn.lldpRemChassisId] = SnmpFailure(Reason.NO_PERMISSION, "not in view")
    assert list((await bench.poll()).if_index) == [1]
    (inventory,) = bench.take()
    assert isinstance(inventory, Inventory)
    assert inventory.neighbours is None


async def test_device_that_falls_silent_over_its_neighbours_fails_the_poll(bench: Bench) -> None:
    bench.device.instances[mib.SYS_UP_TIME] = 500
    bench.device.walk_failures[LldpColumn.lldpRemChassisId] = SnmpFailure(Reason.PORT_CLOSED, "gone")
    with pytest.raises(SnmpFailure):
        await bench.poller.poll(bench.client)


async def test_inventory_is_sent_again_unchanged_on_request(bench: Bench) -> None:
    (first,) = bench.take()
    bench.poller.resend()
    assert bench.take() == [first]


async def test_named_row_alone_is_read_and_its_change_dated_after_it_was_seen_otherwise(bench: Bench) -> None:
    (inventory,) = bench.take()
    assert isinstance(inventory, Inventory)
    before = len(bench.device.gets)
    bench.device.set(Column.ifOperStatus, 2, 2)
    bench.device.instances[mib.SYS_UP_TIME] = 1_000_500
    # The device says 100 min ago, but the port was seen up at the poll.
    bench.device.instances[f"{mib.IF_LAST_CHANGE}.2"] = 400_000
    await bench.poller.poll_rows(bench.client, [2], "named by a trap")
    assert [len(oids) for oids in bench.device.gets[before:]] == [4]
    (event,) = bench.take()
    assert isinstance(event, InterfaceChanged)
    assert (event.if_index, event.if_oper_status, event.previous_oper_status) == (2, IfStatus.DOWN, IfStatus.UP)
    assert event.reason == "named by a trap"
    assert inventory.ts_ms < event.ts_ms < inventory.ts_ms + 600_000
    await bench.poll()
    assert bench.take() == []


async def test_row_that_is_not_known_has_the_tables_walked_at_the_next_poll(bench: Bench) -> None:
    walks = bench.device.walks
    await bench.poller.poll_rows(bench.client, [1], "named by a trap")
    await bench.poll()
    assert bench.device.walks == walks
    await bench.poller.poll_rows(bench.client, [1, 77], "named by a trap")
    await bench.poll()
    assert bench.device.walks > walks


async def test_walks_wait_for_one_another_and_polls_wait_for_none() -> None:
    walks = asyncio.Semaphore(1)
    known, new = Bench(walks=walks), Bench(walks=walks)
    for one in (known, new):
        one.device.add_interface(1, "eth0")
    await known.poll()
    await walks.acquire()
    waiting = asyncio.create_task(new.poll())
    for _ in range(3):
        await known.poll()
    assert new.device.walks == 0
    walks.release()
    assert (await waiting).if_index == [1]


async def test_devices_walked_together_are_walked_apart_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = [Bench(device_id=device_id) for device_id in range(100)]
    for one in devices:
        one.device.add_interface(1, "eth0")
        await one.poll()
    began_s, once = time.monotonic(), devices[0].device.walks
    for later_s, at_least, at_most in ((150, 20, 30), (300, 45, 55), (600, 100, 100)):
        monkeypatch.setattr("time.monotonic", lambda later_s=later_s: began_s + later_s)
        for one in devices:
            await one.poll()
        assert at_least <= sum(one.device.walks > once for one in devices) <= at_most
