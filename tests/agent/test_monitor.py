"""The monitor over real loopback devices: levels, transitions, schedules and stopping."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from noctule_agent.device_watch import PolledDevice
from noctule_agent.monitor import Monitor
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.sink import InterfaceRows, LatencyRow
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, LatencySource, Reachability, SnmpLevel
from noctule_shared.link import DeviceConfig, IcmpConfig, SnmpConfig, SnmpCredentials, SnmpVersion
from noctule_shared.observations import AgentEvent, AxisChanged, Inventory

from tests.agent.conftest import Snmpd, free_udp_port

DEADLINE_S = 30.0


class ListSink:
    """Keeps what was measured and wakes whoever waits for it."""

    def __init__(self) -> None:
        self.latencies: list[LatencyRow] = []
        self.rows: list[InterfaceRows] = []
        self.events: list[AgentEvent] = []
        self._changed = asyncio.Event()

    def latency(self, row: LatencyRow) -> None:
        self.latencies.append(row)
        self._changed.set()

    def interfaces(self, rows: InterfaceRows) -> None:
        self.rows.append(rows)
        self._changed.set()

    def event(self, event: AgentEvent) -> None:
        self.events.append(event)
        self._changed.set()

    def axes(self, device_id: int) -> list[tuple[Axis, str, str]]:
        return [
            (event.axis, event.old, event.new)
            for event in self.events
            if isinstance(event, AxisChanged) and event.device_id == device_id
        ]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def device(
    device_id: int,
    *,
    address: str = "127.0.0.1",
    port: int | None = None,
    reachability: Reachability = Reachability.SNMP,
    icmp: bool = False,
    interval_s: float = 1.0,
    community: str = "public",
) -> PolledDevice:
    config = DeviceConfig(
        device_id=device_id,
        name=f"router {device_id}",
        address=address,
        reachability=reachability,
        icmp=IcmpConfig(interval_s=0.2, count=2, spacing_s=0.01, timeout_s=0.2) if icmp else None,
        snmp=None if port is None else SnmpConfig(SnmpVersion.V2C, port, interval_s, ""),
    )
    return PolledDevice(config, SnmpCredentials(community=community))


@contextlib.asynccontextmanager
async def running(monitor: Monitor) -> AsyncIterator[None]:
    task = asyncio.create_task(monitor.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def engine(icmp_permission: None) -> AsyncIterator[EchoEngine]:  # noqa: ARG001  skips without it
    found = EchoEngine.open()
    yield found
    found.close()


def test_repr_of_a_device_hides_its_secrets() -> None:
    assert "public-secret" not in repr(device(1, port=161, community="public-secret"))


async def test_snmp_device_is_polled_and_its_response_time_stands_in_for_echoes(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    monitor.apply({1: device(1, port=snmpd.port, reachability=Reachability.SNMP)})
    assert monitor.levels() == [DeviceLevels(1)]
    async with running(monitor):
        await sink.until(lambda: len(sink.rows) >= 3)
    assert sink.axes(1) == [(Axis.SNMP, "none", "up")]
    (levels,) = monitor.levels()
    assert (levels.icmp, levels.snmp) == (IcmpLevel.NONE, SnmpLevel.UP)
    inventory = next(event for event in sink.events if isinstance(event, Inventory))
    assert levels.inventory_rev == inventory.revision == sink.rows[0].inventory_rev
    assert levels.snmp_since_ms > 0
    assert {row.source for row in sink.latencies} == {LatencySource.SNMP}
    assert all(row.received == 1 and row.rtt_min_s is not None and row.rtt_min_s > 0 for row in sink.latencies)
    stamps = [rows.ts_ms[0] for rows in sink.rows]
    assert stamps == sorted(set(stamps))
    # The second row of an interface has a rate over about one interval.
    assert sink.rows[1].interval_s[0] > 0


async def test_closed_port_takes_the_snmp_axis_down_after_three_polls() -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    monitor.apply({1: device(1, port=free_udp_port())})
    async with running(monitor):
        await sink.until(lambda: sink.axes(1))
        assert monitor.stats()["failed_polls"] >= 3
    (event,) = [event for event in sink.events if isinstance(event, AxisChanged)]
    assert (event.old, event.new, event.reason) == ("none", "down", "3 polls failed: port-closed")
    assert sink.latencies[0].received == 0
    assert sink.latencies[0].rtt_mean_s is None
    assert monitor.stats()["overruns"] == 0


async def test_one_silent_device_does_not_delay_another(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    silent = {number: device(number, port=snmpd.port, community="wrong") for number in range(2, 30)}
    monitor.apply({1: device(1, port=snmpd.port)} | silent)
    async with running(monitor):
        await sink.until(lambda: len([rows for rows in sink.rows if rows.device_id == 1]) >= 5)
    stamps = [rows.ts_ms[0] for rows in sink.rows if rows.device_id == 1][1:5]
    # One after the other, 28 silent devices would hold each round up for 11 s.
    assert max(second - first for first, second in itertools.pairwise(stamps)) < 5000


async def test_devices_are_added_changed_and_removed_while_it_runs(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    async with running(monitor):
        monitor.apply({1: device(1, port=snmpd.port), 2: device(2, port=snmpd.port)})
        await sink.until(lambda: sink.axes(1) and sink.axes(2))
        since_ms = monitor.levels()[0].snmp_since_ms
        # Another interval is no reason to forget what is known; another device goes.
        monitor.apply({1: device(1, port=snmpd.port, interval_s=0.5)})
        assert [levels.device_id for levels in monitor.levels()] == [1]
        assert monitor.levels()[0].snmp is SnmpLevel.UP
        sink.rows.clear()
        await sink.until(lambda: len(sink.rows) >= 3)
        assert {rows.device_id for rows in sink.rows} == {1}
        assert monitor.levels()[0].snmp_since_ms == since_ms
        # An axis that is no longer measured ends.
        monitor.apply({1: device(1, port=None)})
        assert sink.axes(1) == [(Axis.SNMP, "none", "up"), (Axis.SNMP, "up", "none")]
        assert monitor.levels()[0].snmp is SnmpLevel.NONE
    revisions = [event.revision for event in sink.events if isinstance(event, Inventory) and event.device_id == 1]
    assert revisions == sorted(set(revisions))


async def test_monitor_stops_at_once_while_a_device_is_being_waited_for(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    monitor.apply({1: device(1, port=snmpd.port, community="wrong", interval_s=60)})
    task = asyncio.create_task(monitor.run())
    await asyncio.sleep(0)
    started_s = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started_s < 2


class BlackHole(asyncio.DatagramProtocol):
    """Takes datagrams and never answers; `all_asked` is set when `devices` different senders have asked."""

    def __init__(self, devices: int) -> None:
        self.all_asked = asyncio.Event()
        self._senders: set[object] = set()
        self._devices = devices

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        del data
        self._senders.add(addr)
        if len(self._senders) >= self._devices:
            self.all_asked.set()


async def test_monitor_stops_within_its_deadline_with_500_dead_devices_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_agent.device_watch.START_SPREAD_S", 0.1)
    loop = asyncio.get_running_loop()
    hole = BlackHole(500)
    transport, _ = await loop.create_datagram_endpoint(lambda: hole, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    monitor = Monitor(None, ListSink())
    monitor.apply({number: device(number, port=port, interval_s=60) for number in range(1, 501)})
    task = asyncio.create_task(monitor.run())
    async with asyncio.timeout(DEADLINE_S):
        await hole.all_asked.wait()
    task.cancel()
    async with asyncio.timeout(2):
        await asyncio.wait([task])
    transport.close()
    assert task.cancelled()


async def test_watch_whose_cancellation_was_swallowed_stops_all_the_same(
    snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    polling = asyncio.Event()

    async def swallow(_: object) -> None:
        polling.set()
        # As asyncio.wait_for does when the answer comes at the same moment.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    monkeypatch.setattr("noctule_agent.probes.snmp_watch.SnmpWatch._poll", swallow)
    monitor = Monitor(None, ListSink())
    monitor.apply({1: device(1, port=snmpd.port)})
    task = asyncio.create_task(monitor.run())
    async with asyncio.timeout(DEADLINE_S):
        await polling.wait()
    task.cancel()
    async with asyncio.timeout(2):
        await asyncio.wait([task])
    assert task.cancelled()


async def test_waiting_for_a_budget_is_counted_and_is_no_failure(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    limited = device(1, port=snmpd.port)
    assert limited.config.snmp is not None
    snmp = msgspec.structs.replace(limited.config.snmp, max_requests_per_s=10.0)
    config = msgspec.structs.replace(limited.config, snmp=snmp)
    monitor.apply({1: PolledDevice(config, limited.credentials)})
    async with running(monitor):
        await sink.until(lambda: sink.rows)
        stats = monitor.stats()
    assert stats["budget_waits"] > 0
    assert stats["budget_wait_s"] > 0
    assert stats["failed_polls"] == 0
    assert sink.axes(1) == [(Axis.SNMP, "none", "up")]


async def test_stamps_of_a_series_increase_though_the_clock_goes_back_and_the_device_is_changed(
    snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = itertools.count(1_795_000_000_000_000_000, -3_600_000_000_000)
    monkeypatch.setattr(time, "time_ns", lambda: next(now_ns))
    sink = ListSink()
    monitor = Monitor(None, sink)

    async def until_two_more() -> None:
        enough = len(sink.latencies) + 2
        await sink.until(lambda: len(sink.latencies) >= enough)

    async with running(monitor):
        for interval_s in (0.2, 0.3):
            monitor.apply({1: device(1, port=snmpd.port, interval_s=interval_s)})
            await until_two_more()
    stamps_ms = [row.ts_ms for row in sink.latencies]
    assert all(first < second for first, second in itertools.pairwise(stamps_ms))


async def test_inventories_are_sent_again_on_request(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    monitor.apply({1: device(1, port=snmpd.port)})
    async with running(monitor):
        await sink.until(lambda: sink.rows)
        monitor.resend_inventories()
    first, second = (event for event in sink.events if isinstance(event, Inventory))
    assert first == second


async def test_device_that_answers_echoes_is_up_and_one_that_does_not_goes_down(engine: EchoEngine) -> None:
    sink = ListSink()
    monitor = Monitor(engine, sink)
    monitor.apply(
        {
            1: device(1, icmp=True, reachability=Reachability.ICMP),
            2: device(2, icmp=True, reachability=Reachability.ICMP, address="240.0.0.1"),
        }
    )
    async with running(monitor):
        await sink.until(lambda: sink.axes(1) and sink.axes(2))
        by_id = {levels.device_id: levels for levels in monitor.levels()}
    assert by_id[1].icmp is IcmpLevel.UP
    assert by_id[2].icmp is IcmpLevel.DOWN
    assert sink.axes(2) == [(Axis.ICMP, "none", "down")]
    reasons = {event.device_id: event.reason for event in sink.events if isinstance(event, AxisChanged)}
    assert reasons == {1: "first reply", 2: "3 fast retries lost"}
    lost = next(row for row in sink.latencies if row.device_id == 2)
    assert (lost.source, lost.sent, lost.received, lost.rtt_min_s) == (LatencySource.ICMP, 2, 0, None)


async def test_canaries_that_are_silent_are_reported_for_the_agent_itself(
    engine: EchoEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noctule_agent.monitor.CANARY_INTERVAL_S", 0.01)
    sink = ListSink()
    monitor = Monitor(engine, sink, canaries=["240.0.0.1"])
    async with running(monitor):
        await sink.until(lambda: sink.axes(0))
    assert sink.axes(0) == [(Axis.CANARY, "ok", "lost")]
    assert monitor.canary is CanaryLevel.LOST


async def test_an_agent_that_is_cut_off_says_so_before_it_says_that_its_devices_are_down(engine: EchoEngine) -> None:
    sink = ListSink()
    monitor = Monitor(engine, sink, canaries=["240.0.0.1"])
    dead = device(1, icmp=True, reachability=Reachability.ICMP, address="240.0.0.2")
    async with running(monitor):
        # The canaries' second round is due only after the device is down.
        monitor.apply({1: dead})
        await sink.until(lambda: sink.axes(1))
    told = [(event.axis, event.new) for event in sink.events if isinstance(event, AxisChanged)]
    assert told == [(Axis.CANARY, "lost"), (Axis.ICMP, "down")]


async def test_name_that_does_not_resolve_is_down_and_says_so(engine: EchoEngine) -> None:
    sink = ListSink()
    monitor = Monitor(engine, sink)
    monitor.apply({1: device(1, icmp=True, reachability=Reachability.ICMP, address="router.invalid")})
    async with running(monitor):
        await sink.until(lambda: sink.axes(1))
    (event,) = (event for event in sink.events if isinstance(event, AxisChanged))
    assert event.new == "down"
    assert event.detail is not None
    assert "router.invalid" in event.detail


async def test_engine_that_ended_leaves_snmp_going(engine: EchoEngine, snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(engine, sink)
    monitor.apply({1: device(1, icmp=True, port=snmpd.port)})
    engine.close()
    async with running(monitor):
        await sink.until(lambda: len(sink.rows) >= 2)
    assert monitor.stats()["errors"] >= 1
    assert monitor.levels()[0].icmp is IcmpLevel.NONE
