"""DATA/metrics/YYYYMMDD.db: one file of measurements per UTC day, written by the projector alone.

They keep a rollback journal that is truncated, not a WAL: such a commit is on the disk when it returns (the
truncation is synced), and a day is one file that retention can unlink.
"""

import itertools
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from noctule_shared.frames import TableName

from noctule_hub.store.errors import NewerSchemaError
from noctule_hub.store.sqlite.columns import KINDS, STORED_COLUMNS
from noctule_hub.store.sqlite.connection import open_reader, open_writer, store_error

DAY_MS: Final = 86_400_000
DAY_SCHEMA: Final = 1
# One slice of rows is Python objects at a time, and the interpreter is let go between slices.
SLICE_ROWS: Final = 2_000
_CACHE_KIB: Final = 32 * 1024

Row = tuple[Any, ...]


def day_of(ts_ms: int) -> str:
    """Return the UTC day of a time as YYYYMMDD."""
    return f"{datetime.fromtimestamp(ts_ms // 1000, UTC):%Y%m%d}"


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on the disk, so that a new file in it survives a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class DayFiles:
    """The day files of one folder; may be read from any thread, written by one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder and undo transactions that a crash interrupted: readers may not. Raises `StoreError`."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for journal in self._folder.glob("*.db-journal"):
            path = journal.with_name(journal.name.removesuffix("-journal"))
            if not path.exists():
                journal.unlink()
            elif journal.stat().st_size:
                try:
                    connection = open_writer(path, journal_mode="TRUNCATE")
                    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                    connection.close()
                except sqlite3.Error as error:
                    raise store_error(error, path) from error

    def days(self) -> list[str]:
        """Return the days that have a file, oldest first."""
        return sorted(path.stem for path in self._folder.glob("[0-9]" * 8 + ".db"))

    def write(self, day: str, tables: Mapping[TableName, Iterable[Row]]) -> None:
        """Add rows `(series_id, ts_ms, *STORED_COLUMNS)` to a day in one durable transaction.

        Rows that are there already are left as they are. Raises `StoreError`; then the file is unchanged.
        """
        path = self._folder / f"{day}.db"
        fresh = not path.exists()
        try:
            connection = open_writer(path, journal_mode="TRUNCATE")
            try:
                connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                connection.execute("BEGIN IMMEDIATE")
                if not _version(connection, path):
                    _create_tables(connection)
                for table, rows in tables.items():
                    marks = ", ".join("?" * (len(STORED_COLUMNS[table]) + 2))
                    insert = f"INSERT INTO {KINDS[table]} VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608  constants
                    for part in _slices(rows):
                        connection.executemany(insert, part)
                connection.execute("COMMIT")
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise store_error(error, path) from error
        if fresh:
            sync_folder(self._folder)

    def read(self, table: TableName, series_id: int, *, from_ms: int, to_ms: int) -> list[Row]:
        """Return rows `(ts_ms, *STORED_COLUMNS)` of a series in `[from_ms, to_ms)`, by time. Raises `StoreError`."""
        query = f"SELECT * FROM {KINDS[table]} WHERE series_id = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms"  # noqa: S608  constants
        found: list[Row] = []
        for day in self.days():
            start_ms = int(datetime.strptime(f"{day}+0000", "%Y%m%d%z").timestamp()) * 1000
            if start_ms >= to_ms or start_ms + DAY_MS <= from_ms:
                continue
            path = self._folder / f"{day}.db"
            try:
                connection = open_reader(path)
            except sqlite3.OperationalError:
                if path.exists():
                    raise
                continue  # retention was quicker
            try:
                if _version(connection, path):
                    found += [row[1:] for row in connection.execute(query, (series_id, from_ms, to_ms))]
            except sqlite3.Error as error:
                raise store_error(error, path) from error
            finally:
                connection.close()
        return found

    def drop_before(self, day: str) -> list[str]:
        """Unlink the files of all days before `day` (YYYYMMDD) and return which."""
        dropped = [found for found in self.days() if found < day]
        for found in dropped:
            # The file first: a journal without its file means nothing, a file without its journal may be torn.
            (self._folder / f"{found}.db").unlink(missing_ok=True)
            (self._folder / f"{found}.db-journal").unlink(missing_ok=True)
        return dropped


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the file's schema version, 0 while it has no tables. Raises `NewerSchemaError`."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > DAY_SCHEMA:
        raise NewerSchemaError(f"{path} was written by a newer hub; run that one again")
    return version


def _create_tables(connection: sqlite3.Connection) -> None:
    for table, kind in KINDS.items():
        columns = ", ".join(column.sql for column in STORED_COLUMNS[table])
        connection.execute(
            f"""CREATE TABLE {kind} (series_id INTEGER NOT NULL, ts_ms INTEGER NOT NULL, {columns},
                PRIMARY KEY (series_id, ts_ms)) STRICT, WITHOUT ROWID"""
        )
    connection.execute(f"PRAGMA user_version = {DAY_SCHEMA}")


def _slices(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while part := list(itertools.islice(iterator, SLICE_ROWS)):
        yield part
