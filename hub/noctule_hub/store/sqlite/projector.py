"""Moves measurements from the journal into day files, in bulk; when a day is dropped is retention's setting.

Bulk is what saves the disk: one polling round at a time costs 5 kB of writing a sample, 180 together 136 bytes.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from noctule_shared.frames import FrameClass, TableName

from noctule_hub.core.commit import FrameRow
from noctule_hub.core.series import Ints, MeasuredRows
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.columns import KINDS, from_columns
from noctule_hub.store.sqlite.days import DAY_MS, SLICE_ROWS, DayFiles, Row, day_of
from noctule_hub.store.sqlite.journal import FIRST_KEY, Catalogue, Decoded, decode, read_catalogue, read_frames
from noctule_hub.store.sqlite.readers import Readers
from noctule_hub.store.sqlite.tail import Tail
from noctule_hub.store.sqlite.writer import Writer

OLDER_THAN_MS: Final = 60_000
# Written per sample that arrives each 10 s: 235 bytes when projected each 10 min, 136 bytes each 30 min.
PROJECT_EVERY_S: Final = 1800.0
# A tail this long, about 135 MB, is projected before its time. Of 50,000 series these are 30 rows each, of which 350
# bytes are written a row; 20 rows each 485, 6 rows each more than 1,000.
PROJECT_AT_ROWS: Final = 1_500_000
CHECK_EVERY_S: Final = 5.0
RAW_DAYS: Final = 14
REJECTED_KEPT_MS: Final = 7 * DAY_MS

logger = logging.getLogger(__name__)

SeriesIds = dict[TableName, tuple[Ints, Ints]]


@dataclass(frozen=True, slots=True)
class Projection:
    """What one pass did: frames taken out of the journal, rows written, rows that belong to no object."""

    frames: int = 0
    rows: int = 0
    dropped_rows: int = 0


class Projector:
    """One at a time for a store; made by `SqliteStore.projector()`."""

    def __init__(
        self, *, writer: Writer, readers: Readers, tail: Tail, days: DayFiles, clock_ms: Callable[[], int]
    ) -> None:
        self.failures = 0
        self.dropped_rows = 0
        self._writer = writer
        self._readers = readers
        self._tail = tail
        self._days = days
        self._clock_ms = clock_ms
        self._pass = asyncio.Lock()

    async def run(self, *, raw_days: int = RAW_DAYS) -> None:
        """Project every `PROJECT_EVERY_S` or `PROJECT_AT_ROWS`, and drop days past `raw_days`; until cancelled.

        A failed pass is logged once, counted, and repeated: the journal keeps everything meanwhile.
        """
        loop = asyncio.get_running_loop()
        last_s, failing = loop.time(), False
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            if loop.time() - last_s < PROJECT_EVERY_S and self._tail.rows < PROJECT_AT_ROWS:
                continue
            last_s = loop.time()
            now_ms = self._clock_ms()
            try:
                await self.project_once(now_ms)
                await self.drop_days(day_of(max(0, now_ms - raw_days * DAY_MS)))
                await self._drop_rejected(now_ms - REJECTED_KEPT_MS)
            except StoreError as error:
                self.failures += 1
                if not failing:
                    logger.error("measurements stay in the journal: %s", error)  # noqa: TRY400  the message is for people
                failing = True
            else:
                failing = False

    async def project_once(self, now_ms: int, *, older_than_ms: int = OLDER_THAN_MS) -> Projection:
        """Project all frames that were received `older_than_ms` before `now_ms` or earlier; 0 at a close.

        Repeating it after a crash changes nothing. Raises `StoreError`; the rows are still in the journal then.
        """
        before_ms = now_ms - older_than_ms + 1
        total = Projection()
        async with self._pass:
            mark = self._tail.mark()
            while frames := await self._readers.read(
                lambda connection: read_frames(connection, after=FIRST_KEY, before_ms=before_ms)
            ):
                catalogue, series_ids = await self._readers.read(
                    lambda connection: (read_catalogue(connection), _read_series_ids(connection))
                )
                decoded, rows = await self._write_days(frames, catalogue, series_ids)
                await self._writer.submit(_forget(frames, decoded), urgent=False)
                dropped_rows = decoded.dropped_rows
                self.dropped_rows += dropped_rows
                total = Projection(total.frames + len(frames), total.rows + rows, total.dropped_rows + dropped_rows)
            self._tail.drop(mark, before_ms)
        return total

    async def drop_days(self, before: str) -> list[str]:
        """Unlink the day files of all days before `before` (YYYYMMDD, UTC) and return which."""
        return await asyncio.to_thread(self._days.drop_before, before)

    async def _write_days(
        self, frames: Sequence[FrameRow], catalogue: Catalogue, series_ids: SeriesIds
    ) -> tuple[Decoded, int]:
        """Decode, sort and write; a cancelled caller waits for the end, so that no second pass runs beside it."""

        def write() -> tuple[Decoded, int]:
            measurements = [frame for frame in frames if frame.frame_class == FrameClass.MEASUREMENTS]
            decoded = decode(measurements, catalogue)
            return decoded, _write(self._days, decoded.tables, series_ids)

        work = asyncio.ensure_future(asyncio.to_thread(write))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    async def _drop_rejected(self, before_ms: int) -> None:
        def drop(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM rejected_frame WHERE received_ms < ?", (before_ms,))

        await self._writer.submit(drop, urgent=False)


def _forget(frames: Sequence[FrameRow], decoded: Decoded) -> Callable[[sqlite3.Connection], None]:
    """Return the job that takes projected frames out of the journal; unreadable ones are kept as rejected."""

    def forget(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT OR IGNORE INTO rejected_frame VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (row.agent_id, row.epoch, row.seq, row.received_ms, error.reason, str(error), row.body)
                for row, error in decoded.bad
            ],
        )
        connection.executemany(
            "DELETE FROM frame WHERE agent_id = ? AND epoch = ? AND seq = ?",
            [(row.agent_id, row.epoch, row.seq) for row in frames],
        )

    return forget


def _read_series_ids(connection: sqlite3.Connection) -> SeriesIds:
    """Return for each table the object ids, sorted, and their series ids."""
    found: SeriesIds = {}
    for table, kind in KINDS.items():
        query = "SELECT object_id, id FROM series WHERE kind = ? ORDER BY object_id"
        rows = np.array(connection.execute(query, (kind,)).fetchall(), dtype=np.int64).reshape(-1, 2)
        found[table] = (rows[:, 0], rows[:, 1])
    return found


def _write(days: DayFiles, tables: Sequence[MeasuredRows], series_ids: SeriesIds) -> int:
    """Write rows into the files of their days, sorted by series and time; return how many."""
    by_day: dict[str, dict[TableName, Iterator[Row]]] = {}
    written = 0
    for rows in tables:
        objects, ids = series_ids[rows.table]
        known = np.isin(rows.object_ids, objects)
        series = ids[np.searchsorted(objects, rows.object_ids[known])]
        stored = from_columns(rows.table, {name: column[known] for name, column in rows.columns.items()})
        order = np.lexsort((stored.ts_ms, series))
        day_numbers = stored.ts_ms[order] // DAY_MS
        for day_number in np.unique(day_numbers).tolist():
            chosen = order[day_numbers == day_number]
            lists = [column[chosen] for column in (series, stored.ts_ms, *stored.columns)]
            by_day.setdefault(day_of(day_number * DAY_MS), {})[rows.table] = _python_rows(lists)
            written += len(chosen)
    for day, parts in sorted(by_day.items()):
        days.write(day, parts)
    return written


def _python_rows(columns: Sequence[np.ndarray]) -> Iterator[Row]:
    """Yield rows as tuples, a slice of them as Python objects at a time; NaN is bound as NULL by SQLite."""
    for start in range(0, len(columns[0]), SLICE_ROWS):
        yield from zip(*(column[start : start + SLICE_ROWS].tolist() for column in columns), strict=True)
