"""DATA/metrics/YYYYMMDD.db: one file of measurements per UTC day, written by the projector alone.

They keep a rollback journal that is truncated, not a WAL: such a commit is on the disk when it returns (the
truncation is synced), and a day is one file that retention can unlink.
"""

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from noctule_shared.frames import TableName

from noctule_hub.core.resolution import FIVE_MINUTES_MS, Reach, Resolution
from noctule_hub.core.rollups import of_rows
from noctule_hub.store.errors import NewerSchemaError, TooManyRowsError
from noctule_hub.store.sqlite import chunks, rollup_tables
from noctule_hub.store.sqlite.chunks import DayRows
from noctule_hub.store.sqlite.columns import StoredRows
from noctule_hub.store.sqlite.connection import open_writer, store_error
from noctule_hub.store.sqlite.metric_files import end_of, mend, names_in, start_of, sync_folder
from noctule_hub.store.sqlite.open_files import OpenFiles
from noctule_hub.store.sqlite.rollups import RollupFiles

DAY_SCHEMA: Final = 1
# Chunks of a few kB are appended: large pages leave little room empty and are written once.
DAY_PAGE_BYTES: Final = 16 * 1024
_CACHE_KIB: Final = 32 * 1024


class DayFiles:
    """The day files of one folder and their rollups; may be read from any thread, written by one."""

    def __init__(self, folder: Path) -> None:
        self.rollups = RollupFiles(folder)
        # Held while rows are added: who holds it sees a day's rows and rollups as one transaction left them.
        self.filling = threading.Lock()
        self._folder = folder
        self._open = OpenFiles(_version)
        # Files came or went so often; and the reach as of such a moment.
        self._changes = 0
        self._reach: tuple[tuple[int, int], Reach] | None = None

    def prepare(self) -> None:
        """Make the folders and undo transactions that a crash interrupted: readers may not. Raises `StoreError`."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        mend(self._folder)
        self.rollups.prepare()

    def days(self) -> list[str]:
        """Return the days that have a file, oldest first."""
        return names_in(self._folder, digits=8)

    def reach(self) -> Reach:
        """Return from when on there are rows of each resolution. Raises `StoreError`."""
        changes, days = self._stamp(), self.days()
        found = {} if not days else {Resolution.RAW: start_of(days[0])}
        reach = Reach(found | self.rollups.first_ms())
        self._reach = changes, reach
        return reach

    def known_reach(self) -> Reach | None:
        """Return what `reach` last returned, without a look at the disk; None: files have come or gone since."""
        known = self._reach
        return known[1] if known is not None and known[0] == self._stamp() else None

    def write(self, day: str, tables: Mapping[TableName, DayRows]) -> None:
        """Add rows to a day, and to its 5-minute rollups, in one durable transaction over both files.

        Rows that are there already are left as they are and counted in no rollup a second time. Raises `StoreError`;
        then nothing has changed.
        """
        path = self._folder / f"{day}.db"
        with self.filling:
            fresh = not path.exists()
            try:
                connection = open_writer(path, journal_mode="TRUNCATE", page_bytes=DAY_PAGE_BYTES)
                try:
                    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                    with self.rollups.attached(connection, day):
                        _write(connection, path, tables)
                finally:
                    connection.close()
            except sqlite3.Error as error:
                raise store_error(error, path) from error
            finally:
                self._changes += fresh
            if fresh:
                sync_folder(self._folder)

    def read(
        self, table: TableName, series_id: int, *, from_ms: int, to_ms: int, at_most: int | None = None
    ) -> list[StoredRows]:
        """Return a series' rows in `[from_ms, to_ms)`, a part for each day, in no order. Raises `StoreError`.

        As `TooManyRowsError` when there are more than `at_most`, or would be with the rest of an hour.
        """
        found: list[StoredRows] = []
        rows = 0
        for day in self.days():
            span = max(from_ms, start_of(day)), min(to_ms, end_of(day))
            if span[0] >= span[1]:
                continue
            with self._open.reading(self._folder / f"{day}.db") as connection:
                packed = (
                    []
                    if connection is None
                    else chunks.find(connection, table, series_id, from_ms=span[0], to_ms=span[1])
                )
            if at_most is not None and rows + sum(count for count, _ in packed) > at_most:
                raise TooManyRowsError(f"more than {at_most} rows are in the range")
            found.append(chunks.unpack(packed, table, from_ms=span[0], to_ms=span[1]))
            rows += len(found[-1].ts_ms)
        return found

    def close(self) -> None:
        """Close the files that are kept open for reading. Idempotent."""
        self._open.close()
        self.rollups.close()

    def drop(self, day: str) -> None:
        """Unlink a day's raw rows; its rollups stay."""
        # The file first: a journal without its file means nothing, a file without its journal may be torn.
        path = self._folder / f"{day}.db"
        path.unlink(missing_ok=True)
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
        self._open.forget(path)
        self._changes += 1

    def _stamp(self) -> tuple[int, int]:
        return self._changes, self.rollups.changes

    def size_bytes(self, day: str) -> int:
        """Return how much a day's raw rows take on the disk, 0 when there are none."""
        try:
            return (self._folder / f"{day}.db").stat().st_size
        except FileNotFoundError:
            return 0


def _write(connection: sqlite3.Connection, path: Path, tables: Mapping[TableName, DayRows]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if not _version(connection, path):
        chunks.create(connection)
        connection.execute(f"PRAGMA main.user_version = {DAY_SCHEMA}")
    for table, rows in tables.items():
        fresh = chunks.append(connection, table, rows)
        stored = StoredRows(fresh.ts_ms, fresh.columns).named(table)
        rollup = of_rows(table, fresh.series_ids, fresh.ts_ms, stored, FIVE_MINUTES_MS)
        rollup_tables.merge(connection, rollup, step_ms=FIVE_MINUTES_MS)
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the file's schema version, 0 while it has no tables. Raises `NewerSchemaError`."""
    version: int = connection.execute("PRAGMA main.user_version").fetchone()[0]
    if version > DAY_SCHEMA:
        raise NewerSchemaError(f"{path} was written by a newer hub; run that one again")
    return version
