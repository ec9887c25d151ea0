"""The projector: measurements reach their day files exactly once, whatever is interrupted."""

import asyncio
import math
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.commit import Commit, FrameRow, RejectedFrame
from noctule_hub.core.resolution import DAY_MS
from noctule_hub.core.retention import Retention
from noctule_hub.store.errors import NewerSchemaError, StoreError
from noctule_hub.store.sqlite import Projection, Projector, SqliteStore, open_store
from noctule_hub.store.sqlite.chunks import DayRows
from noctule_hub.store.sqlite.connection import open_reader
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.metric_files import day_of
from noctule_shared.frames import FrameClass, TableName

from tests.hub.store.samples import (
    EPOCH,
    NOW_MS,
    bindings,
    enrolled,
    interface,
    measured,
    measurement_frame,
    new_device,
    polled_device,
)

LATER_MS = NOW_MS + 120_000
EVER_MS = NOW_MS * 2


class CrashError(Exception):
    """Stands for the process ending at this point."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    yield made
    await made.close()


@pytest.fixture
def projector(store: SqliteStore) -> Projector:
    return store.projector()


async def delays(store: SqliteStore, device_id: int) -> list[tuple[int, float]]:
    series = await store.latency(device_id, from_ms=0, to_ms=EVER_MS)
    return list(zip(series.ts_ms.tolist(), series.rtt_median_s.tolist(), strict=True))


def count(path: Path, table: str) -> int:
    connection = open_reader(path)
    try:
        counted = "count(*)" if path.name == "hub.db" else "ifnull(sum(rows), 0)"
        found: int = connection.execute(f"SELECT {counted} FROM {table}").fetchone()[0]  # noqa: S608  a test's own words
        return found
    finally:
        connection.close()


async def filled(store: SqliteStore, frames: int = 6) -> tuple[int, list[tuple[int, float]]]:
    """Commit frames of two rows each, a third of a second apart; return the device and what its series must be."""
    agent_id, device = await polled_device(store)
    for seq in range(frames):
        rows = [(device.id, NOW_MS + seq * 1000 + part * 300, 0.001 + seq / 3000) for part in range(2)]
        await store.commit(measured(agent_id, seq, rows))
    return device.id, await delays(store, device.id)


async def test_a_projected_series_reads_exactly_as_before(
    store: SqliteStore, projector: Projector, tmp_path: Path
) -> None:
    device_id, before = await filled(store)
    assert len(before) == 12
    assert await projector.project_once(LATER_MS) == Projection(frames=6, rows=12)
    assert count(tmp_path / "hub.db", "frame") == 0
    assert count(tmp_path / "metrics" / f"{day_of(NOW_MS)}.db", "latency") == 12
    assert store.tail_rows == 0
    assert await delays(store, device_id) == before
    assert await projector.project_once(LATER_MS) == Projection()


async def test_young_frames_stay_in_the_journal_and_in_memory(store: SqliteStore, projector: Projector) -> None:
    agent_id, device = await polled_device(store)
    await store.commit(measured(agent_id, 1, [(device.id, NOW_MS, 0.5)], received_ms=NOW_MS))
    await store.commit(measured(agent_id, 2, [(device.id, NOW_MS + 1, 0.5)], received_ms=NOW_MS + 60_000))
    assert (await projector.project_once(NOW_MS + 60_000)).frames == 1
    assert store.tail_rows == 1
    assert len(await delays(store, device.id)) == 2
    assert (await projector.project_once(NOW_MS + 60_000, older_than_ms=0)).frames == 1
    assert store.tail_rows == 0


@pytest.mark.parametrize("moment", ["before the day file", "after the day file", "after the journal"])
async def test_a_crash_at_any_step_changes_nothing(
    store: SqliteStore, projector: Projector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    device_id, before = await filled(store)
    write = DayFiles.write

    def crash_before(_self: DayFiles, _day: str, _tables: Mapping[TableName, object]) -> None:
        raise CrashError

    def crash_after(self: DayFiles, day: str, tables: Mapping[TableName, DayRows]) -> None:
        write(self, day, tables)
        raise CrashError

    def crash_at_drop(*_: object) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        if moment == "before the day file":
            patch.setattr(DayFiles, "write", crash_before)
        elif moment == "after the day file":
            patch.setattr(DayFiles, "write", crash_after)
        else:
            patch.setattr(projector._tail, "drop", crash_at_drop)
        with pytest.raises(CrashError):
            await projector.project_once(LATER_MS)
    assert await delays(store, device_id) == before
    await store.close()
    again = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    try:
        assert await delays(again, device_id) == before
        await again.projector().project_once(LATER_MS)
        assert await delays(again, device_id) == before
        assert count(tmp_path / "metrics" / f"{day_of(NOW_MS)}.db", "latency") == 12
        assert count(tmp_path / "hub.db", "frame") == 0
    finally:
        await again.close()


async def test_what_is_committed_during_a_pass_stays_readable(
    store: SqliteStore, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent_id, device = await polled_device(store)
    await store.commit(measured(agent_id, 1, [(device.id, NOW_MS, 0.5)]))
    read = projector._readers.read
    late = [measured(agent_id, 2, [(device.id, NOW_MS + 7, 0.5)])]

    async def commit_after_the_last_read(query: Callable[[sqlite3.Connection], object]) -> object:
        found = await read(query)
        if found == [] and late:
            await store.commit(late.pop())
        return found

    monkeypatch.setattr(projector._readers, "read", commit_after_the_last_read)
    await projector.project_once(LATER_MS)
    monkeypatch.undo()
    assert not late
    assert [ts_ms for ts_ms, _ in await delays(store, device.id)] == [NOW_MS, NOW_MS + 7]


async def test_rows_go_to_the_day_they_were_measured(store: SqliteStore, projector: Projector, tmp_path: Path) -> None:
    agent_id, device = await polled_device(store)
    midnight_ms = NOW_MS // DAY_MS * DAY_MS
    times = [midnight_ms - 3 * DAY_MS, midnight_ms - 1, midnight_ms]
    await store.commit(measured(agent_id, 1, [(device.id, ts_ms, 0.5) for ts_ms in times]))
    await projector.project_once(LATER_MS)
    assert sorted(path.stem for path in (tmp_path / "metrics").glob("*.db")) == [day_of(ts_ms) for ts_ms in times]
    assert [ts_ms for ts_ms, _ in await delays(store, device.id)] == times
    dropped = projector.upkeep.drop_outlived(Retention(raw_days=1), midnight_ms + DAY_MS)
    assert dropped == [day_of(times[0]), day_of(times[1])]
    assert [ts_ms for ts_ms, _ in await delays(store, device.id)] == [midnight_ms]
    files = [path for path in (tmp_path / "metrics").iterdir() if path.is_file()]
    assert {path.name.removesuffix("-journal") for path in files} == {f"{day_of(midnight_ms)}.db"}


async def test_interfaces_keep_unknown_apart_from_zero(store: SqliteStore, projector: Projector) -> None:
    site_id, agent_id = await enrolled(store)
    device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
    frame = measurement_frame(
        agent_id, 1, interface=[(device.id, 1, 1, NOW_MS, 0.0), (device.id, 1, 1, NOW_MS + 1, math.nan)]
    )
    await store.commit(
        Commit(
            now_ms=NOW_MS,
            frames=[frame],
            interfaces=[interface(5, device.id)],
            bindings=bindings(device.id, (1, 1, 5)),
        )
    )
    assert await projector.project_once(LATER_MS) == Projection(frames=1, rows=2)
    series = await store.bandwidth(5, from_ms=0, to_ms=EVER_MS)
    assert [None if math.isnan(value) else value for value in series.in_octets.tolist()] == [0.0, None]
    assert series.interval_s.tolist() == [30.01, 30.01]
    assert series.quality.tolist() == [0, 0]


async def test_absurd_values_are_unknown_and_absurd_times_are_dropped(store: SqliteStore, projector: Projector) -> None:
    agent_id, device = await polled_device(store)
    rows = [
        (device.id, NOW_MS, math.inf),
        (device.id, NOW_MS + 1, 3e30),
        (device.id, -5, 0.5),
        (device.id, NOW_MS + 3 * DAY_MS, 0.5),
        (device.id, NOW_MS - 400 * DAY_MS, 0.5),
    ]
    await store.commit(Commit(now_ms=NOW_MS, frames=[measurement_frame(agent_id, 1, rows)]))
    assert await projector.project_once(LATER_MS) == Projection(frames=1, rows=2, dropped_rows=3)
    assert [(ts_ms, math.isnan(rtt_s)) for ts_ms, rtt_s in await delays(store, device.id)] == [
        (NOW_MS, True),
        (NOW_MS + 1, True),
    ]
    assert projector.dropped_rows == 3


async def test_a_frame_that_cannot_be_read_does_not_hold_up_the_others(
    store: SqliteStore, projector: Projector, tmp_path: Path
) -> None:
    agent_id, device = await polled_device(store)
    bad = FrameRow(agent_id, EPOCH, 1, NOW_MS, FrameClass.MEASUREMENTS, b"\x01\x01broken")
    events = FrameRow(agent_id, EPOCH, 2, NOW_MS, FrameClass.EVENTS, b"kept until the cursor has passed")
    good = measurement_frame(agent_id, 3, [(device.id, NOW_MS, 0.5)])
    await store.commit(Commit(now_ms=NOW_MS, frames=[bad, events, good]))
    assert await projector.project_once(LATER_MS) == Projection(frames=3, rows=1)
    assert (count(tmp_path / "hub.db", "frame"), count(tmp_path / "hub.db", "rejected_frame")) == (0, 1)


async def test_an_interrupted_day_file_is_mended_at_the_next_start(store: SqliteStore, tmp_path: Path) -> None:
    device_id, before = await filled(store)
    projector = store.projector()
    await projector.project_once(LATER_MS)
    await store.close()
    path = tmp_path / "metrics" / f"{day_of(NOW_MS)}.db"
    torn = torn_copy(path)
    again = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    try:
        assert not torn.exists() or torn.stat().st_size == 0
        assert await delays(again, device_id) == before
    finally:
        await again.close()


def torn_copy(path: Path) -> Path:
    """Leave a day file as a crash in the middle of a transaction does; return its journal."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = PERSIST")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("PRAGMA cache_spill = 1")
    connection.execute("BEGIN")
    connection.execute("UPDATE latency SET packed = zeroblob(9)")
    connection.executemany("INSERT INTO latency VALUES (?, 1, zeroblob(500))", [(number,) for number in range(9_999)])
    journal = path.with_name(path.name + "-journal")
    torn_file, torn_journal = path.read_bytes(), journal.read_bytes()
    connection.execute("ROLLBACK")
    connection.close()
    path.write_bytes(torn_file)
    journal.write_bytes(torn_journal)
    return journal


async def test_a_day_file_of_a_newer_hub_is_refused(store: SqliteStore, projector: Projector, tmp_path: Path) -> None:
    device_id, before = await filled(store)
    await projector.project_once(LATER_MS)
    connection = sqlite3.connect(tmp_path / "metrics" / f"{day_of(NOW_MS)}.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert len(before) == 12
    with pytest.raises(NewerSchemaError, match="newer hub"):
        await delays(store, device_id)


async def test_a_day_file_that_is_damaged_is_told_in_words_and_loses_nothing(
    store: SqliteStore, projector: Projector, tmp_path: Path
) -> None:
    await filled(store)
    (tmp_path / "metrics" / f"{day_of(NOW_MS)}.db").write_bytes(b"rubbish instead of a database file" * 99)
    with pytest.raises(StoreError, match="no SQLite database"):
        await projector.project_once(LATER_MS)
    assert count(tmp_path / "hub.db", "frame") == 6
    assert store.tail_rows == 12


async def test_rejected_frames_are_kept_for_seven_days_and_no_longer(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noctule_hub.store.sqlite.projector.PROJECT_EVERY_S", 0.0)
    monkeypatch.setattr("noctule_hub.store.sqlite.projector.CHECK_EVERY_S", 0.01)
    for seq, received_ms in enumerate((NOW_MS - 7 * DAY_MS - 1, NOW_MS - 7 * DAY_MS, NOW_MS), start=1):
        row = RejectedFrame(1, EPOCH, seq, received_ms, "zlib", "cut short", b"raw")
        await store.commit(Commit(now_ms=NOW_MS, rejected=[row]))
    projector, again = store.projector(), asyncio.Event()
    keep, passes = projector.upkeep.run, []

    async def keep_and_count(retention: Retention, now_ms: int) -> None:
        await keep(retention, now_ms)
        passes.append(now_ms)
        if len(passes) == 2:
            again.set()

    monkeypatch.setattr(projector.upkeep, "run", keep_and_count)
    running = asyncio.create_task(projector.run(Retention))
    async with asyncio.timeout(20):
        await again.wait()
    running.cancel()
    await asyncio.wait([running])
    connection = open_reader(tmp_path / "hub.db")
    assert [seq for (seq,) in connection.execute("SELECT seq FROM rejected_frame ORDER BY seq")] == [2, 3]
    connection.close()


async def test_the_running_projector_reports_a_failure_once_and_goes_on(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("noctule_hub.store.sqlite.projector.PROJECT_EVERY_S", 0.0)
    monkeypatch.setattr("noctule_hub.store.sqlite.projector.CHECK_EVERY_S", 0.01)
    agent_id, device = await polled_device(store)
    # As old as the clock of the store says that a pass may take.
    await store.commit(measured(agent_id, 1, [(device.id, NOW_MS, 0.5)], received_ms=NOW_MS - 60_000))
    old_day = tmp_path / "metrics" / f"{day_of(NOW_MS - 15 * DAY_MS)}.db"
    DayFiles(tmp_path / "metrics").write(old_day.stem, {})
    projector = store.projector()
    write, failures = DayFiles.write, 3
    dropped = asyncio.Event()

    def fail_three_times(self: DayFiles, day: str, tables: Mapping[TableName, DayRows]) -> None:
        if projector.failures < failures:
            raise StoreError("the disk is full")
        write(self, day, tables)

    keep = projector.upkeep.run

    async def keep_and_tell(retention: Retention, now_ms: int) -> None:
        await keep(retention, now_ms)
        dropped.set()

    monkeypatch.setattr(DayFiles, "write", fail_three_times)
    monkeypatch.setattr(projector.upkeep, "run", keep_and_tell)
    running = asyncio.create_task(projector.run(Retention))
    async with asyncio.timeout(20):
        await dropped.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert projector.failures == failures
    assert [record.getMessage() for record in caplog.records] == ["measurements stay in the journal: the disk is full"]
    assert DayFiles(tmp_path / "metrics").days() == [day_of(NOW_MS)]
    assert len(await delays(store, device.id)) == 1
