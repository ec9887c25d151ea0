"""Backups of a store in use: consistent, private, broken off without a trace."""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from noctule_hub.core.audit import AuditAction, local
from noctule_hub.core.backup import MANIFEST, Manifest, read_manifest
from noctule_hub.core.records import NewEvent
from noctule_hub.store.backup import BackupProgress, CopiedFile
from noctule_hub.store.errors import NewerSchemaError, StoreError
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_hub.store.sqlite.backup import SCRATCH, opened_for_backup, take_backup
from noctule_hub.store.sqlite.connection import open_writer
from noctule_hub.store.sqlite.copies import examine_copy
from noctule_hub.store.sqlite.migrations import MIGRATIONS
from noctule_hub.store.sqlite.restored import prepare_restored
from noctule_hub.store.sqlite.schema import last_backup_ms
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import EventName
from sqlite_utils import Database

NOW_MS = 1_795_000_000_000
BY = local(NOW_MS)
EVENT = NewEvent(EventName.AGENT_STATUS, {"agentId": 1}, ("agents",), NOW_MS)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    (tmp_path / "data").mkdir()
    store = await open_store(tmp_path / "data", clock_ms=lambda: NOW_MS)
    yield store
    await store.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def measured(folder: Path, name: str, *series_ids: int) -> None:
    """Make a file of measurements with one row of each series."""
    path = folder / "metrics" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = open_writer(path, journal_mode="TRUNCATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS rtt (series_id INTEGER, ts_ms INTEGER, PRIMARY KEY (series_id, ts_ms))"
    )
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO rtt VALUES (?, 1)", [(series_id,) for series_id in series_ids])
    connection.execute("COMMIT")
    connection.close()


async def fill(store: SqliteStore, size_bytes: int) -> None:
    """Make hub.db so large that it is copied in many steps."""

    def job(connection: sqlite3.Connection) -> None:
        rows = ((1, "e", number, 0, "events", os.urandom(100_000)) for number in range(size_bytes // 100_000))
        connection.executemany("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?)", rows)

    await store._writer.submit(job)


def manifest_of(folder: Path) -> Manifest:
    return read_manifest((folder / MANIFEST).read_bytes())


async def test_copy_under_load_is_one_committed_state_up_to_its_head(store: SqliteStore, scratch: Path) -> None:
    await fill(store, 20_000_000)
    stop = asyncio.Event()

    async def load() -> None:
        # Each commit moves a counter and appends an event: a state between two commits has them apart.
        number = 0
        while not stop.is_set():
            number += 1
            await store.append([EVENT], now_ms=number)
            await store._writer.submit(
                lambda connection: connection.execute("DELETE FROM frame WHERE seq = ?", (number,)).rowcount  # noqa: B023  awaited at once
            )

    loading = asyncio.create_task(load())
    taking = store.back_up(identity="i", by=BY, scratch=scratch)
    copied_at = [await store.head() async for item in taking if isinstance(item, CopiedFile)]
    stop.set()
    await loading
    manifest = manifest_of(scratch)
    assert 0 < manifest.head <= copied_at[0] <= await store.head()
    assert examine_copy(scratch / "hub.db", thorough=True) == []
    connection = sqlite3.connect(scratch / "hub.db")
    head, events = connection.execute("SELECT max(seq), count(*) FROM event").fetchone()
    frames = connection.execute("SELECT count(*) FROM frame").fetchone()[0]
    connection.close()
    assert (head, events) == (manifest.head, manifest.head)
    # Of two transactions that follow each other the copy holds both, or the first alone.
    assert 200 - frames in {min(head, 199), min(head - 1, 199)}
    assert (manifest.epoch, manifest.hub_id, manifest.identity) == (store.epoch, store.hub_id, "i")


async def test_commits_go_on_while_hub_db_is_copied(store: SqliteStore, scratch: Path) -> None:
    await fill(store, 20_000_000)
    during = 0
    async with aclosing(store.back_up(identity=None, by=BY, scratch=scratch)) as items:
        assert isinstance(await anext(items), BackupProgress)
        following = asyncio.ensure_future(anext(items))
        while not following.done():
            await store.append([EVENT], now_ms=1)
            during += 1
        await following
    assert during > 1


async def test_manifest_holds_what_the_files_are(store: SqliteStore, tmp_path: Path, scratch: Path) -> None:
    measured(tmp_path / "data", "20261126.db", 1)
    measured(tmp_path / "data", "5min/202611.db", 1)
    (tmp_path / "data" / "metrics" / "notes.txt").write_text("not ours")
    (tmp_path / "data" / "metrics" / "link.db").symlink_to("/etc/passwd")
    items = [item async for item in store.back_up(identity=None, by=BY, scratch=scratch)]
    files = [item.name for item in items if isinstance(item, CopiedFile)]
    assert files == ["hub.db", "metrics/20261126.db", "metrics/5min/202611.db", MANIFEST]
    for file in manifest_of(scratch).files:
        content = (scratch / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size_bytes, file.sha256)
        assert (scratch / file.name).stat().st_mode & 0o777 == 0o600


async def test_file_that_retention_took_meanwhile_is_left_out(
    store: SqliteStore, tmp_path: Path, scratch: Path
) -> None:
    measured(tmp_path / "data", "20261125.db", 1)
    measured(tmp_path / "data", "20261126.db", 1)
    files: list[str] = []
    async for item in store.back_up(identity=None, by=BY, scratch=scratch):
        if isinstance(item, CopiedFile):
            files.append(item.name)
            # All names are known by now; the one that would be next goes.
            if item.name == "metrics/20261125.db":
                (tmp_path / "data" / "metrics" / "20261126.db").unlink()
    assert files == ["hub.db", "metrics/20261125.db", MANIFEST]


async def test_own_scratch_holds_one_file_at_a_time_and_is_gone_at_the_end(store: SqliteStore, tmp_path: Path) -> None:
    measured(tmp_path / "data", "20261126.db", 1)
    scratch = tmp_path / "data" / SCRATCH
    async for item in store.back_up(identity=None, by=BY):
        if isinstance(item, CopiedFile):
            assert [path for path in scratch.rglob("*") if path.is_file()] == [item.path]
    assert not scratch.exists()


async def test_second_backup_at_once_is_refused_and_the_next_is_not(store: SqliteStore) -> None:
    async with aclosing(store.back_up(identity=None, by=BY)) as first:
        await anext(first)
        with pytest.raises(Refused) as refused:
            await anext(store.back_up(identity=None, by=BY))
        assert refused.value.code is ErrorCode.TOO_MANY
    assert [item async for item in store.back_up(identity=None, by=BY)]


async def test_backup_without_room_is_refused_before_it_begins(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noctule_hub.store.sqlite.backup.SPARE_BYTES", 2**60)
    with pytest.raises(Refused, match="free some space") as refused:
        await anext(store.back_up(identity=None, by=BY))
    assert refused.value.code is ErrorCode.BUSY
    assert not (tmp_path / "data" / SCRATCH).exists()


async def test_backup_that_is_broken_off_leaves_nothing_and_counts_as_none(store: SqliteStore, tmp_path: Path) -> None:
    await fill(store, 20_000_000)
    async with aclosing(store.back_up(identity=None, by=BY)) as items:
        await anext(items)
    assert not (tmp_path / "data" / SCRATCH).exists()
    assert await store._readers.read(last_backup_ms) is None
    async for _ in store.back_up(identity=None, by=BY):
        pass
    assert await store._readers.read(last_backup_ms) == NOW_MS


async def test_store_that_is_closed_does_not_wait_for_a_backup(store: SqliteStore, scratch: Path) -> None:
    await fill(store, 20_000_000)
    async with aclosing(store.back_up(identity=None, by=BY, scratch=scratch)) as items:
        await anext(items)
        following = asyncio.ensure_future(anext(items))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(StoreError, match=r"broken off|closed"):
            await following
    assert not (scratch / MANIFEST).exists()


async def test_backup_is_in_the_audit_log_from_its_beginning(store: SqliteStore) -> None:
    async with aclosing(store.back_up(identity=None, by=BY)) as items:
        await anext(items)
    entries = await store.audit_entries(before_id=None, kind="hub", object_id=None, subject=None, limit=9)
    assert [(entry.action, entry.by) for entry in entries] == [(AuditAction.BACKED_UP, BY)]


async def test_scratch_of_a_hub_that_was_killed_is_removed_at_its_start(store: SqliteStore, tmp_path: Path) -> None:
    await store.close()
    (tmp_path / "data" / SCRATCH).mkdir()
    (tmp_path / "data" / SCRATCH / "copying.db").write_text("half")
    again = await open_store(tmp_path / "data", clock_ms=lambda: NOW_MS)
    await again.close()
    assert not (tmp_path / "data" / SCRATCH).exists()


async def test_hub_that_does_not_run_is_copied_as_it_is(store: SqliteStore, tmp_path: Path, scratch: Path) -> None:
    await store.append([EVENT], now_ms=1)
    await store.close()
    async with opened_for_backup(tmp_path / "data") as writer:
        taking = take_backup(writer, tmp_path / "data", scratch, identity=None, by=BY)
        assert [item.name async for item in taking if isinstance(item, CopiedFile)] == ["hub.db", MANIFEST]
    assert manifest_of(scratch).head == 1


async def test_data_of_an_older_hub_are_copied_before_they_are_upgraded(tmp_path: Path, scratch: Path) -> None:
    connection = open_writer(tmp_path / "hub.db", journal_mode="WAL")
    MIGRATIONS[0](Database(connection, recursive_triggers=False, execute_plugins=False))
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    async with opened_for_backup(tmp_path) as writer:
        async for _ in take_backup(writer, tmp_path, scratch, identity=None, by=BY):
            pass
    assert manifest_of(scratch).schema_version == 1


async def test_data_of_a_newer_hub_are_not_touched(store: SqliteStore, tmp_path: Path) -> None:
    await store.close()
    connection = sqlite3.connect(tmp_path / "data" / "hub.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(NewerSchemaError):
        async with opened_for_backup(tmp_path / "data"):
            pass


async def test_series_ids_of_files_copied_later_are_never_given_out_again(
    store: SqliteStore, tmp_path: Path, scratch: Path
) -> None:
    measured(tmp_path / "data", "20261126.db", 41)
    async for _ in store.back_up(identity=None, by=BY, scratch=scratch):
        pass
    prepare_restored(scratch, [file.name for file in manifest_of(scratch).files])
    connection = sqlite3.connect(scratch / "hub.db")
    given = connection.execute("INSERT INTO series (kind, object_id) VALUES ('k', 1) RETURNING id").fetchone()[0]
    connection.close()
    assert given == 42


@pytest.mark.parametrize("name", ["hub.db", "metrics/20261126.db"])
async def test_damaged_file_is_refused_by_name(store: SqliteStore, tmp_path: Path, scratch: Path, name: str) -> None:
    await fill(store, 1_000_000)
    measured(tmp_path / "data", "20261126.db", *range(400))
    async for _ in store.back_up(identity=None, by=BY, scratch=scratch):
        pass
    with (scratch / name).open("r+b") as stream:
        stream.seek(2048)
        stream.write(b"\xff" * 1024)
    with pytest.raises(StoreError, match=name):
        prepare_restored(scratch, [file.name for file in manifest_of(scratch).files])
