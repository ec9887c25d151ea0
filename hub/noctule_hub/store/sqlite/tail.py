"""Measurements that are committed but not yet in day files, in memory; the journal can always rebuild them."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from noctule_shared.frames import TableName

from noctule_hub.core.series import MeasuredRows
from noctule_hub.store.sqlite.columns import STORED_COLUMNS

# About 225 MB of interface rows. Past it the oldest leave the memory; they are in the journal and come back to
# readers with the next projection.
MAX_TAIL_ROWS: Final = 2_500_000
# Chunks of one minute become one chunk when it is over: a read then looks at some dozens, not at thousands.
MERGED_MS: Final = 60_000

Columns = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class _Chunk:
    number: int
    newest_ms: int
    tables: tuple[MeasuredRows, ...]
    rows: int


class Tail:
    """Rows of the newest commits, at most `max_rows`; safe to use from any thread.

    A chunk is what one commit measured; `newest_ms` is when the hub received the newest of its frames.
    """

    def __init__(self, max_rows: int = MAX_TAIL_ROWS) -> None:
        self.dropped_rows = 0
        self._max_rows = max_rows
        self._rows = 0
        self._number = 0
        self._lock = threading.Lock()
        self._chunks: deque[_Chunk] = deque()

    @property
    def rows(self) -> int:
        """How many rows are held."""
        return self._rows

    @property
    def oldest_ms(self) -> int | None:
        """When the hub received the newest frame of the oldest chunk, None when nothing is held."""
        with self._lock:
            return self._chunks[0].newest_ms if self._chunks else None

    def append(self, tables: Sequence[MeasuredRows], newest_ms: int) -> None:
        """Add what one commit measured, after that commit."""
        rows = sum(len(table.object_ids) for table in tables)
        if not rows:
            return
        with self._lock:
            if self._chunks and self._chunks[-1].newest_ms // MERGED_MS != newest_ms // MERGED_MS:
                self._merge_last_minute()
            self._number += 1
            self._chunks.append(_Chunk(self._number, newest_ms, tuple(_needed(table) for table in tables), rows))
            self._rows += rows
            while self._rows > self._max_rows:
                oldest = self._chunks.popleft()
                self._rows -= oldest.rows
                self.dropped_rows += oldest.rows

    def mark(self) -> int:
        """Return a mark: chunks added later are not dropped by it."""
        with self._lock:
            return self._number

    def drop(self, mark: int, before_ms: int) -> None:
        """Forget the chunks up to `mark` whose frames were all received before `before_ms`: they are projected."""
        with self._lock:
            kept = [chunk for chunk in self._chunks if chunk.number > mark or chunk.newest_ms >= before_ms]
            self._chunks = deque(kept)
            self._rows = sum(chunk.rows for chunk in kept)

    def read(self, table: TableName, object_id: int, *, from_ms: int, to_ms: int) -> list[Columns]:
        """Return the rows of one object with `from_ms <= ts_ms < to_ms`, in the order of their commits."""
        with self._lock:
            chunks = list(self._chunks)
        found: list[Columns] = []
        for rows in (rows for chunk in chunks for rows in chunk.tables if rows.table == table):
            mine = rows.object_ids == object_id
            if not mine.any():
                continue
            ts_ms = rows.columns["ts_ms"]
            mine &= (ts_ms >= from_ms) & (ts_ms < to_ms)
            found.append({name: column[mine] for name, column in rows.columns.items()})
        return found

    def _merge_last_minute(self) -> None:
        minute = self._chunks[-1].newest_ms // MERGED_MS
        chunks: list[_Chunk] = []
        while self._chunks and self._chunks[-1].newest_ms // MERGED_MS == minute:
            chunks.append(self._chunks.pop())
        chunks.reverse()
        self._chunks.append(
            _Chunk(
                number=chunks[-1].number,
                newest_ms=max(chunk.newest_ms for chunk in chunks),
                tables=tuple(_joined(name, chunks) for name in TableName),
                rows=sum(chunk.rows for chunk in chunks),
            )
        )


def _names(table: TableName) -> list[str]:
    return ["ts_ms", *(column.name for column in STORED_COLUMNS[table])]


def _needed(rows: MeasuredRows) -> MeasuredRows:
    """Return rows with the columns that are read again, so that rows from anywhere can be joined."""
    return MeasuredRows(rows.table, rows.object_ids, {name: rows.columns[name] for name in _names(rows.table)})


def _joined(table: TableName, chunks: Sequence[_Chunk]) -> MeasuredRows:
    parts = [rows for chunk in chunks for rows in chunk.tables if rows.table == table]
    if not parts:
        return MeasuredRows(table, np.empty(0, dtype=np.int64), {})
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in _names(table)}
    return MeasuredRows(table, np.concatenate([part.object_ids for part in parts]), columns)
