"""The SQLite backend: the store's contract, and what only files and processes can do."""

import asyncio
import contextlib
import shutil
import signal
import sqlite3
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from noctule_hub.core.records import EventRow, SnmpSettings
from noctule_hub.store.errors import NewerSchemaError, StoreError
from noctule_hub.store.protocol import Store
from noctule_hub.store.sqlite import Projection, SqliteStore, open_store
from noctule_hub.store.sqlite.connection import PAGE_BYTES
from noctule_hub.store.sqlite.migrations import MIGRATIONS
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import FAILED_POLLS
from sqlite_utils import Database

from tests.hub.store.contract import StoreContract
from tests.hub.store.following import Reopen, take
from tests.hub.store.samples import EPOCH, NOW_MS, event, measured, measurement_frame, polled_device

DEADLINE_S = 30.0


async def opened(data_dir: Path) -> SqliteStore:
    return await open_store(data_dir, clock_ms=lambda: NOW_MS)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = await opened(tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def reopen(store: SqliteStore, tmp_path: Path) -> AsyncIterator[Reopen]:
    made: list[Store] = []

    async def again() -> Store:
        await store.close()
        made.append(await opened(tmp_path))
        return made[-1]

    yield again
    for one in made:
        await one.close()


class TestSqliteStore(StoreContract):
    """The contract on SQLite."""


# Commits frames and events as fast as they become durable, and says after each which was acknowledged.
WRITING = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from noctule_hub.store.sqlite import open_store
from tests.hub.store.samples import NOW_MS, event, measured, polled_device

async def main():
    store = await open_store(Path(sys.argv[1]), clock_ms=lambda: NOW_MS)
    agent_id, device = await polled_device(store)
    for seq in range(1, 100_000):
        commit = measured(agent_id, seq, [(device.id, NOW_MS + seq, 0.001)])
        await store.commit(replace(commit, events=[event(seq)]))
        print(seq, flush=True)

asyncio.run(main())
"""


async def acknowledged_by_a_killed_process(data_dir: Path) -> int:
    """Start a process that writes, kill it in the middle and return the last commit it was told is durable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WRITING,
        str(data_dir),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert process.stdout is not None
    last = 0
    async with asyncio.timeout(DEADLINE_S):
        while last < 60:
            last = int(await process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = (await process.stdout.read()).split(b"\n")
        await process.wait()
    # What follows the last line end was not told whole.
    return max([last, *(int(line) for line in rest[:-1])])


@pytest.mark.parametrize(("made_with", "kept"), [(None, PAGE_BYTES), (4096, 4096)])
async def test_a_new_hub_db_has_small_pages_and_an_old_one_keeps_its_own(
    tmp_path: Path, made_with: int | None, kept: int
) -> None:
    if made_with is not None:
        with contextlib.closing(sqlite3.connect(tmp_path / "hub.db")) as before:
            before.execute(f"PRAGMA page_size = {made_with}")
            before.execute("PRAGMA user_version = 0")
            before.execute("VACUUM")
    store = await opened(tmp_path)
    await store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "hub.db")) as after:
        assert after.execute("PRAGMA page_size").fetchone() == (kept,)


async def test_everything_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    acknowledged = await acknowledged_by_a_killed_process(tmp_path)
    store = await opened(tmp_path)
    try:
        state = await store.load_engine_state()
        next_seq = state.cursors[0].next_seq
        assert next_seq > acknowledged
        # One more may have been committed and not told; it is whole or not there.
        assert await store.head() == next_seq - 1
        events = await store.events_after(0, limit=5000)
        assert [row.data["number"] for row in events] == list(range(1, next_seq))
        series = await store.latency(state.configuration.devices[0].id, from_ms=0, to_ms=NOW_MS * 2)
        assert series.ts_ms.tolist() == [NOW_MS + seq for seq in range(1, next_seq)]
    finally:
        await store.close()


async def test_a_kill_does_not_start_a_new_log_epoch(tmp_path: Path) -> None:
    await acknowledged_by_a_killed_process(tmp_path)
    epochs = []
    for _ in range(2):
        store = await opened(tmp_path)
        epochs.append(store.epoch)
        await store.close()
    assert epochs[0] == epochs[1]
    connection = sqlite3.connect(tmp_path / "hub.db")
    assert connection.execute("SELECT count(*) FROM event").fetchone()[0] >= 60
    connection.close()


async def test_an_older_copy_of_the_data_starts_a_new_log_epoch(store: SqliteStore, tmp_path: Path) -> None:
    agent_id, _ = await polled_device(store)
    await store.append([event(1)], now_ms=NOW_MS)
    await store.close()
    shutil.copy(tmp_path / "hub.db", tmp_path / "copy.db")
    newer = await opened(tmp_path)
    await newer.append([event(2)], now_ms=NOW_MS)
    await newer.close()
    assert newer.epoch == store.epoch
    shutil.copy(tmp_path / "copy.db", tmp_path / "hub.db")
    restored = await opened(tmp_path)
    assert await restored.append([event(3)], now_ms=NOW_MS) == [2]
    # A revision that an agent was given after the copy was made means another list now, or none.
    known = [await restored.config_changes(agent_id, since=revision) for revision in range(1, 9)]
    assert known == [None] * 8
    await restored.close()
    again = await opened(tmp_path)
    await again.close()
    assert restored.epoch != store.epoch
    assert again.epoch == restored.epoch


@pytest.mark.parametrize("content", ["", "not a number"])
async def test_an_unreadable_seq_high_starts_a_new_log_epoch(store: SqliteStore, tmp_path: Path, content: str) -> None:
    await store.close()
    (tmp_path / "seq.high").write_text(content)
    again = await opened(tmp_path)
    await again.close()
    assert again.epoch != store.epoch


async def test_a_hub_db_of_the_first_schema_keeps_its_devices(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    MIGRATIONS[0](Database(connection, recursive_triggers=False, execute_plugins=False))
    connection.execute("PRAGMA user_version = 1")
    connection.execute("INSERT INTO site (name) VALUES ('north')")
    connection.execute(
        """INSERT INTO device (name, address, site_id, reachability, snmp_version, snmp_port, snmp_interval_s,
               snmp_failed_polls, tags, created_ms)
           VALUES ('r1', '192.0.2.1', 1, 'snmp', '2c', 161, 30.0, ?, '[]', 0)""",
        (FAILED_POLLS,),
    )
    connection.close()
    store = await opened(tmp_path)
    (device,) = await store.devices()
    await store.close()
    assert device.snmp == SnmpSettings(SnmpVersion.V2C)


async def test_a_newer_schema_is_refused_and_left_alone(store: SqliteStore, tmp_path: Path) -> None:
    await store.close()
    connection = sqlite3.connect(tmp_path / "hub.db")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(NewerSchemaError, match="run the newer hub again"):
        await opened(tmp_path)
    connection = sqlite3.connect(tmp_path / "hub.db")
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS) + 1
    connection.close()


async def test_a_missing_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check the folder, its owner and permissions"):
        await opened(tmp_path / "missing")


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_nobody_else_can_read_the_files(store: SqliteStore, tmp_path: Path) -> None:
    await store.append([event(1)], now_ms=NOW_MS)
    modes = modes_in(tmp_path)
    assert {"hub.db", "hub.db-wal", "seq.high", "metrics"} <= modes.keys()
    assert {name for name, mode in modes.items() if mode & 0o077} == set()


async def test_the_log_tail_sees_commits_of_another_process(store: SqliteStore, tmp_path: Path) -> None:
    tail = store.follow(0)
    assert isinstance(tail, AsyncGenerator)
    await store.append([event(1)], now_ms=NOW_MS)
    assert [row.seq for row in await take(tail, 1)] == [1]
    tail = store.follow(1)
    assert isinstance(tail, AsyncGenerator)
    reading: asyncio.Task[list[EventRow]] = asyncio.create_task(take(tail, 1))
    await store.head()
    connection = sqlite3.connect(tmp_path / "hub.db")
    connection.execute("INSERT INTO event SELECT 2, name, data, rooms, observed_ms, 8, NULL, NULL, 0 FROM event")
    connection.commit()
    connection.close()
    assert [(row.seq, row.committed_ms) for row in await reading] == [(2, 8)]


async def test_the_log_tail_does_not_wait_for_its_poll(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_hub.store.sqlite.log.POLL_S", 10_000.0)
    tail = store.follow(0)
    assert isinstance(tail, AsyncGenerator)
    for number in range(1, 20):
        reading = asyncio.create_task(take(tail, 1))
        # Half of the commits come before the follower waits, half after.
        for _ in range(number % 2 * 20):
            await store.head()
        await store.append([event(number)], now_ms=NOW_MS)
        assert [row.seq for row in await reading] == [number]
    await tail.aclose()


async def test_a_frame_that_was_projected_does_not_come_back(store: SqliteStore) -> None:
    agent_id, device = await polled_device(store)
    commit = measured(agent_id, 1, [(device.id, NOW_MS, 0.5)])
    await store.commit(commit)
    projector = store.projector()
    await projector.project_once(NOW_MS, older_than_ms=0)
    await store.commit(commit)
    assert await projector.project_once(NOW_MS, older_than_ms=0) == Projection()
    # A frame of another epoch with the same number is another frame.
    other = measurement_frame(agent_id, 1, [(device.id, NOW_MS + 1, 0.5)], epoch=EPOCH[::-1])
    await store.commit(replace(commit, frames=[other], cursors=[], tables=[]))
    assert (await projector.project_once(NOW_MS, older_than_ms=0)).rows == 1


async def test_reading_after_a_close_is_refused_in_words(store: SqliteStore) -> None:
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.devices()
    with pytest.raises(StoreError, match="closed"):
        await store.latency(1, from_ms=0, to_ms=1)
