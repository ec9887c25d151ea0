"""Rollups in files: each row counts once in each step, whatever is interrupted, late, dropped or read meanwhile."""

import asyncio
import math
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.charts import bucketed_latency
from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, HOUR_MS, STEP_MS, Resolution
from noctule_hub.core.retention import Retention
from noctule_hub.core.rollups import Rollup
from noctule_hub.store.errors import NewerSchemaError, StoreError
from noctule_hub.store.sqlite import Projector, SqliteStore, open_store, rollup_tables
from noctule_hub.store.sqlite.chunks import DayRows
from noctule_hub.store.sqlite.connection import open_writer
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.metric_files import day_of, end_of, start_of
from noctule_hub.store.sqlite.writer import Job
from noctule_shared.events import EventName
from noctule_shared.frames import TableName

from tests.hub.store.samples import NOW_MS, measured, new_device, polled_device

MIDNIGHT_MS = NOW_MS // DAY_MS * DAY_MS
EVER_MS = NOW_MS * 2
STEPS = tuple(STEP_MS)
Steps = list[tuple[int, int, int, float]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    yield made
    await made.close()


@pytest.fixture
def projector(store: SqliteStore) -> Projector:
    return store.projector()


async def steps(store: SqliteStore, device_id: int, resolution: Resolution) -> Steps:
    """All steps: since when, rows, rows without a reply, sum of delays."""
    found = await store.rollup(TableName.LATENCY, device_id, resolution, from_ms=0, to_ms=EVER_MS)
    sums = found.columns["rtt_sum_ns"]
    return [
        (int(at), int(n), int(bad), -1.0 if math.isnan(total) else float(total))
        for at, n, bad, total in zip(found.bucket_ms, found.columns["n"], found.columns["bad"], sums, strict=True)
    ]


async def of_raw(store: SqliteStore, device_id: int, resolution: Resolution) -> Steps:
    """The same made of all raw rows."""
    rows = await store.latency(device_id, from_ms=0, to_ms=EVER_MS)
    found = bucketed_latency(rows, STEP_MS[resolution])
    sums = found.columns["rtt_sum_ns"]
    return [
        (int(at), int(n), int(bad), -1.0 if math.isnan(total) else float(total))
        for at, n, bad, total in zip(found.bucket_ms, found.columns["n"], found.columns["bad"], sums, strict=True)
    ]


async def commit(store: SqliteStore, agent_id: int, seq: int, device_id: int, *times_ms: int) -> None:
    rows = [(device_id, at, math.nan if at % 7 == 0 else 0.001 + at % 1000 / 1e6) for at in times_ms]
    await store.commit(measured(agent_id, seq, rows))


async def project(projector: Projector) -> None:
    await projector.project_once(NOW_MS, older_than_ms=0)


def two_days() -> list[int]:
    """Times each ten minutes or so from the day before yesterday's evening on."""
    return list(range(MIDNIGHT_MS - DAY_MS - 2 * HOUR_MS, MIDNIGHT_MS + 3 * HOUR_MS, 599_001))


@pytest.mark.parametrize("resolution", STEPS)
async def test_steps_are_those_of_the_raw_rows_at_every_moment_of_a_projection(
    store: SqliteStore, projector: Projector, monkeypatch: pytest.MonkeyPatch, resolution: Resolution
) -> None:
    agent_id, device = await polled_device(store)
    times = two_days()
    await commit(store, agent_id, 1, device.id, *times[::2])
    await project(projector)
    projector.upkeep.derive(NOW_MS)
    await commit(store, agent_id, 2, device.id, *times[1::2])
    expected, moments = await of_raw(store, device.id, resolution), 0
    assert sum(n for _, n, _, _ in expected) == len(times)
    submit = projector._writer.submit

    async def look() -> None:
        nonlocal moments
        moments += 1
        assert await steps(store, device.id, resolution) == expected

    async def look_before(job: Job[object], **options: Any) -> object:
        await look()
        done = await submit(job, **options)
        await look()
        return done

    await look()
    with monkeypatch.context() as patch:
        patch.setattr(projector._writer, "submit", look_before)
        await project(projector)
    await look()
    projector.upkeep.derive(NOW_MS + DAY_MS)
    await look()
    assert moments == 5


async def test_steps_read_while_rows_are_projected_hold_each_row_once(store: SqliteStore, projector: Projector) -> None:
    agent_id, device = await polled_device(store)
    reads = 0
    for seq in range(8):
        await commit(store, agent_id, seq, device.id, *range(MIDNIGHT_MS + seq * 7, MIDNIGHT_MS + 2 * HOUR_MS, 9_001))
        expected = {resolution: await of_raw(store, device.id, resolution) for resolution in STEPS}
        projecting = asyncio.create_task(project(projector))
        while not projecting.done():
            for resolution in STEPS:
                assert await steps(store, device.id, resolution) == expected[resolution]
                reads += 1
        await projecting
    assert reads >= 8


@pytest.mark.parametrize("moment", ["before the files", "after the files", "in the journal"])
async def test_projection_that_is_repeated_after_a_crash_counts_nothing_twice(
    store: SqliteStore, projector: Projector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, *two_days())
    expected = {resolution: await of_raw(store, device.id, resolution) for resolution in STEPS}
    write = DayFiles.write

    def crash(self: DayFiles, day: str, tables: Mapping[TableName, DayRows]) -> None:
        if moment == "after the files":
            write(self, day, tables)
        raise RuntimeError(moment)

    async def crash_in_journal(*_: object, **__: object) -> None:
        raise RuntimeError(moment)

    with monkeypatch.context() as patch:
        if moment == "in the journal":
            patch.setattr(projector._writer, "submit", crash_in_journal)
        else:
            patch.setattr(DayFiles, "write", crash)
        with pytest.raises(RuntimeError, match=moment):
            await project(projector)
    await store.close()
    again = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    try:
        for _ in range(2):
            for resolution in STEPS:
                assert await steps(again, device.id, resolution) == expected[resolution]
            await project(again.projector())
    finally:
        await again.close()


async def test_delays_of_a_day_are_told_of_all_devices_in_steps_of_a_quarter_of_an_hour(
    store: SqliteStore, projector: Projector
) -> None:
    agent_id, device = await polled_device(store)
    other = await store.add_device(new_device(device.site_id, "edge2", "127.0.0.8"), seal=None, by=local(0))
    times = [MIDNIGHT_MS - 900_000, MIDNIGHT_MS - 1, MIDNIGHT_MS, MIDNIGHT_MS + 899_999, MIDNIGHT_MS + 900_000]
    rows = [(device.id, at, 0.002) for at in times] + [
        (other.id, MIDNIGHT_MS + 1, 0.5),
        (other.id, MIDNIGHT_MS, math.nan),
    ]
    await store.commit(measured(agent_id, 1, rows, received_ms=NOW_MS))
    assert len((await store.delays(from_ms=0, to_ms=EVER_MS)).device_ids) == 0
    await project(projector)
    first = MIDNIGHT_MS // 900_000

    async def delays(from_ms: int, to_ms: int = EVER_MS) -> list[tuple[int, int, float, int]]:
        found = await store.delays(from_ms=from_ms, to_ms=to_ms)
        columns = found.device_ids, found.bins - first, found.rtt_sum_s.round(6), found.rounds
        return sorted(zip(*(column.tolist() for column in columns), strict=True))

    expected = [(device.id, -1, 0.004, 2), (device.id, 0, 0.004, 2), (device.id, 1, 0.002, 1), (other.id, 0, 0.5, 1)]
    assert await delays(MIDNIGHT_MS - DAY_MS) == expected
    assert await delays(MIDNIGHT_MS - 900_000) == expected
    assert await delays(MIDNIGHT_MS - 899_999) == expected[1:]
    assert await delays(MIDNIGHT_MS - 900_000, MIDNIGHT_MS) == expected[:1]
    assert await delays(MIDNIGHT_MS, MIDNIGHT_MS + 1) == [expected[1], expected[3]]


async def test_interrupted_transaction_over_a_day_and_its_rollups_is_undone_in_both(
    store: SqliteStore, projector: Projector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, MIDNIGHT_MS, MIDNIGHT_MS + 1)
    await project(projector)
    await commit(store, agent_id, 2, device.id, MIDNIGHT_MS + 2)
    merge = rollup_tables.merge

    def merge_and_fail(connection: sqlite3.Connection, rollup: Rollup, *, step_ms: int) -> None:
        merge(connection, rollup, step_ms=step_ms)
        raise sqlite3.OperationalError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(rollup_tables, "merge", merge_and_fail)
        with pytest.raises(StoreError, match="the disk is gone"):
            await project(projector)
    days = DayFiles(tmp_path / "metrics")
    assert sum(len(part.ts_ms) for part in days.read(TableName.LATENCY, 1, from_ms=0, to_ms=EVER_MS)) == 2
    assert await steps(store, device.id, Resolution.DAY) == await of_raw(store, device.id, Resolution.DAY)


async def test_late_rows_change_the_hours_and_days_that_were_derived_before(
    store: SqliteStore, projector: Projector, tmp_path: Path
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, *two_days())
    await project(projector)
    await projector.upkeep.run(Retention(), NOW_MS)
    rollups = projector._days.rollups
    assert rollups.stale_days() == {day_of(NOW_MS)}
    late_ms = MIDNIGHT_MS - DAY_MS + HOUR_MS + 5
    await commit(store, agent_id, 2, device.id, late_ms)
    expected = {resolution: await of_raw(store, device.id, resolution) for resolution in STEPS}
    await project(projector)
    assert rollups.stale_days() == {day_of(NOW_MS), day_of(late_ms)}
    # A hub that starts now knows of it too.
    assert fresh_stale(tmp_path) == rollups.stale_days()
    await projector.upkeep.run(Retention(), NOW_MS)
    assert rollups.stale_days() == {day_of(NOW_MS)}
    for resolution in STEPS:
        assert await steps(store, device.id, resolution) == expected[resolution]


def fresh_stale(data_dir: Path) -> set[str]:
    days = DayFiles(data_dir / "metrics")
    days.prepare()
    return days.rollups.stale_days()


async def test_steps_outlive_the_raw_rows_and_what_comes_late_is_added_to_them(
    store: SqliteStore, projector: Projector
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, *two_days())
    expected = {resolution: await of_raw(store, device.id, resolution) for resolution in STEPS}
    await project(projector)
    await projector.upkeep.run(Retention(raw_days=1), NOW_MS + DAY_MS)
    assert min((await store.latency(device.id, from_ms=0, to_ms=EVER_MS)).ts_ms) >= MIDNIGHT_MS
    for resolution in STEPS:
        assert await steps(store, device.id, resolution) == expected[resolution]
    late_ms = expected[Resolution.FIVE_MINUTES][0][0] + 1
    await commit(store, agent_id, 2, device.id, late_ms)
    await project(projector)
    await projector.upkeep.run(Retention(raw_days=1), NOW_MS + DAY_MS)
    for resolution in STEPS:
        found = await steps(store, device.id, resolution)
        assert [row[1] for row in found] == [
            expected[resolution][0][1] + 1,
            *(row[1] for row in expected[resolution][1:]),
        ]


async def test_each_resolution_goes_when_its_time_is_over_and_days_stay(
    store: SqliteStore, projector: Projector
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, *two_days())
    await project(projector)
    retention = Retention(raw_days=1, rollup_5min_days=10, rollup_1h_days=100)
    for later_days, kept in ((3, 3), (20, 2), (200, 1)):
        await projector.upkeep.run(retention, NOW_MS + later_days * DAY_MS)
        reach = await store.reach()
        assert list(reach.from_ms) == [Resolution.FIVE_MINUTES, Resolution.HOUR, Resolution.DAY][-kept:]
        assert min(reach.from_ms.values()) == MIDNIGHT_MS - 2 * DAY_MS
    assert sum(row[1] for row in await steps(store, device.id, Resolution.DAY)) == len(two_days())


async def test_rows_older_than_their_five_minutes_do_not_replace_what_was_derived(
    store: SqliteStore, projector: Projector
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, *two_days())
    await project(projector)
    retention = Retention(raw_days=1, rollup_5min_days=2)
    await projector.upkeep.run(retention, NOW_MS + 5 * DAY_MS)
    before = await steps(store, device.id, Resolution.HOUR)
    await commit(store, agent_id, 2, device.id, two_days()[0] + 1)
    await project(projector)
    await projector.upkeep.run(retention, NOW_MS + 5 * DAY_MS)
    assert await steps(store, device.id, Resolution.HOUR) == before


async def test_full_budget_drops_the_oldest_raw_days_says_so_and_spares_today(
    store: SqliteStore, projector: Projector, caplog: pytest.LogCaptureFixture
) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, *two_days())
    await project(projector)
    days = [day_of(MIDNIGHT_MS - back * DAY_MS) for back in (2, 1, 0)]
    assert projector._days.days() == days
    await projector.upkeep.run(Retention(max_bytes=1), NOW_MS)
    assert projector._days.days() == days[-1:]
    assert projector.upkeep.dropped_for_space == 2
    told = [event for event in await store.events_after(0, limit=10) if event.name is EventName.NETWORK_LOG]
    assert [event.data["message"] for event in told] == [record.getMessage() for record in caplog.records]
    assert f"{days[0][:4]}-{days[0][4:6]}-{days[0][6:]}" in told[0].data["message"]
    assert sum(row[1] for row in await steps(store, device.id, Resolution.FIVE_MINUTES)) == len(two_days())
    await projector.upkeep.run(Retention(max_bytes=1), NOW_MS)
    assert projector.upkeep.dropped_for_space == 2


async def test_rollups_of_a_newer_hub_are_refused(store: SqliteStore, projector: Projector, tmp_path: Path) -> None:
    agent_id, device = await polled_device(store)
    await commit(store, agent_id, 1, device.id, NOW_MS)
    await project(projector)
    connection = open_writer(tmp_path / "metrics" / "5m" / f"{day_of(NOW_MS)}.db", journal_mode="TRUNCATE")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerSchemaError, match="newer hub"):
        await steps(store, device.id, Resolution.FIVE_MINUTES)


@pytest.mark.parametrize(
    ("name", "days"), [("20260228", 1), ("20261231", 1), ("202602", 28), ("202612", 31), ("2026", 365), ("2028", 366)]
)
def test_names_of_files_say_when_they_begin_and_end(name: str, days: int) -> None:
    assert end_of(name) - start_of(name) == days * DAY_MS
    assert day_of(start_of(name))[: len(name)] == name
    assert start_of(name) % FIVE_MINUTES_MS == 0
