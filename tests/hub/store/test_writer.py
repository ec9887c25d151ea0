"""The writer: order, groups, failures that stay alone, and full disks."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.connection import open_reader
from noctule_hub.store.sqlite.writer import MAX_WAITING_JOBS, Writer

DEADLINE_S = 20.0


def create(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS note (text TEXT) STRICT")


def nothing() -> None:
    """No hook."""


def add(text: str) -> Callable[[sqlite3.Connection], str]:
    def job(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO note (text) VALUES (?)", (text,))
        return text

    return job


def notes(path: Path) -> list[str]:
    """What is committed, in order, as another connection sees it."""
    connection = open_reader(path)
    try:
        return [text for (text,) in connection.execute("SELECT text FROM note ORDER BY rowid")]
    finally:
        connection.close()


class Blocked:
    """Holds the writer's thread inside a job, so that the next ones wait together."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.release = threading.Event()

    def job(self, _: sqlite3.Connection) -> None:
        self.entered.set()
        assert self.release.wait(DEADLINE_S)


async def blocked(writer: Writer) -> tuple[Blocked, asyncio.Task[None]]:
    block = Blocked()
    task = asyncio.create_task(writer.submit(block.job))
    assert await asyncio.to_thread(block.entered.wait, DEADLINE_S)
    return block, task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    made = Writer(path, initialise=create, after_group=nothing)
    await made.start()
    yield made
    await made.close()


async def test_a_job_is_committed_when_its_caller_goes_on(writer: Writer, path: Path) -> None:
    assert await writer.submit(add("a")) == "a"
    assert notes(path) == ["a"]


async def test_jobs_run_on_another_thread(writer: Writer) -> None:
    assert await writer.submit(lambda _: threading.get_ident()) != threading.get_ident()


async def test_jobs_that_wait_together_share_a_commit_in_their_order(writer: Writer, path: Path) -> None:
    block, held = await blocked(writer)
    waiting = [asyncio.create_task(writer.submit(add(str(n)), urgent=n % 2 == 0)) for n in range(9)]
    await asyncio.sleep(0)  # lets the tasks reach the queue
    commits = writer.counters.commits
    block.release.set()
    await asyncio.gather(held, *waiting)
    assert notes(path) == [str(n) for n in range(9)]
    assert writer.counters.commits == commits + 2


async def test_a_failing_job_is_undone_alone(writer: Writer, path: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO note VALUES ('half')")
        raise LookupError("nothing there")

    block, held = await blocked(writer)
    results = asyncio.gather(
        writer.submit(add("before")), writer.submit(fail), writer.submit(add("after")), return_exceptions=True
    )
    await asyncio.sleep(0)
    block.release.set()
    before, failed, after = await results
    await held
    assert (before, after) == ("before", "after")
    assert isinstance(failed, LookupError)
    assert notes(path) == ["before", "after"]
    assert writer.counters.failed_jobs == 1


async def test_an_sql_error_becomes_a_store_error(writer: Writer) -> None:
    with pytest.raises(StoreError, match="no such table"):
        await writer.submit(lambda connection: connection.execute("INSERT INTO missing VALUES (1)").rowcount)


async def test_a_full_disk_acknowledges_nothing_and_passes(writer: Writer, path: Path) -> None:
    def limit(pages: int) -> Callable[[sqlite3.Connection], int]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]

    await writer.submit(limit(8))
    block, held = await blocked(writer)
    results = asyncio.gather(writer.submit(add("small")), writer.submit(add("x" * 1_000_000)), return_exceptions=True)
    await asyncio.sleep(0)
    block.release.set()
    small, large = await results
    await held
    assert isinstance(large, StoreError)
    assert "the disk is full" in str(large)
    assert notes(path) == (["small"] if small == "small" else [])
    await writer.submit(limit(1_000_000))
    await writer.submit(add("again"))
    assert notes(path)[-1] == "again"


async def test_the_hook_follows_the_commit_even_without_its_caller(writer: Writer, path: Path) -> None:
    seen: list[list[str]] = []
    block, held = await blocked(writer)
    task = asyncio.create_task(writer.submit(add("a"), after=lambda _: seen.append(notes(path))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    block.release.set()
    await held
    await writer.submit(lambda _: None)
    assert seen == [["a"]]


async def test_a_failing_hook_does_not_undo_what_is_committed(writer: Writer, path: Path) -> None:
    def fail(_: str) -> None:
        raise LookupError

    assert await writer.submit(add("a"), after=fail) == "a"
    assert notes(path) == ["a"]
    assert writer.counters.failed_hooks == 1


async def test_when_the_queue_is_full_callers_wait_and_nothing_is_lost(writer: Writer, path: Path) -> None:
    block, held = await blocked(writer)
    count = MAX_WAITING_JOBS + 50
    waiting = [asyncio.create_task(writer.submit(add(str(n)))) for n in range(count)]
    await asyncio.sleep(0)
    # One place is taken by the job that holds the thread.
    assert len(writer._queue) == MAX_WAITING_JOBS - 1
    block.release.set()
    await asyncio.gather(held, *waiting)
    assert notes(path) == [str(n) for n in range(count)]


async def test_closing_commits_what_is_queued_and_then_refuses(writer: Writer, path: Path) -> None:
    block, held = await blocked(writer)
    waiting = asyncio.create_task(writer.submit(add("late"), urgent=False))
    await asyncio.sleep(0)
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    block.release.set()
    await asyncio.gather(held, waiting, closing)
    assert notes(path) == ["late"]
    with pytest.raises(StoreError, match="closed"):
        await writer.submit(add("never"))


async def test_a_close_leaves_no_wal(writer: Writer, path: Path) -> None:
    await writer.submit(add("a"))
    await writer.close()
    assert not path.with_name("hub.db-wal").exists()


async def test_a_folder_that_is_missing_is_told_in_words(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "missing" / "hub.db", initialise=create, after_group=nothing)
    with pytest.raises(StoreError, match="cannot be opened; check that the folder exists"):
        await writer.start()
    await writer.close()


@pytest.fixture
def rubbish(path: Path) -> Path:
    path.write_bytes(b"not a database at all, but long enough to be read as a header" * 20)
    return path


async def test_a_file_that_is_no_database_is_told_in_words(rubbish: Path) -> None:
    writer = Writer(rubbish, initialise=create, after_group=nothing)
    with pytest.raises(StoreError, match="no SQLite database"):
        await writer.start()
    await writer.close()


async def test_long_work_lets_jobs_commit_whenever_it_pauses(writer: Writer, path: Path) -> None:
    seen: list[list[str]] = []
    entered, queued = threading.Event(), threading.Event()

    def work(connection: sqlite3.Connection, pause: Callable[[], None]) -> str:
        assert not connection.in_transaction
        seen.append(notes(path))
        entered.set()
        assert queued.wait(DEADLINE_S)
        pause()
        seen.append(notes(path))
        return "done"

    long = asyncio.create_task(writer.run_long(work))
    assert await asyncio.to_thread(entered.wait, DEADLINE_S)
    job = asyncio.create_task(writer.submit(add("meanwhile")))
    await asyncio.sleep(0)
    queued.set()
    assert await long == "done"
    await job
    assert seen == [[], ["meanwhile"]]


async def test_long_work_ends_when_nobody_waits_for_it_any_more(writer: Writer) -> None:
    entered, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work(_: sqlite3.Connection, pause: Callable[[], None]) -> None:
        entered.set()
        assert go_on.wait(DEADLINE_S)
        try:
            pause()
        finally:
            ended.set()

    long = asyncio.create_task(writer.run_long(work))
    assert await asyncio.to_thread(entered.wait, DEADLINE_S)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    go_on.set()
    assert await asyncio.to_thread(ended.wait, DEADLINE_S)
    assert await writer.submit(add("after")) == "after"


async def test_long_work_that_fails_harms_nobody_else(writer: Writer) -> None:
    def fail(connection: sqlite3.Connection, _: Callable[[], None]) -> None:
        connection.execute("SELECT * FROM missing")

    with pytest.raises(StoreError, match="no such table"):
        await writer.run_long(fail)
    assert await writer.submit(add("after")) == "after"


async def test_a_disk_that_stays_full_is_told_once_and_so_is_its_recovery(
    writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def limit(pages: int) -> Callable[[sqlite3.Connection], int]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]

    await writer.submit(limit(8))
    for _ in range(3):
        with pytest.raises(StoreError, match="the disk is full"):
            await writer.submit(add("x" * 1_000_000))
    # The pragma fits an empty transaction, which tells of the recovery; what follows tells nothing more.
    await writer.submit(limit(1_000_000))
    await writer.submit(add("again"))
    told = [record.getMessage() for record in caplog.records]
    assert [text.partition(":")[0] for text in told] == [
        "commits fail, nothing is kept or acknowledged meanwhile",
        "commits succeed again; 3 had failed since the start",
    ]
