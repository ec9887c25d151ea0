"""Rows of a day in chunks: what one projection brought of one series within an hour, packed and deflated.

As a row of an SQL table, keyed by series and time, a sample took 48 bytes on the disk and 110 to 300 to write, because
each series has its own place there. In chunks, which are appended in the order of time, it takes some 20 of each.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from noctule_shared.frames import TableName

from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, HOUR_MS
from noctule_hub.core.series import Floats, Ints
from noctule_hub.store.sqlite.columns import KINDS, STORED_COLUMNS, StoredRows

# A chunk's id is, from the high bits on: the number of the 5 minutes of the day that it begins in, the series, and
# the number of the transaction that wrote it. No day sees as many transactions.
_SERIES_BITS: Final = 38
_WRITE_BITS: Final = 16
_LAST_WRITE: Final = 2**_WRITE_BITS - 1
# The first byte of a chunk. Nearly always all values are whole; NaN is then the lowest number.
_WHOLE: Final = b"\x00"
_FLOATS: Final = b"\x01"
_UNKNOWN: Final = np.iinfo(np.int64).min
_LEVEL: Final = 1


# How many rows are in a chunk, and these.
Packed = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class DayRows:
    """Rows of one table and one day sorted by series and time, each of these once; columns as `STORED_COLUMNS`."""

    series_ids: Ints
    ts_ms: Ints
    columns: Sequence[Floats]

    def where(self, chosen: np.ndarray) -> "DayRows":
        """Return the rows that a mask or a list of places chooses."""
        return DayRows(self.series_ids[chosen], self.ts_ms[chosen], [column[chosen] for column in self.columns])


def create(connection: sqlite3.Connection) -> None:
    """Create the tables of a day: chunks, and the newest row of each series."""
    for kind in KINDS.values():
        connection.execute(
            f"CREATE TABLE main.{kind} (id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, packed BLOB NOT NULL) STRICT"
        )
        connection.execute(f"CREATE TABLE main.{kind}_newest (series_id INTEGER PRIMARY KEY, ts_ms INTEGER) STRICT")
    connection.execute("CREATE TABLE main.writes (number INTEGER NOT NULL) STRICT")
    connection.execute("INSERT INTO main.writes VALUES (0)")


def append(connection: sqlite3.Connection, table: TableName, rows: DayRows) -> DayRows:
    """Add the rows that are new, inside the caller's transaction, and return them."""
    rows = _fresh(connection, table, rows)
    if not len(rows.ts_ms):
        return rows
    kind = KINDS[table]
    (number,) = connection.execute("UPDATE main.writes SET number = number + 1 RETURNING number").fetchone()
    connection.executemany(f"INSERT INTO main.{kind} VALUES (?, ?, ?)", _packed(rows, number & _LAST_WRITE))  # noqa: S608  a constant
    last = np.flatnonzero(np.r_[np.diff(rows.series_ids) != 0, True])
    connection.executemany(
        f"""INSERT INTO main.{kind}_newest VALUES (?, ?)
            ON CONFLICT (series_id) DO UPDATE SET ts_ms = max(ts_ms, excluded.ts_ms)""",  # noqa: S608  a constant
        zip(rows.series_ids[last].tolist(), rows.ts_ms[last].tolist(), strict=True),
    )
    return rows


def find(connection: sqlite3.Connection, table: TableName, series_id: int, *, from_ms: int, to_ms: int) -> list[Packed]:
    """Return a series' chunks that may hold rows in `[from_ms, to_ms)`, which lies within the day of the file."""
    # A chunk begins in the hour of its rows.
    first = from_ms // HOUR_MS * HOUR_MS % DAY_MS // FIVE_MINUTES_MS
    last = (to_ms - 1) % DAY_MS // FIVE_MINUTES_MS
    low, step = _id(first, series_id), _id(1, 0)
    query = f"""WITH RECURSIVE slot(low) AS (
            VALUES (?) UNION ALL SELECT low + ? FROM slot WHERE low < ?
        ) SELECT rows, packed FROM slot CROSS JOIN main.{KINDS[table]} ON id >= low AND id <= low + {_LAST_WRITE}"""  # noqa: S608  constants
    return connection.execute(query, (low, step, low + (last - first) * step)).fetchall()


def unpack(packed: Sequence[Packed], table: TableName, *, from_ms: int, to_ms: int) -> StoredRows:
    """Return the rows of a day's chunks that are in `[from_ms, to_ms)`, in no order."""
    found = _unpacked(packed, len(STORED_COLUMNS[table]) + 1)
    ts_ms = from_ms // DAY_MS * DAY_MS + found[0].astype(np.int64)
    inside = (ts_ms >= from_ms) & (ts_ms < to_ms)
    return StoredRows(ts_ms[inside], list(found[1:, inside]))


def read(connection: sqlite3.Connection, table: TableName, series_id: int, *, from_ms: int, to_ms: int) -> StoredRows:
    """Return a series' rows in `[from_ms, to_ms)`, which lies within the day of the file; in no order."""
    packed = find(connection, table, series_id, from_ms=from_ms, to_ms=to_ms)
    return unpack(packed, table, from_ms=from_ms, to_ms=to_ms)


def _fresh(connection: sqlite3.Connection, table: TableName, rows: DayRows) -> DayRows:
    """Return the rows that the day does not have yet: nearly always all, each newer than what its series has."""
    if not len(rows.ts_ms):
        return rows
    query = f"SELECT series_id, ts_ms FROM main.{KINDS[table]}_newest WHERE series_id >= ? AND series_id <= ?"  # noqa: S608  a constant
    span = (int(rows.series_ids[0]), int(rows.series_ids[-1]))
    known = np.array(connection.execute(query, span).fetchall(), dtype=np.int64).reshape(-1, 2)
    if not len(known):
        return rows
    at = np.minimum(np.searchsorted(known[:, 0], rows.series_ids), len(known) - 1)
    doubtful = (known[at, 0] == rows.series_ids) & (rows.ts_ms <= known[at, 1])
    fresh = np.ones(len(rows.ts_ms), dtype=np.bool_)
    for series_id in np.unique(rows.series_ids[doubtful]).tolist():
        mine = np.flatnonzero(doubtful & (rows.series_ids == series_id))
        ts_ms = rows.ts_ms[mine]
        kept = read(connection, table, series_id, from_ms=int(ts_ms[0]), to_ms=int(ts_ms[-1]) + 1)
        fresh[mine] = ~np.isin(ts_ms, kept.ts_ms)
    return rows.where(fresh)


def _packed(rows: DayRows, number: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the chunks of a transaction: id, how many rows, and these."""
    hours = rows.ts_ms // HOUR_MS
    starts = np.flatnonzero(np.r_[True, (np.diff(rows.series_ids) != 0) | (np.diff(hours) != 0)])
    ends = np.r_[starts[1:], len(hours)]
    slots = rows.ts_ms[starts] % DAY_MS // FIVE_MINUTES_MS
    ids = ((slots << _SERIES_BITS | rows.series_ids[starts]) << _WRITE_BITS) | number
    # Distances of time have less to tell than times.
    times = rows.ts_ms % DAY_MS
    distances = np.diff(times, prepend=0)
    distances[starts] = times[starts]
    matrix = np.stack([distances.astype(np.float64), *rows.columns])
    unknown = np.isnan(matrix)
    form = _FLOATS
    if np.array_equal(np.rint(matrix), matrix, equal_nan=True):
        form, matrix = _WHOLE, np.where(unknown, 0.0, matrix).astype(np.int64)
        matrix[unknown] = _UNKNOWN
    for chunk_id, start, end in zip(ids.tolist(), starts.tolist(), ends.tolist(), strict=True):
        octets = np.ascontiguousarray(matrix[:, start:end]).view(np.uint8).reshape(-1, 8)
        yield chunk_id, end - start, form + zlib.compress(octets.T.tobytes(), _LEVEL)


def _unpacked(chunks: Sequence[Packed], width: int) -> Floats:
    """Return the columns of chunks one after the other, first the milliseconds since their day began."""
    counts = np.array([rows for rows, _ in chunks], dtype=np.int64)
    ends = np.cumsum(counts)
    starts = ends - counts
    octets = np.empty((width, int(counts.sum()), 8), dtype=np.uint8)
    for start, (rows, packed) in zip(starts.tolist(), chunks, strict=True):
        values = np.frombuffer(zlib.decompress(packed[1:]), dtype=np.uint8).reshape(8, width, rows)
        octets[:, start : start + rows] = values.transpose(1, 2, 0)
    whole = octets.view(np.int64)[:, :, 0]
    matrix = whole.astype(np.float64)
    matrix[whole == _UNKNOWN] = np.nan
    for start, (rows, packed) in zip(starts.tolist(), chunks, strict=True):
        if packed[:1] == _FLOATS:
            matrix[:, start : start + rows] = octets[:, start : start + rows].view(np.float64)[:, :, 0]
    # The first distance of each chunk is from the beginning of the day.
    times = np.cumsum(matrix[0])
    matrix[0] = times - np.repeat(times[starts] - matrix[0, starts], counts)
    return matrix


def _id(slot: int, series_id: int) -> int:
    return (slot << _SERIES_BITS | series_id) << _WRITE_BITS
