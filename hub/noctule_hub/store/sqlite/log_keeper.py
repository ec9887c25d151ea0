"""Copies network logs from hub.db into files with an index, and deletes what is past its time, a little at a time.

How much is kept is `core.log_retention`'s. Nothing here is between an agent's frame and its acknowledgement.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.log_retention import (
    DAY_MS,
    MAX_UNCOPIED_LOGS,
    MIN_STEP_ROWS,
    REPLAYABLE_LOGS,
    LogLimits,
    next_step,
)
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.log_files import LogFiles
from noctule_hub.store.sqlite.network_log import COMMITTED_MS, Row, read_logs
from noctule_hub.store.sqlite.readers import Readers
from noctule_hub.store.sqlite.writer import Writer

CHECK_EVERY_S: Final = 1.0
# Of a few rows at a time an index writes much, of many it writes little: so many are waited for, or so long.
COPY_AT_ROWS: Final = 2_000
COPY_AFTER_MS: Final = 60_000
COPY_BATCH_ROWS: Final = 20_000
# However fast they come, deleting has its turn too.
COPY_MAX_BATCHES: Final = 10
DELETE_EVERY_S: Final = 60.0
# Rows are counted in reads as short as others'.
COUNT_ROWS: Final = 50_000

_TABLES: Final = {LogClass.EVENTS: "event", LogClass.LOGS: "network_log"}

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class LogCounters:
    """What became of the log's rows since the start; `lost_logs` were deleted before they were copied."""

    copied: int = 0
    deleted_events: int = 0
    deleted_logs: int = 0
    lost_logs: int = 0
    failures: int = 0
    longest_step_s: float = 0.0


class LogKeeper:
    """One at a time for a store; made by `SqliteStore.log_keeper()`."""

    def __init__(self, *, writer: Writer, readers: Readers, files: LogFiles, clock_ms: Callable[[], int]) -> None:
        self.counters = LogCounters()
        self._writer = writer
        self._readers = readers
        self._files = files
        self._clock_ms = clock_ms
        self._step_rows = MIN_STEP_ROWS
        self._pass = asyncio.Lock()
        # Events counted so far: those up to this seq that are still kept.
        self._events, self._counted_to = 0, 0

    async def run(self, limits: Callable[[], LogLimits]) -> None:
        """Copy and delete by the limits of the moment until cancelled; a failure is said once, counted, tried again."""
        loop = asyncio.get_running_loop()
        delete_at_s, failing = loop.time(), False
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                copied = await self.copy_once(self._clock_ms())
                if copied or loop.time() >= delete_at_s:
                    await self.delete_once(self._clock_ms(), limits())
                    delete_at_s = loop.time() + DELETE_EVERY_S
            except StoreError as error:
                self.counters.failures += 1
                if not failing:
                    logger.error("network logs stay in hub.db, old rows of the log are not deleted: %s", error)  # noqa: TRY400  the message is for people
                failing = True
            else:
                failing = False

    async def copy_once(self, now_ms: int, *, at_rows: int = COPY_AT_ROWS, after_ms: int = COPY_AFTER_MS) -> int:
        """Copy what waits into the files, when `at_rows` wait or one for `after_ms`; returns how many rows.

        Repeating it after a crash changes nothing. Raises `StoreError`; the rows are still in hub.db then.
        """
        copied = 0
        async with self._pass:
            for _ in range(COPY_MAX_BATCHES):
                rows = await self._readers.read(self._read_uncopied)
                if not rows or (len(rows) < at_rows and rows[0][COMMITTED_MS] > now_ms - after_ms):
                    break
                await _finished(asyncio.to_thread(self._files.append, rows))
                copied += len(rows)
        self.counters.copied += copied
        return copied

    async def delete_once(
        self,
        now_ms: int,
        limits: LogLimits,
        *,
        replayable: int = REPLAYABLE_LOGS,
        max_uncopied: int = MAX_UNCOPIED_LOGS,
    ) -> None:
        """Delete what is past its time in both classes. Raises `StoreError`; what is left goes the next time."""
        async with self._pass:
            await self._count_events()
            await self._delete_events(now_ms - limits.event_days * DAY_MS, limits.event_rows)
            logs_before_ms = now_ms - limits.log_days * DAY_MS
            # The rows first: those of a file that is gone would be copied again.
            await self._delete_logs(logs_before_ms, replayable, max_uncopied)
            await _finished(asyncio.to_thread(self._files.drop, before_ms=logs_before_ms, max_bytes=limits.log_bytes))

    def _read_uncopied(self, connection: sqlite3.Connection) -> list[Row]:
        return read_logs(connection, after=self._files.copied_to, limit=COPY_BATCH_ROWS)

    async def _count_events(self) -> None:
        while True:
            after = self._counted_to
            found, last = await self._readers.read(
                lambda connection: connection.execute(
                    "SELECT count(*), max(seq) FROM (SELECT seq FROM event WHERE seq > ? ORDER BY seq LIMIT ?)",
                    (after, COUNT_ROWS),  # noqa: B023  awaited at once
                ).fetchone()
            )
            if not found:
                return
            self._events, self._counted_to = self._events + found, last

    async def _delete_events(self, before_ms: int, max_rows: int) -> None:
        # What is too old first; of the rest the oldest that are too many.
        deleted = await self._delete(LogClass.EVENTS, before_ms=before_ms)
        self._events -= deleted
        surplus = self._events - max_rows
        if surplus > 0:
            more = await self._delete(LogClass.EVENTS, most=surplus)
            self._events -= more
            deleted += more
        self.counters.deleted_events += deleted

    async def _delete_logs(self, before_ms: int, replayable: int, max_uncopied: int) -> None:
        copied_to = self._files.copied_to
        spare, surplus = await self._readers.read(
            lambda connection: [_seq_from_the_end(connection, rows) for rows in (replayable, max_uncopied)]
        )
        deleted = await self._delete(LogClass.LOGS, before_ms=before_ms, up_to=copied_to)
        deleted += await self._delete(LogClass.LOGS, up_to=min(spare, copied_to))
        if surplus > copied_to:
            lost = await self._delete(LogClass.LOGS, up_to=surplus)
            self.counters.lost_logs += lost
            deleted += lost
            logger.error("%d network logs are lost: they could not be copied out of hub.db", lost)
        self.counters.deleted_logs += deleted

    async def _delete(
        self, log_class: LogClass, *, before_ms: int = 2**62, up_to: int = 2**62, most: int = 2**62
    ) -> int:
        """Delete the oldest rows that are committed before `before_ms` with seqs to `up_to`; returns how many."""
        total = 0
        # Nothing is asked of the writer where there is nothing to do.
        while total < most and await self._readers.read(_has_old_rows(log_class, before_ms=before_ms, up_to=up_to)):
            asked = min(self._step_rows, most - total)
            deleted, took_s = await self._writer.submit(
                _deletion(log_class, before_ms=before_ms, up_to=up_to, rows=asked), urgent=False
            )
            total += deleted
            self.counters.longest_step_s = max(self.counters.longest_step_s, took_s)
            if deleted == asked:
                self._step_rows = next_step(deleted, took_s)
        return total


def _deletion(
    log_class: LogClass, *, before_ms: int, up_to: int, rows: int
) -> Callable[[sqlite3.Connection], tuple[int, float]]:
    """Return a job that deletes up to `rows` of the oldest rows, raises the floor to them, and times itself."""
    table = _TABLES[log_class]

    def delete(connection: sqlite3.Connection) -> tuple[int, float]:
        started_s = time.perf_counter()
        # The oldest rows stand together: the first that is to stay ends the step.
        last, stays = connection.execute(
            f"""SELECT max(seq), min(CASE WHEN committed_ms >= ? THEN seq END)
                FROM (SELECT seq, committed_ms FROM {table} WHERE seq <= ? ORDER BY seq LIMIT ?)""",  # noqa: S608  constants
            (before_ms, up_to, rows),
        ).fetchone()
        if stays is not None:
            # Not the seq before it: that may be of the other class, and the floor is of this one alone.
            last = connection.execute(f"SELECT max(seq) FROM {table} WHERE seq < ?", (stays,)).fetchone()[0]  # noqa: S608  constants
        deleted = 0
        if last is not None:
            deleted = connection.execute(f"DELETE FROM {table} WHERE seq <= ?", (last,)).rowcount  # noqa: S608  constants
            connection.execute("UPDATE log_floor SET seq = max(seq, ?) WHERE class = ?", (last, log_class.value))
        return deleted, time.perf_counter() - started_s

    return delete


def _has_old_rows(log_class: LogClass, *, before_ms: int, up_to: int) -> Callable[[sqlite3.Connection], bool]:
    """Return a read that tells whether the oldest row of a class is to be deleted."""
    query = f"SELECT seq, committed_ms FROM {_TABLES[log_class]} ORDER BY seq LIMIT 1"  # noqa: S608  constants

    def has(connection: sqlite3.Connection) -> bool:
        oldest = connection.execute(query).fetchone()
        return oldest is not None and oldest[0] <= up_to and oldest[1] < before_ms

    return has


def _seq_from_the_end(connection: sqlite3.Connection, rows: int) -> int:
    """Return the seq of the newest network log that is not among the newest `rows`, 0 for none."""
    found = connection.execute("SELECT seq FROM network_log ORDER BY seq DESC LIMIT 1 OFFSET ?", (rows,)).fetchone()
    return 0 if found is None else int(found[0])


async def _finished(work: Coroutine[None, None, object]) -> None:
    """Wait for a thread's work also when cancelled, so that no second one runs beside it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
