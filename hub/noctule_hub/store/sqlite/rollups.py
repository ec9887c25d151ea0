"""DATA/metrics/5m/YYYYMMDD.db, 1h/YYYYMM.db and 1d/YYYY.db: what rows come to in steps; written by the projector alone.

The 5-minute rows of a day change in one transaction with its raw rows (`days`), which also notes the series that
changed. Hours and days are derived from 5 minutes, whole, once their day is over and again for what comes late; a
derivation that is interrupted is done again without effect.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from noctule_shared.frames import TableName

from noctule_hub.core.resolution import DAY_MS, STEP_MS, Resolution
from noctule_hub.core.rollups import Rollup, combined
from noctule_hub.core.series import Floats, Ints
from noctule_hub.store.errors import NewerSchemaError
from noctule_hub.store.sqlite import rollup_tables
from noctule_hub.store.sqlite.columns import KINDS
from noctule_hub.store.sqlite.connection import PAGE_BYTES, open_reader, open_writer, store_error
from noctule_hub.store.sqlite.metric_files import end_of, mend, names_in, start_of, sync_folder
from noctule_hub.store.sqlite.open_files import OpenFiles

ROLLUP_SCHEMA: Final = 1
# 150,000 rows of 5 minutes are in memory at a time while a day is derived.
DERIVED_SERIES: Final = 500
_CACHE_KIB: Final = 32 * 1024
# How much of a day's name names the file.
_DIGITS: Final = {Resolution.FIVE_MINUTES: 8, Resolution.HOUR: 6, Resolution.DAY: 4}
_DERIVED: Final = (Resolution.HOUR, Resolution.DAY)


class RollupFiles:
    """The rollups of one folder; may be read from any thread, written by one."""

    def __init__(self, folder: Path) -> None:
        # So often files came, went or were derived: `first_ms` may be another one since.
        self.changes = 0
        self._folders = {resolution: folder / resolution.value for resolution in STEP_MS}
        self._lock = threading.Lock()
        self._stale_days: set[str] = set()
        self._open = OpenFiles(_version)

    def prepare(self) -> None:
        """Make the folders, undo what a crash interrupted, and find the days that must be derived."""
        for folder in self._folders.values():
            folder.mkdir(mode=0o700, exist_ok=True)
            mend(folder)
        for day in self.names(Resolution.FIVE_MINUTES):
            path = self._path(Resolution.FIVE_MINUTES, day)
            try:
                connection = open_reader(path)
                try:
                    stale = _version(connection, path) and any(_stale(connection, table) for table in TableName)
                finally:
                    connection.close()
            except sqlite3.Error as error:
                raise store_error(error, path) from error
            if stale:
                self._stale_days.add(day)

    def names(self, resolution: Resolution) -> list[str]:
        """Return the names of a resolution's files, oldest first."""
        return names_in(self._folders[resolution], digits=_DIGITS[resolution])

    def stale_days(self) -> set[str]:
        """Return the days some of whose hours are not derived yet: those are read from 5 minutes."""
        with self._lock:
            return set(self._stale_days)

    @contextlib.contextmanager
    def attached(self, connection: sqlite3.Connection, day: str) -> Iterator[None]:
        """Attach a day's 5-minute rows to a writer of its raw rows; what both commit is in both files or in neither."""
        path = self._path(Resolution.FIVE_MINUTES, day)
        fresh = not path.exists()
        connection.execute(f"ATTACH ? AS {rollup_tables.ROLLED}", (str(path),))
        schema = rollup_tables.ROLLED
        for pragma in (f"page_size = {PAGE_BYTES}", "journal_mode = TRUNCATE", "synchronous = FULL"):
            connection.execute(f"PRAGMA {schema}.{pragma}")
        if not _version(connection, path, schema=schema):
            # Beside its rows: an empty file is as good as none.
            connection.execute("BEGIN IMMEDIATE")
            rollup_tables.create(connection, schema=schema, by_time=True)
            connection.execute(f"PRAGMA {schema}.user_version = {ROLLUP_SCHEMA}")
            connection.execute("COMMIT")
        with self._lock:
            self._stale_days.add(day)
        yield
        self.changes += fresh
        if fresh:
            sync_folder(path.parent)

    def read(self, table: TableName, series_id: int, resolution: Resolution, *, from_ms: int, to_ms: int) -> Rollup:
        """Return a series' rows of the steps that touch `[from_ms, to_ms)`, in no order. Raises `StoreError`."""
        step_ms = STEP_MS[resolution]
        from_ms = from_ms // step_ms * step_ms
        found: list[Rollup] = []
        for name in self.names(resolution):
            span = max(from_ms, start_of(name)), min(to_ms, end_of(name))
            if span[0] >= span[1]:
                continue
            with self._open.reading(self._path(resolution, name)) as connection:
                if connection is not None:
                    found.append(_read(connection, table, series_id, resolution, span))
        return combined(table, found, step_ms)

    def read_delays(self, steps: range, *, step_ms: int) -> tuple[Ints, Ints, Floats, Ints]:
        """Return of every series that had a reply, step by step: series, number of the step, sum and rounds.

        The sums of round medians are in nanoseconds. `step_ms` is one that days are whole of. Raises `StoreError`.
        """
        parts: list[np.ndarray] = []
        for name in self.names(Resolution.FIVE_MINUTES):
            first, end = max(steps.start, start_of(name) // step_ms), min(steps.stop, end_of(name) // step_ms)
            if first >= end:
                continue
            with self._open.reading(self._path(Resolution.FIVE_MINUTES, name)) as connection:
                if connection is not None:
                    parts.extend(rollup_tables.read_delays(connection, range(first, end), step_ms=step_ms))
        found = np.concatenate([np.empty((0, 4)), *parts])
        return found[:, 0].astype(np.int64), found[:, 1].astype(np.int64), found[:, 2], found[:, 3].astype(np.int64)

    def derive(self, day: str) -> int:
        """Derive the hours and the day of the series that changed; returns of how many. Raises `StoreError`."""
        path = self._path(Resolution.FIVE_MINUTES, day)
        changed = 0
        try:
            connection = open_writer(path, journal_mode="TRUNCATE")
            try:
                if _version(connection, path):
                    for table in TableName:
                        ids = _stale(connection, table)
                        changed += len(ids)
                        for resolution in _DERIVED:
                            self._derive(connection, table, ids, resolution, day)
                        connection.execute(f"DELETE FROM {KINDS[table]}_stale")  # noqa: S608  a constant
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise store_error(error, path) from error
        finally:
            self.changes += 1
        with self._lock:
            self._stale_days.discard(day)
        return changed

    def first_ms(self) -> dict[Resolution, int]:
        """Return from when on there are rows of each resolution; hours and days are also read from 5 minutes."""
        found: dict[Resolution, int] = {}
        names = self.names(Resolution.FIVE_MINUTES)
        finer = start_of(names[0]) if names else None
        for resolution in STEP_MS:
            if resolution in _DERIVED and (names := self.names(resolution)):
                first = start_of(self._first_derived(resolution, names[0]))
                finer = first if finer is None else min(first, finer)
            if finer is not None:
                found[resolution] = finer
        return found

    def drop(self, resolution: Resolution, name: str) -> None:
        """Unlink a file."""
        path = self._path(resolution, name)
        path.unlink(missing_ok=True)
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
        self._open.forget(path)
        self.changes += 1
        if resolution is Resolution.FIVE_MINUTES:
            with self._lock:
                self._stale_days.discard(name)

    def close(self) -> None:
        """Close the files that are kept open for reading. Idempotent."""
        self._open.close()

    def size_bytes(self) -> int:
        """Return how much all rollups take on the disk."""
        sizes = 0
        for folder in self._folders.values():
            for path in folder.glob("*.db"):
                with contextlib.suppress(FileNotFoundError):
                    sizes += path.stat().st_size
        return sizes

    def _path(self, resolution: Resolution, name: str) -> Path:
        return self._folders[resolution] / f"{name[: _DIGITS[resolution]]}.db"

    def _derive(
        self, source: sqlite3.Connection, table: TableName, ids: list[int], resolution: Resolution, day: str
    ) -> None:
        """Replace the rows of `ids` in one day by what the day's 5-minute rows come to."""
        path, step_ms, start_ms = self._path(resolution, day), STEP_MS[resolution], start_of(day)
        fresh = not path.exists()
        connection = open_writer(path, journal_mode="TRUNCATE")
        try:
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute("BEGIN IMMEDIATE")
            if not _version(connection, path):
                rollup_tables.create(connection, by_time=False)
                connection.execute(f"PRAGMA user_version = {ROLLUP_SCHEMA}")
            for start in range(0, len(ids), DERIVED_SERIES):
                part = ids[start : start + DERIVED_SERIES]
                rows = rollup_tables.read_by_time(
                    source,
                    table,
                    series=(part[0], part[-1]),
                    from_ms=start_ms,
                    to_ms=start_ms + DAY_MS,
                    step_ms=STEP_MS[Resolution.FIVE_MINUTES],
                )
                rows = rows.where(np.isin(rows.series_ids, part))
                rollup_tables.replace(connection, combined(table, [rows], step_ms), step_ms=step_ms)
            connection.execute("INSERT OR IGNORE INTO derived VALUES (?)", (day,))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise store_error(error, path) from error
        finally:
            connection.close()
        if fresh:
            sync_folder(path.parent)

    def _first_derived(self, resolution: Resolution, name: str) -> str:
        """Return the first day that a file of hours or days tells of: the file's name may begin earlier."""
        with self._open.reading(self._path(resolution, name)) as connection:
            day = None if connection is None else connection.execute("SELECT min(day) FROM derived").fetchone()[0]
        return name if day is None else str(day)


def _read(
    connection: sqlite3.Connection, table: TableName, series_id: int, resolution: Resolution, span: tuple[int, int]
) -> Rollup:
    from_ms, to_ms = span
    step_ms = STEP_MS[resolution]
    if resolution is Resolution.FIVE_MINUTES:
        return rollup_tables.read_by_time(
            connection, table, series=(series_id, series_id), from_ms=from_ms, to_ms=to_ms, step_ms=step_ms
        )
    return rollup_tables.read_by_series(
        connection, table, series_id=series_id, from_ms=from_ms, to_ms=to_ms, step_ms=step_ms
    )


def _stale(connection: sqlite3.Connection, table: TableName) -> list[int]:
    rows = connection.execute(f"SELECT series_id FROM {KINDS[table]}_stale ORDER BY series_id")  # noqa: S608  a constant
    return [series_id for (series_id,) in rows]


def _version(connection: sqlite3.Connection, path: Path, *, schema: str = "main") -> int:
    """Return a file's schema version, 0 while it has no tables. Raises `NewerSchemaError`."""
    version: int = connection.execute(f"PRAGMA {schema}.user_version").fetchone()[0]
    if version > ROLLUP_SCHEMA:
        raise NewerSchemaError(f"{path} was written by a newer hub; run that one again")
    return version
