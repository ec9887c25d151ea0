import asyncio
import math
from collections.abc import Sequence

import pytest
from noctule_agent import collector as collector_module
from noctule_agent.collector import Collector
from noctule_agent.errors import OutboxUnavailable
from noctule_agent.outbox_frames import NewFrame
from noctule_agent.sink import InterfaceRows, LatencyRow
from noctule_shared.axes import LatencySource
from noctule_shared.frames import EventsBody, FrameClass, MeasurementsBody, decode_frame, unpack_column
from noctule_shared.observations import Gap, Inventory, Rebooted


class Store:
    """Takes frames like the outbox; `full` makes it refuse, `gate` holds it."""

    def __init__(self) -> None:
        self.frames: list[NewFrame] = []
        self.full = False
        self.gate: asyncio.Event | None = None
        self.entered = asyncio.Event()

    async def append(self, frames: Sequence[NewFrame]) -> None:
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.full:
            raise OutboxUnavailable("disk full")
        self.frames.extend(frames)

    def bodies(self) -> list[EventsBody | MeasurementsBody]:
        return [decode_frame(frame.body) for frame in self.frames]


def latency(device_id: int = 1, ts_ms: int = 1000, rtt_s: float | None = 0.002) -> LatencyRow:
    received = 0 if rtt_s is None else 5
    return LatencyRow(device_id, ts_ms, LatencySource.SNMP, 5, received, *[rtt_s] * 8)


def interfaces(count: int, ts_ms: int = 2000) -> InterfaceRows:
    ones = [1.0] * count
    return InterfaceRows(
        9, 3, list(range(1, count + 1)), [ts_ms] * count, ones, ones, ones, ones, ones, ones, ones, ones,
        [math.nan] * count, [0] * count,
    )  # fmt: skip


def inventory(device_id: int = 9) -> Inventory:
    return Inventory(device_id, 3, 1500, None, [])


async def test_rows_of_both_tables_become_one_frame() -> None:
    store = Store()
    collector = Collector(store)
    collector.latency(latency())
    collector.interfaces(interfaces(2))
    await collector.flush(rows_too=True)
    (body,) = store.bodies()
    assert isinstance(body, MeasurementsBody)
    assert {name: table.rows for name, table in body.tables.items()} == {"latency": 1, "interface": 2}
    assert list(unpack_column(body.tables["interface"].columns["if_index"])) == [1, 2]
    assert (store.frames[0].rows, store.frames[0].from_ms, store.frames[0].to_ms) == (3, 1000, 2000)


async def test_lost_probe_is_nan_not_zero() -> None:
    store = Store()
    collector = Collector(store)
    collector.latency(latency(rtt_s=None))
    await collector.flush(rows_too=True)
    (body,) = store.bodies()
    assert isinstance(body, MeasurementsBody)
    assert math.isnan(unpack_column(body.tables["latency"].columns["rtt_median_s"])[0])
    assert list(unpack_column(body.tables["latency"].columns["source"])) == [1]


async def test_an_inventory_is_kept_before_the_rows_that_name_it() -> None:
    store = Store()
    collector = Collector(store)
    collector.interfaces(interfaces(1))
    collector.event(inventory())
    await collector.flush(rows_too=True)
    assert [frame.frame_class for frame in store.frames] == [FrameClass.EVENTS, FrameClass.MEASUREMENTS]


async def test_an_event_is_kept_at_once_and_rows_wait_for_their_second() -> None:
    store = Store()
    collector = Collector(store)
    task = asyncio.create_task(collector.run())
    collector.latency(latency())
    collector.event(Rebooted(1, 5, 6))
    async with asyncio.timeout(5):
        await store.entered.wait()
    assert [frame.frame_class for frame in store.frames] == [FrameClass.EVENTS]
    await collector.close()
    await task
    assert [frame.frame_class for frame in store.frames] == [FrameClass.EVENTS, FrameClass.MEASUREMENTS]


async def test_a_large_poll_is_split_into_frames_that_fit() -> None:
    store = Store()
    collector = Collector(store)
    collector.interfaces(interfaces(5000))
    await collector.flush(rows_too=True)
    assert [frame.rows for frame in store.frames] == [2000, 2000, 1000]


async def test_rows_beyond_the_buffer_are_dropped_and_counted() -> None:
    collector = Collector(Store())
    for _ in range(4):
        collector.interfaces(interfaces(6000))
    assert collector.buffered_rows == 18_000
    assert collector.stats.dropped_rows == 6000


async def test_what_was_dropped_is_told_to_the_hub_as_one_gap_with_its_count() -> None:
    store = Store()
    collector = Collector(store)
    for turn in range(5):
        collector.interfaces(interfaces(6000, ts_ms=2000 + turn))
    await collector.flush(rows_too=False)
    (body,) = store.bodies()
    assert isinstance(body, EventsBody)
    assert body.events == [Gap(0, 0, 2003, 2004, 12_000, "buffer-full")]
    await collector.flush(rows_too=False)
    assert len(store.frames) == 1


async def test_gaps_of_a_disk_that_was_full_are_told_once_it_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector_module, "MAX_UNSAVED_BYTES", 600)
    store = Store()
    collector = Collector(store)
    store.full = True
    for ts_ms in range(10):
        collector.latency(latency(ts_ms=ts_ms))
        await collector.flush(rows_too=True)
    dropped = collector.stats.dropped_rows
    store.full = False
    await collector.flush(rows_too=True)
    await collector.flush(rows_too=True)
    (body,) = [body for body in store.bodies() if isinstance(body, EventsBody)]
    assert body.events == [Gap(0, 0, 0, dropped - 1, dropped, "outbox-unavailable")]


async def test_a_value_that_does_not_fit_drops_its_rows_alone() -> None:
    store = Store()
    collector = Collector(store)
    collector.latency(latency(device_id=-1))
    collector.latency(latency(device_id=2))
    await collector.flush(rows_too=True)
    (body,) = store.bodies()
    assert isinstance(body, MeasurementsBody)
    assert list(unpack_column(body.tables["latency"].columns["device_id"])) == [2]
    assert collector.stats.refused_values == 1


async def test_a_full_disk_is_said_once_and_what_fits_in_memory_is_kept_for_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store()
    collector = Collector(store)
    store.full = True
    for ts_ms in (1, 2, 3):
        collector.latency(latency(ts_ms=ts_ms))
        await collector.flush(rows_too=True)
    assert caplog.text.count("disk full") == 1
    store.full = False
    await collector.flush(rows_too=True)
    assert [frame.from_ms for frame in store.frames] == [1, 2, 3]
    assert collector.stats.dropped_rows == 0


async def test_a_disk_full_for_long_drops_oldest_measurements_before_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector_module, "MAX_UNSAVED_BYTES", 600)
    store = Store()
    collector = Collector(store)
    store.full = True
    collector.event(Rebooted(1, 5, 6))
    for ts_ms in range(10):
        collector.latency(latency(ts_ms=ts_ms))
        await collector.flush(rows_too=True)
    store.full = False
    await collector.flush(rows_too=True)
    assert store.frames[0].frame_class is FrameClass.EVENTS
    kept = [frame.from_ms for frame in store.frames[1:]]
    assert kept == list(range(10 - len(kept), 10))
    assert collector.stats.dropped_rows == 10 - len(kept) > 0


async def test_a_cancelled_flush_neither_loses_nor_doubles_its_batch() -> None:
    store = Store()
    store.gate = asyncio.Event()
    collector = Collector(store)
    collector.latency(latency())
    task = asyncio.create_task(collector.flush(rows_too=True))
    async with asyncio.timeout(5):
        await store.entered.wait()
    task.cancel()
    await asyncio.wait([task])
    store.gate.set()
    await collector.close()
    assert len(store.frames) == 1


async def test_too_many_events_for_one_frame_are_kept_in_order() -> None:
    store = Store()
    collector = Collector(store)
    for number in range(450):
        collector.event(Rebooted(number, number, 0))
    await collector.flush(rows_too=False)
    events = [event for body in store.bodies() if isinstance(body, EventsBody) for event in body.events]
    assert [event.device_id for event in events if isinstance(event, Rebooted)] == list(range(450))
    assert len(store.frames) == 3


async def test_events_that_are_kept_are_on_disk_and_rows_wait_for_their_turn() -> None:
    store = Store()
    collector = Collector(store)
    collector.latency(latency())
    collector.event(inventory())
    assert await collector.keep_events()
    (body,) = store.bodies()
    assert isinstance(body, EventsBody)


async def test_events_that_a_full_disk_refuses_are_not_kept_until_it_takes_them() -> None:
    store = Store()
    collector = Collector(store)
    store.full = True
    collector.event(inventory())
    assert not await collector.keep_events()
    store.full = False
    assert await collector.keep_events()
    assert len(store.frames) == 1


async def test_collector_is_crowded_when_more_than_half_of_the_events_that_may_wait_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collector_module, "MAX_BUFFERED_EVENTS", 4)
    collector = Collector(Store())
    crowded = []
    for _ in range(3):
        collector.event(inventory())
        crowded.append(collector.crowded)
    await collector.flush(rows_too=False)
    assert [*crowded, collector.crowded] == [False, False, True, False]


async def test_collector_is_crowded_when_frames_pile_up_before_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    collector = Collector(store)
    collector.event(inventory())
    await collector.flush(rows_too=False)
    monkeypatch.setattr(collector_module, "MAX_UNSAVED_BYTES", 2 * len(store.frames[0].body) - 1)
    store.full = True
    collector.event(inventory())
    await collector.flush(rows_too=False)
    assert collector.crowded
