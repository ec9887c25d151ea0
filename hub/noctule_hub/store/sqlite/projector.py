"""Moves measurements from the journal into day files and rollups, in bulk; what is dropped when is `retention`'s.

Bulk is what saves the disk: see `chunks`.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from noctule_shared.frames import FrameClass, TableName

from noctule_hub.core.commit import FrameRow
from noctule_hub.core.resolution import DAY_MS
from noctule_hub.core.retention import Retention
from noctule_hub.core.series import Ints, MeasuredRows
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.chunks import DayRows
from noctule_hub.store.sqlite.columns import KINDS, from_columns
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.journal import FIRST_KEY, Catalogue, Decoded, decode, read_catalogue, read_frames
from noctule_hub.store.sqlite.metric_files import day_of
from noctule_hub.store.sqlite.readers import Readers
from noctule_hub.store.sqlite.retention import Upkeep, finished
from noctule_hub.store.sqlite.tail import Tail
from noctule_hub.store.sqlite.writer import Writer

OLDER_THAN_MS: Final = 60_000
# The more rows of a series come at once the smaller is what they are packed into: at 180 rows (30 minutes of one each
# 10 s) 23 bytes are written a row with its rollups, at 30 rows too, at 3 rows 70 to 240.
PROJECT_EVERY_S: Final = 1800.0
# A tail this long, about 135 MB, is projected before its time: of 50,000 series these are 30 rows each.
PROJECT_AT_ROWS: Final = 1_500_000
CHECK_EVERY_S: Final = 5.0

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
        self,
        *,
        writer: Writer,
        readers: Readers,
        tail: Tail,
        days: DayFiles,
        upkeep: Upkeep,
        clock_ms: Callable[[], int],
    ) -> None:
        self.failures = 0
        self.dropped_rows = 0
        self.upkeep = upkeep
        self._writer = writer
        self._readers = readers
        self._tail = tail
        self._days = days
        self._clock_ms = clock_ms
        self._pass = asyncio.Lock()

    async def run(self, retention: Callable[[], Retention]) -> None:
        """Project every `PROJECT_EVERY_S` or `PROJECT_AT_ROWS`, and keep to `retention` as it then is; until cancelled.

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
                async with self._pass:
                    await self.upkeep.run(retention(), now_ms)
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

    async def _write_days(
        self, frames: Sequence[FrameRow], catalogue: Catalogue, series_ids: SeriesIds
    ) -> tuple[Decoded, int]:
        """Decode, sort and write."""

        def write() -> tuple[Decoded, int]:
            measurements = [frame for frame in frames if frame.frame_class == FrameClass.MEASUREMENTS]
            decoded = decode(measurements, catalogue)
            return decoded, _write(self._days, decoded.tables, series_ids)

        return await finished(write)


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
    """Write rows into the files of their days, sorted by series and time, of equal ones the first; return how many."""
    by_day: dict[str, dict[TableName, DayRows]] = {}
    written = 0
    for rows in tables:
        objects, ids = series_ids[rows.table]
        known = np.isin(rows.object_ids, objects)
        series = ids[np.searchsorted(objects, rows.object_ids[known])]
        stored = from_columns(rows.table, {name: column[known] for name, column in rows.columns.items()})
        order = np.lexsort((stored.ts_ms, series))
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (np.diff(series[order]) != 0) | (np.diff(stored.ts_ms[order]) != 0)
        written += len(order)
        order = order[first]
        day_numbers = stored.ts_ms[order] // DAY_MS
        for day_number in np.unique(day_numbers).tolist():
            chosen = order[day_numbers == day_number]
            part = DayRows(series[chosen], stored.ts_ms[chosen], [column[chosen] for column in stored.columns])
            by_day.setdefault(day_of(day_number * DAY_MS), {})[rows.table] = part
    for day, parts in sorted(by_day.items()):
        days.write(day, parts)
    return written
