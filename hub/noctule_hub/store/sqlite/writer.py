"""The one thread and connection that write and checkpoint hub.db; what is written is its jobs' business.

SQLite up to 3.51.2 can corrupt a WAL database when two connections write or checkpoint at once: there is
exactly one here, readers open the file read-only and never checkpoint.
"""

import asyncio
import functools
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.connection import BUSY_TIMEOUT_S, open_writer, store_error

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

MAX_WAITING_JOBS: Final = 256
MAX_GROUP_JOBS: Final = 64
# A job that is not urgent waits this long for others to share its commit.
LAZY_S: Final = 0.2
CHECKPOINT_INTERVAL_S: Final = 5.0
MAX_WAL_BYTES: Final = 64 * 1024 * 1024
# A TRUNCATE checkpoint waits for readers; commits must not wait for it longer than this.
TRUNCATE_TIMEOUT_MS: Final = 250

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class WriterCounters:
    """What the writer did since the start; read by /metrics."""

    commits: int = 0
    jobs: int = 0
    failed_jobs: int = 0
    failed_commits: int = 0
    checkpoints: int = 0
    failed_hooks: int = 0


@dataclass(slots=True)
class _Entry:
    job: Job[Any]
    after: Callable[[Any], None] | None
    future: asyncio.Future[Any]
    due_s: float
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs jobs in the order of their submission; jobs that wait together share one commit.

    At most `MAX_WAITING_JOBS` wait, then callers wait for a place: nothing is dropped.
    """

    def __init__(
        self, path: Path, *, initialise: Callable[[sqlite3.Connection], None], after_group: Callable[[], None]
    ) -> None:
        """`initialise` runs first, on the writer's thread; `after_group` after each commit, before callers go on."""
        self.counters = WriterCounters()
        self._path = path
        self._initialise = initialise
        self._after_group = after_group
        self._condition = threading.Condition()
        self._queue: deque[_Entry] = deque()
        self._slots = asyncio.Semaphore(MAX_WAITING_JOBS)
        self._closing = False
        self._thread: threading.Thread | None = None
        self._dirty = False
        self._checkpoint_due_s = 0.0

    async def start(self) -> None:
        """Open hub.db on the writer's thread and prepare it.

        Raises `StoreError` when that fails, or what `initialise` raises.
        """
        loop = asyncio.get_running_loop()
        started: asyncio.Future[None] = loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(loop, started), name="store-writer", daemon=True)
        self._thread.start()
        await started

    async def submit(self, job: Job[T], *, urgent: bool = True, after: Callable[[T], None] | None = None) -> T:
        """Run `job` in a transaction and return its result once that is durable.

        A job that raises is rolled back alone. `after` gets the result on the writer's thread after the
        commit, before later jobs run, and also when the caller has meanwhile been cancelled.
        Raises what the job raised, SQLite's errors as `StoreError`; then nothing of it was kept.
        """
        await self._slots.acquire()
        if self._closing:
            self._slots.release()
            raise StoreError(f"{self._path}: the store is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        due_s = time.monotonic() + (0.0 if urgent else LAZY_S)
        with self._condition:
            self._queue.append(_Entry(job, after, future, due_s))
            self._condition.notify()
        return await future

    async def close(self) -> None:
        """Commit what is queued, checkpoint and close the file. Idempotent."""
        self._closing = True
        with self._condition:
            self._condition.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self, loop: asyncio.AbstractEventLoop, started: asyncio.Future[None]) -> None:
        try:
            connection = open_writer(self._path, journal_mode="WAL")
        except sqlite3.Error as error:
            _resume(loop, _fail, started, store_error(error, self._path))
            return
        try:
            try:
                self._initialise(connection)
            except sqlite3.Error as error:
                _resume(loop, _fail, started, store_error(error, self._path))
                return
            except Exception as error:  # noqa: BLE001  raised again by start()
                _resume(loop, _fail, started, error)
                return
            self._dirty = True
            _resume(loop, _succeed, started)
            while (group := self._next_group()) is not None:
                if group:
                    self._commit(connection, group)
                    _resume(loop, self._settle, group)
                self._checkpoint_if_due(connection)
            self._checkpoint(connection, "TRUNCATE")
        finally:
            connection.close()
            _resume(loop, self._refuse_queued)

    def _next_group(self) -> list[_Entry] | None:
        """Return the jobs to commit now, none when only a checkpoint is due, None when closed and drained."""
        with self._condition:
            while True:
                now_s = time.monotonic()
                queue = self._queue
                if queue and (self._closing or min(entry.due_s for entry in queue) <= now_s):
                    return [queue.popleft() for _ in range(min(len(queue), MAX_GROUP_JOBS))]
                if self._closing:
                    return None
                deadlines = [entry.due_s for entry in queue]
                if self._dirty:
                    deadlines.append(self._checkpoint_due_s)
                    if self._checkpoint_due_s <= now_s:
                        return []
                self._condition.wait(min(deadlines) - now_s if deadlines else None)

    def _commit(self, connection: sqlite3.Connection, group: list[_Entry]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            for entry in group:
                self._attempt(connection, entry)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._abandon(connection, group, error)
            return
        self._dirty = True
        self.counters.commits += 1
        self.counters.jobs += len(group)
        for entry in group:
            if entry.error is None and entry.after is not None:
                self._call_hook(functools.partial(entry.after, entry.result))
        self._call_hook(self._after_group)

    def _attempt(self, connection: sqlite3.Connection, entry: _Entry) -> None:
        """Run one job inside the group's transaction; raises `sqlite3.Error` when that transaction is gone."""
        connection.execute("SAVEPOINT job")
        try:
            entry.result = entry.job(connection)
        except Exception as error:
            self.counters.failed_jobs += 1
            entry.error = store_error(error, self._path) if isinstance(error, sqlite3.Error) else error
            if not connection.in_transaction:
                # SQLite rolled all of it back by itself (full disk, I/O error): the group fails together.
                raise error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError(str(error)) from error
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")

    def _abandon(self, connection: sqlite3.Connection, group: list[_Entry], error: sqlite3.Error) -> None:
        self.counters.failed_commits += 1
        failure = store_error(error, self._path)
        logger.error("commit of %d jobs failed: %s", len(group), failure)
        for entry in group:
            entry.error = entry.error or failure
        if connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except sqlite3.Error as second:
                logger.error("rollback failed: %s", store_error(second, self._path))  # noqa: TRY400  told in words

    def _call_hook(self, hook: Callable[[], None]) -> None:
        try:
            hook()
        except Exception:
            # The commit stands; a hook that fails must not make its caller believe otherwise.
            self.counters.failed_hooks += 1
            logger.exception("what follows a commit failed")

    def _settle(self, group: list[_Entry]) -> None:
        for entry in group:
            self._slots.release()
            if entry.future.done():
                continue
            if entry.error is None:
                entry.future.set_result(entry.result)
            else:
                entry.future.set_exception(entry.error)

    def _refuse_queued(self) -> None:
        """Leave nobody waiting when the thread has ended; it drains the queue first unless it failed."""
        self._closing = True
        left = list(self._queue)
        self._queue.clear()
        for entry in left:
            entry.error = StoreError(f"{self._path}: the store's writer has ended")
        self._settle(left)

    def _checkpoint_if_due(self, connection: sqlite3.Connection) -> None:
        if not self._dirty or time.monotonic() < self._checkpoint_due_s:
            return
        self._checkpoint(connection, "TRUNCATE" if self._wal_bytes() > MAX_WAL_BYTES else "PASSIVE")
        self._dirty = False
        self._checkpoint_due_s = time.monotonic() + CHECKPOINT_INTERVAL_S

    def _checkpoint(self, connection: sqlite3.Connection, mode: str) -> None:
        try:
            connection.execute(f"PRAGMA busy_timeout = {TRUNCATE_TIMEOUT_MS}")
            connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
            self.counters.checkpoints += 1
        except sqlite3.Error as error:
            # The WAL stays and grows; the next checkpoint tries again.
            logger.error("checkpoint failed: %s", store_error(error, self._path))  # noqa: TRY400  told in words

    def _wal_bytes(self) -> int:
        try:
            return self._path.with_name(self._path.name + "-wal").stat().st_size
        except OSError:
            return 0


def _resume(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: object) -> None:
    """Call back on the loop; a loop that is closed has nobody waiting any more."""
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        logger.warning("the event loop ended before the store was closed")


def _succeed(started: asyncio.Future[None]) -> None:
    if not started.done():
        started.set_result(None)


def _fail(started: asyncio.Future[None], error: Exception) -> None:
    if not started.done():
        started.set_exception(error)
