"""Network logs on SQLite: copied into files with an index, deleted in steps, and searched wherever they are."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.log_retention import DAY_MS, LogLimits
from noctule_hub.core.log_search import LogFilter, parse_terms
from noctule_hub.core.records import NewEvent
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite import SqliteStore, log_files, open_store
from noctule_hub.store.sqlite.log_files import LogFiles
from noctule_hub.store.sqlite.log_query import in_file, in_rows
from noctule_hub.store.sqlite.migrations import MIGRATIONS
from noctule_hub.store.sqlite.network_log import INSERT, pack
from noctule_shared.errors import Refused
from sqlite_utils import Database

from tests.hub.store.log_contract import NetworkLogContract
from tests.hub.store.samples import NOW_MS, event, network_log

ALL = LogFilter()


async def opened(data_dir: Path) -> SqliteStore:
    return await open_store(data_dir, clock_ms=lambda: NOW_MS)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = await opened(tmp_path)
    yield made
    await made.close()


async def found(store: SqliteStore, wanted: LogFilter = ALL, *, limit: int = 1_000) -> list[int]:
    return [row.seq for row in await store.search_logs(wanted, cursor=None, limit=limit, newest_first=False)]


class TestLogsInFiles(NetworkLogContract):
    """The contract, with every log in a file before it is searched."""

    @pytest.fixture
    async def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteStore]:
        made = await opened(tmp_path)
        keeper, keep = made.log_keeper(), made.append

        async def append(events: Sequence[NewEvent], *, now_ms: int) -> list[int]:
            seqs = await keep(events, now_ms=now_ms)
            await keeper.copy_once(NOW_MS, at_rows=1)
            return seqs

        monkeypatch.setattr(made, "append", append)
        yield made
        await made.close()


async def test_copied_and_waiting_logs_are_searched_as_one(store: SqliteStore) -> None:
    keeper = store.log_keeper()
    await store.append([network_log("word a"), event(1), network_log("b")], now_ms=NOW_MS)
    assert await keeper.copy_once(NOW_MS, at_rows=1) == 2
    await store.append([network_log("word c"), event(2), network_log("d word")], now_ms=NOW_MS)
    assert await found(store) == [1, 3, 4, 6]
    assert await found(store, LogFilter(terms=parse_terms("word"))) == [1, 4, 6]
    newest = await store.search_logs(LogFilter(terms=parse_terms("word")), cursor=6, limit=2)
    assert [row.seq for row in newest] == [4, 1]


async def test_few_logs_wait_for_more_but_not_for_long(store: SqliteStore) -> None:
    keeper = store.log_keeper()
    await store.append([network_log("a")], now_ms=NOW_MS)
    assert await keeper.copy_once(NOW_MS + 1_000, at_rows=2, after_ms=60_000) == 0
    assert await keeper.copy_once(NOW_MS + 60_000, at_rows=2, after_ms=60_000) == 1


async def test_copying_again_changes_nothing_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.append([network_log(str(number)) for number in range(5)], now_ms=NOW_MS)
    assert await store.log_keeper().copy_once(NOW_MS, at_rows=1) == 5
    assert await store.log_keeper().copy_once(NOW_MS, at_rows=1) == 0
    await store.close()
    again = await opened(tmp_path)
    await again.append([network_log("5")], now_ms=NOW_MS)
    assert await again.log_keeper().copy_once(NOW_MS, at_rows=1) == 1
    assert await found(again) == [1, 2, 3, 4, 5, 6]
    await again.close()


async def test_deleting_logs_leaves_every_event_recoverable(store: SqliteStore) -> None:
    for number in range(10):
        await store.append([event(number), *[network_log(f"{number}")] * 9], now_ms=NOW_MS)
    keeper = store.log_keeper()
    await keeper.copy_once(NOW_MS, at_rows=1)
    await keeper.delete_once(NOW_MS, LogLimits(), replayable=18)
    assert await store.floor(LogClass.EVENTS) == 0
    assert await store.floor(LogClass.LOGS) == 80
    assert [row.seq for row in await store.events_after(0, limit=100, classes={LogClass.EVENTS})] == list(
        range(1, 101, 10)
    )
    assert len(await store.events_after(0, limit=100)) == 10 + 18
    # What is not replayed any more is still found.
    assert len(await found(store)) == 90
    assert await store.append([network_log("next")], now_ms=NOW_MS) == [101]


async def test_logs_past_their_time_are_gone_wherever_they_were(store: SqliteStore) -> None:
    await store.append([network_log(str(number)) for number in range(50)], now_ms=NOW_MS)
    keeper = store.log_keeper()
    await keeper.copy_once(NOW_MS, at_rows=1)
    await keeper.delete_once(NOW_MS + 8 * DAY_MS, LogLimits())
    assert await keeper.copy_once(NOW_MS + 8 * DAY_MS, at_rows=1) == 0
    assert await found(store) == []
    assert (await store.floor(LogClass.LOGS), await store.head()) == (50, 50)


async def test_logs_are_not_deleted_before_they_are_copied(store: SqliteStore) -> None:
    await store.append([network_log(str(number)) for number in range(50)], now_ms=NOW_MS - 30 * DAY_MS)
    keeper = store.log_keeper()
    await keeper.delete_once(NOW_MS, LogLimits(), replayable=0)
    assert await store.floor(LogClass.LOGS) == 0
    assert len(await found(store)) == 50
    assert keeper.counters.deleted_logs == 0


async def test_logs_that_cannot_be_copied_do_not_fill_the_disk(store: SqliteStore) -> None:
    await store.append([network_log(str(number)) for number in range(50)], now_ms=NOW_MS)
    keeper = store.log_keeper()
    await keeper.delete_once(NOW_MS, LogLimits(), max_uncopied=20)
    assert (keeper.counters.lost_logs, await store.floor(LogClass.LOGS)) == (30, 30)
    assert len(await found(store)) == 20


async def test_events_go_by_age_and_by_number_and_their_floor_says_so(store: SqliteStore) -> None:
    await store.append([event(number) for number in range(10)], now_ms=NOW_MS - 31 * DAY_MS)
    await store.append([network_log("x")] * 10, now_ms=NOW_MS)
    await store.append([event(number) for number in range(10)], now_ms=NOW_MS)
    keeper = store.log_keeper()
    await keeper.delete_once(NOW_MS, LogLimits())
    assert (await store.floor(LogClass.EVENTS), await store.floor(LogClass.LOGS)) == (10, 0)
    await keeper.delete_once(NOW_MS, LogLimits(event_rows=4))
    assert await store.floor(LogClass.EVENTS) == 26
    assert keeper.counters.deleted_events == 16
    await store.append([event(1)], now_ms=NOW_MS)
    await keeper.delete_once(NOW_MS, LogLimits(event_rows=4))
    rows = await store.events_after(26, limit=10)
    assert [row.seq for row in rows] == [28, 29, 30, 31]


async def test_files_past_their_time_or_quota_are_unlinked_whole(tmp_path: Path) -> None:
    files = LogFiles(tmp_path / "logs", max_file_rows=10)
    files.prepare(0)
    rows = [pack(seq, network_log("word " * 50), NOW_MS + seq) for seq in range(1, 41)]
    files.append(rows)
    assert [(file.first, file.last) for file in files.files] == [(1, 10), (11, 20), (21, 30), (31, 40)]
    assert files.drop(before_ms=NOW_MS + 11, max_bytes=10**9) == 10
    assert files.drop(before_ms=0, max_bytes=files.files[-1].size_bytes) == 30
    assert [path.name for path in (tmp_path / "logs").glob("*.db")] == [f"{31:019}.db"]
    # The newest goes by age alone, and what was in it does not come back.
    assert files.drop(before_ms=0, max_bytes=0) == 0
    assert files.drop(before_ms=2**60, max_bytes=0) == 40
    assert (files.files, files.copied_to) == ((), 40)


async def test_each_utc_day_has_a_file_of_its_own(tmp_path: Path) -> None:
    files = LogFiles(tmp_path / "logs")
    files.prepare(0)
    for seq, now_ms in ((1, NOW_MS), (2, NOW_MS + 1), (3, NOW_MS + DAY_MS)):
        files.append([pack(seq, network_log("x"), now_ms)])
    assert [(file.first, file.last) for file in files.files] == [(1, 2), (3, 3)]


async def test_files_of_a_log_that_was_given_up_are_cut_back(tmp_path: Path) -> None:
    """hub.db is an older copy: what the files hold beyond it never happened, and its seqs are given out again."""
    files = LogFiles(tmp_path / "logs", max_file_rows=10)
    files.prepare(0)
    files.append([pack(seq, network_log(f"old {seq}"), NOW_MS) for seq in range(1, 31)])
    again = LogFiles(tmp_path / "logs", max_file_rows=10)
    again.prepare(15)
    assert again.copied_to == 15
    again.append([pack(seq, network_log(f"new {seq}"), NOW_MS) for seq in (16, 17)])
    assert [(file.first, file.last, file.rows) for file in again.files] == [(1, 10, 10), (11, 17, 7)]
    connection = sqlite3.connect(again.files[-1].path)
    old, new = (
        [row[0] for row in in_file(connection, LogFilter(terms=parse_terms(word)), bound=0, limit=99, newest=False)]
        for word in ("old", "new")
    )
    connection.close()
    assert (old, new) == ([11, 12, 13, 14, 15], [16, 17])


async def test_a_file_that_cannot_be_read_is_set_aside_and_the_others_are_searched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await opened(tmp_path)
    await store.append([network_log("a")], now_ms=NOW_MS)
    await store.log_keeper().copy_once(NOW_MS, at_rows=1)
    await store.append([network_log("b")], now_ms=NOW_MS + DAY_MS)
    await store.log_keeper().copy_once(NOW_MS, at_rows=1)
    await store.close()
    first = min((tmp_path / "logs").glob("*.db"))
    first.write_bytes(b"no database" * 1_000)
    again = await opened(tmp_path)
    assert "cannot be read, the file is set aside" in caplog.text
    assert await found(again) == [2]
    assert [path.name for path in (tmp_path / "logs").glob("*.broken")] == [f"{1:019}.broken"]
    await again.close()


@pytest.mark.parametrize("moment", ["before the file", "in the file", "after the file"])
async def test_a_crash_while_copying_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    store = await opened(tmp_path)
    await store.append([network_log(str(number)) for number in range(20)], now_ms=NOW_MS)
    if moment == "before the file":
        monkeypatch.setattr(LogFiles, "append", _fail)
    elif moment == "in the file":
        monkeypatch.setattr("noctule_hub.store.sqlite.log_files._INDEX", "INSERT INTO nowhere VALUES (?)")
    keeper = store.log_keeper()
    if moment == "after the file":
        await keeper.copy_once(NOW_MS, at_rows=1)
    else:
        with pytest.raises(StoreError):
            await keeper.copy_once(NOW_MS, at_rows=1)
    monkeypatch.undo()
    await store.close()
    again = await opened(tmp_path)
    await again.log_keeper().copy_once(NOW_MS, at_rows=1)
    await again.log_keeper().delete_once(NOW_MS, LogLimits(), replayable=0)
    assert await found(again) == list(range(1, 21))
    await again.close()


def _fail(*_arguments: object) -> None:
    raise StoreError("the disk is full")


async def test_failing_copies_are_told_once_and_end_when_they_work(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worked, loop = asyncio.Event(), asyncio.get_running_loop()
    keeper = store.log_keeper()
    monkeypatch.setattr("noctule_hub.store.sqlite.log_keeper.CHECK_EVERY_S", 0.0)
    attempts: list[int] = []
    append = LogFiles.append

    def fail_at_first(files: LogFiles, rows: Sequence[tuple[object, ...]]) -> None:
        attempts.append(len(rows))
        if len(attempts) <= 3:
            raise StoreError("the disk is full")
        append(files, rows)
        loop.call_soon_threadsafe(worked.set)

    monkeypatch.setattr(LogFiles, "append", fail_at_first)
    await store.append([network_log("a")], now_ms=NOW_MS - 120_000)
    running = asyncio.create_task(keeper.run(LogLimits))
    await asyncio.wait_for(worked.wait(), 20)
    running.cancel()
    await asyncio.wait([running])
    assert keeper.counters.failures == 3
    assert caplog.text.count("stay in hub.db") == 1


async def test_a_step_of_deletion_is_never_long(store: SqliteStore) -> None:
    """Steps grow and shrink with what they take; none holds the writer for all of it."""
    await store.append([network_log("x" * 100)] * 5_000, now_ms=NOW_MS)
    keeper = store.log_keeper()
    await keeper.copy_once(NOW_MS, at_rows=1)
    jobs = store.counters.jobs
    await keeper.delete_once(NOW_MS, LogLimits(), replayable=0)
    assert keeper.counters.deleted_logs == 5_000
    assert store.counters.jobs - jobs > 5


@pytest.mark.parametrize("scan_rows", [1, 3, 7])
async def test_a_filtered_read_looks_at_so_many_rows_and_goes_on_where_it_ended(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, scan_rows: int
) -> None:
    monkeypatch.setattr("noctule_hub.store.sqlite.log.SCAN_ROWS", scan_rows)
    for number in range(12):
        await store.append([event(number, device_id=8 if number % 5 == 0 else 7), network_log("x")], now_ms=NOW_MS)
    wanted, seen, after, reads = EventFilter(device_id=8), list[int](), 0, 0
    while True:
        rows, reached = await store.find_events(wanted, after=after, limit=2)
        seen += [row.seq for row in rows]
        reads += 1
        if reached == after:
            break
        assert reached > after
        after = reached
    assert (seen, after) == ([1, 11, 21], 24)
    assert reads >= 24 / 2 / scan_rows
    rows, reached = await store.find_events(wanted, after=None, limit=9)
    assert (rows, reached) == ([], 24) or [row.seq for row in rows] == [21]


async def test_a_hub_of_before_keeps_its_logs(tmp_path: Path) -> None:
    """The change of the schema moves them; their seqs, payloads and rooms stay."""
    connection = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    db = Database(connection)
    before = next(at for at, change in enumerate(MIGRATIONS) if change.__name__ == "add_network_log")
    for change in MIGRATIONS[:before]:
        change(db)
    connection.execute(f"PRAGMA user_version = {before}")
    insert = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    text = '{"timestamp":"2026-11-22T03:12:00.000Z","severity":3,"source":"syslog","message":"port down"}'
    connection.execute(insert, (1, "agent:status", "{}", '["agents"]', NOW_MS, NOW_MS, None, None, 0))
    connection.execute(insert, (2, "network:log", text, '["logs","device:7"]', NOW_MS, NOW_MS, 7, 3, 1))
    connection.execute(insert, (3, "network:log", text, '["site:4"]', NOW_MS, NOW_MS, 7, 3, 0))
    connection.close()
    store = await opened(tmp_path)
    rows = await store.events_after(0, limit=10)
    assert [(row.seq, row.rooms, row.late) for row in rows] == [
        (1, ("agents",), False),
        (2, ("logs", "device:7"), True),
        (3, ("site:4",), False),
    ]
    assert rows[1].data == rows[2].data
    assert rows[1].data["message"] == "port down"
    assert await found(store, LogFilter(max_severity=3, device_id=7, terms=parse_terms("port"))) == [2]
    assert (await store.head(), await store.floor(LogClass.LOGS)) == (3, 0)
    await store.close()


LETTERS = st.text('abcÉé\u0142東\u202e0 "*-:()\0', max_size=12)


@given(text=st.one_of(LETTERS, st.text(max_size=40)), message=st.one_of(LETTERS, st.text(max_size=40)))
@settings(max_examples=200)
def test_no_text_is_an_error_and_files_find_what_waiting_rows_find(text: str, message: str) -> None:
    try:
        wanted = replace(ALL, terms=parse_terms(text))
    except Refused:
        return
    row = pack(1, network_log(message), NOW_MS)
    connection = sqlite3.connect(":memory:")
    for statement in (*log_files._CREATE, log_files._CREATE_INDEX):
        connection.execute(statement)
    connection.execute(f"INSERT INTO log {INSERT}", row)
    connection.execute(log_files._INDEX, (0,))
    assert in_file(connection, wanted, bound=0, limit=9, newest=False) == in_rows([row], wanted)
    connection.close()
