"""SQL of rollup files, made of the columns that `core.rollups` lists; which file holds what is `rollups`.

Rows of 5 minutes are keyed by time first: a projection then appends a page after the other instead of touching a page
of every series, which would be a fifth more to write. Hours and days, written a day at once, are keyed by series.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from noctule_shared.frames import TableName

from noctule_hub.core.resolution import STEP_MS, Resolution
from noctule_hub.core.rollups import ROLLUP_COLUMNS, How, Rollup
from noctule_hub.store.sqlite.columns import KINDS

SLICE_ROWS: Final = 2_000
# The schema name under which a day's 5-minute rows are attached to the day file.
ROLLED: Final = "rolled"

# `bucket` is the number of the step since 1970. REAL columns hold whole numbers as compactly as INTEGER ones.
_MERGE: Final = {
    How.SUM: "coalesce({0} + excluded.{0}, {0}, excluded.{0})",
    How.MIN: "coalesce(min({0}, excluded.{0}), {0}, excluded.{0})",
    How.MAX: "coalesce(max({0}, excluded.{0}), {0}, excluded.{0})",
    How.LAST: "CASE WHEN excluded.last_ms > ifnull(last_ms, -1) THEN excluded.{0} ELSE {0} END",
    How.BITS: "CAST({0} AS INTEGER) | CAST(excluded.{0} AS INTEGER)",
}


def create(connection: sqlite3.Connection, *, schema: str = "main", by_time: bool) -> None:
    """Create the tables of a rollup file, `by_time` with notes of the series whose hours must be derived again."""
    key = "bucket, series_id" if by_time else "series_id, bucket"
    for table, kind in KINDS.items():
        columns = ", ".join(f"{column.name} REAL" for column in ROLLUP_COLUMNS[table])
        connection.execute(
            f"""CREATE TABLE {schema}.{kind} (bucket INTEGER NOT NULL, series_id INTEGER NOT NULL, {columns},
                PRIMARY KEY ({key})) STRICT, WITHOUT ROWID"""
        )
        if by_time:
            connection.execute(f"CREATE TABLE {schema}.{kind}_stale (series_id INTEGER PRIMARY KEY) STRICT")
    if not by_time:
        connection.execute(f"CREATE TABLE {schema}.derived (day TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")


def merge(connection: sqlite3.Connection, rollup: Rollup, *, step_ms: int) -> None:
    """Add a rollup of rows that are new to the attached 5-minute rows, and note its series as stale."""
    kind = KINDS[rollup.table]
    names = [column.name for column in ROLLUP_COLUMNS[rollup.table]]
    changes = ", ".join(
        f"{column.name} = {_MERGE[column.how].format(column.name)}" for column in ROLLUP_COLUMNS[rollup.table]
    )
    statement = (
        f"INSERT INTO {ROLLED}.{kind} VALUES ({_marks(names)}) "  # noqa: S608  constants
        f"ON CONFLICT (bucket, series_id) DO UPDATE SET {changes}"
    )
    order = np.lexsort((rollup.series_ids, rollup.bucket_ms))
    connection.executemany(statement, rows_of(rollup.where(order), step_ms=step_ms))
    connection.executemany(
        f"INSERT OR IGNORE INTO {ROLLED}.{kind}_stale VALUES (?)",  # noqa: S608  a constant
        [(series_id,) for series_id in np.unique(rollup.series_ids).tolist()],
    )


def replace(connection: sqlite3.Connection, rollup: Rollup, *, step_ms: int) -> None:
    """Put derived rows in the place of those of the same step and series."""
    names = [column.name for column in ROLLUP_COLUMNS[rollup.table]]
    statement = f"INSERT OR REPLACE INTO {KINDS[rollup.table]} VALUES ({_marks(names)})"  # noqa: S608  constants
    connection.executemany(statement, rows_of(rollup, step_ms=step_ms))


def read_by_time(
    connection: sqlite3.Connection, table: TableName, *, series: tuple[int, int], from_ms: int, to_ms: int, step_ms: int
) -> Rollup:
    """Return rows keyed by time, of series from the first to the last id, in steps from `from_ms` to before `to_ms`."""
    query = f"""WITH RECURSIVE slot(number) AS (
            VALUES (?) UNION ALL SELECT number + 1 FROM slot WHERE number + 1 < ?
        ) SELECT kept.* FROM slot CROSS JOIN {KINDS[table]} AS kept
        ON kept.bucket = slot.number AND kept.series_id >= ? AND kept.series_id <= ?"""  # noqa: S608  a constant
    return _rollup(table, connection.execute(query, (from_ms // step_ms, -(-to_ms // step_ms), *series)), step_ms)


def read_delays(connection: sqlite3.Connection, steps: range, *, step_ms: int) -> Iterator[np.ndarray]:
    """Yield for each of these steps the rows (series, number of the step, sum of round medians in ns, rounds)."""
    width = step_ms // STEP_MS[Resolution.FIVE_MINUTES]
    query = f"""SELECT series_id, ?, sum(rtt_sum_ns), sum(n - bad) FROM {KINDS[TableName.LATENCY]}
        WHERE bucket >= ? AND bucket < ? AND n > bad GROUP BY series_id"""  # noqa: S608  a constant
    for number in steps:
        rows = connection.execute(query, (number, number * width, (number + 1) * width)).fetchall()
        if rows:
            yield np.array(rows, np.float64)


def read_by_series(
    connection: sqlite3.Connection, table: TableName, *, series_id: int, from_ms: int, to_ms: int, step_ms: int
) -> Rollup:
    """Return rows keyed by series, of one series, in steps from `from_ms` to before `to_ms`."""
    query = f"SELECT * FROM {KINDS[table]} WHERE series_id = ? AND bucket >= ? AND bucket < ?"  # noqa: S608  a constant
    values = (series_id, from_ms // step_ms, -(-to_ms // step_ms))
    return _rollup(table, connection.execute(query, values), step_ms)


def rows_of(rollup: Rollup, *, step_ms: int) -> Iterator[tuple[Any, ...]]:
    """Yield a rollup's rows as the tables hold them, a slice of them as Python objects at a time."""
    values = [rollup.columns[column.name] for column in ROLLUP_COLUMNS[rollup.table]]
    columns = [rollup.bucket_ms // step_ms, rollup.series_ids, *values]
    for start in range(0, len(columns[0]), SLICE_ROWS):
        yield from zip(*(column[start : start + SLICE_ROWS].tolist() for column in columns), strict=True)


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * (len(names) + 2))


def _rollup(table: TableName, cursor: sqlite3.Cursor, step_ms: int) -> Rollup:
    names = [column.name for column in ROLLUP_COLUMNS[table]]
    parts: list[np.ndarray] = []
    while rows := cursor.fetchmany(SLICE_ROWS):
        parts.append(np.array(rows, dtype=np.float64))
    found = np.concatenate(parts) if parts else np.empty((0, len(names) + 2))
    return Rollup(
        table,
        found[:, 1].astype(np.int64),
        found[:, 0].astype(np.int64) * step_ms,
        {name: found[:, place] for place, name in enumerate(names, start=2)},
    )
