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
from noctule_hub.store.sqlite.checkpoints import Checkpoints
from noctule_hub.store.sqlite.connection import open_writer, store_error
from noctule_hub.store.sqlite.counters import WriterCounters
from noctule_hub.store.sqlite.resuming import fail, resume, succeed

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]
# Long work outside of transactions; it calls its second argument every few milliseconds, between which others commit.
LongWork = Callable[[sqlite3.Connection, Callable[[], None]], T]

MAX_WAITING_JOBS: Final = 256
MAX_GROUP_JOBS: Final = 64
# A job that is not urgent waits this long for others to share its commit.
LAZY_S: Final = 0.2

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Long:
    work: LongWork[Any]
    future: asyncio.Future[Any]


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
        self._long: deque[_Long] = deque()
        self._slots = asyncio.Semaphore(MAX_WAITING_JOBS)
        self._closing = False
        self._thread: threading.Thread | None = None
        self._checkpoints = Checkpoints(path)
        self._failure: str | None = None

    @property
    def waiting_jobs(self) -> int:
        """How many jobs wait for the next commit."""
        return len(self._queue)

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

    async def run_long(self, work: LongWork[T]) -> T:
        """Run `work` on the writer's thread outside of any transaction; commits go on whenever it pauses.

        A pause raises `StoreError` when the store closes or the caller has been cancelled; so does this.
        """
        if self._closing:
            raise StoreError(f"{self._path}: the store is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._condition:
            self._long.append(_Long(work, future))
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
            resume(loop, fail, started, store_error(error, self._path))
            return
        try:
            try:
                self._initialise(connection)
            except sqlite3.Error as error:
                resume(loop, fail, started, store_error(error, self._path))
                return
            except Exception as error:  # noqa: BLE001  raised again by start()
                resume(loop, fail, started, error)
                return
            self._checkpoints.note_commit()
            resume(loop, succeed, started, None)
            while (group := self._next_group()) is not None:
                self._serve(loop, connection, group)
                if self._long:
                    self._run_long(loop, connection, self._long.popleft())
            self._checkpoints.run(connection, "TRUNCATE")
        finally:
            connection.close()
            resume(loop, self._refuse_queued)

    def _next_group(self) -> list[_Entry] | None:
        """Return the jobs to commit now, none when only a checkpoint is due, None when closed and drained."""
        with self._condition:
            while True:
                group = self._due_jobs()
                if group or self._long:
                    return group
                if self._closing:
                    return None
                now_s, checkpoint_s = time.monotonic(), self._checkpoints.due_s()
                deadlines = [entry.due_s for entry in self._queue]
                if checkpoint_s is not None:
                    deadlines.append(checkpoint_s)
                    if checkpoint_s <= now_s:
                        return []
                self._condition.wait(min(deadlines) - now_s if deadlines else None)

    def _due_jobs(self) -> list[_Entry]:
        """Take the jobs that are to be committed now; the caller holds the condition."""
        queue = self._queue
        if queue and (self._closing or min(entry.due_s for entry in queue) <= time.monotonic()):
            return [queue.popleft() for _ in range(min(len(queue), MAX_GROUP_JOBS))]
        return []

    def _serve(self, loop: asyncio.AbstractEventLoop, connection: sqlite3.Connection, group: list[_Entry]) -> None:
        if group:
            self._commit(connection, group)
            resume(loop, self._settle, group)
        if self._checkpoints.run_if_due(connection):
            self.counters.checkpoints += 1

    def _run_long(self, loop: asyncio.AbstractEventLoop, connection: sqlite3.Connection, long: _Long) -> None:
        def pause() -> None:
            if self._closing or long.future.cancelled():
                raise StoreError(f"{self._path}: this was broken off; the store is being closed or nobody waits for it")
            with self._condition:
                group = self._due_jobs()
            self._serve(loop, connection, group)

        try:
            pause()
            result = long.work(connection, pause)
        except sqlite3.Error as error:
            resume(loop, fail, long.future, store_error(error, self._path))
        except Exception as error:  # noqa: BLE001  raised again by run_long()
            resume(loop, fail, long.future, error)
        else:
            resume(loop, succeed, long.future, result)

    def _commit(self, connection: sqlite3.Connection, group: list[_Entry]) -> None:
        began_s = time.monotonic()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for entry in group:
                self._attempt(connection, entry)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._abandon(connection, group, error)
            return
        self._checkpoints.note_commit()
        if self._failure is not None:
            logger.warning("commits succeed again; %d had failed since the start", self.counters.failed_commits)
            self._failure = None
        self.counters.commits += 1
        self.counters.durations.observe(time.monotonic() - began_s)
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
        if str(failure) != self._failure:
            logger.error("commits fail, nothing is kept or acknowledged meanwhile: %s", failure)
            self._failure = str(failure)
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
        while self._long:
            fail(self._long.popleft().future, StoreError(f"{self._path}: the store's writer has ended"))

    def wal_bytes(self) -> int:
        """Return the size of the write-ahead log, 0 when there is none."""
        return self._checkpoints.wal_bytes()
