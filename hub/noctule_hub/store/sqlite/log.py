"""The event log in hub.db and its tail; which rooms an event goes to was fixed by whoever appended it.

Both classes share one numbering: `sqlite_sequence` of `event` holds its head. Network logs have a table of their own.
"""

import asyncio
import contextlib
import heapq
import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec
from noctule_shared.events import EventName

from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import BOTH, LogClass, class_of
from noctule_hub.core.records import EventRow, NewEvent
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.head import read_head
from noctule_hub.store.sqlite.network_log import insert_logs, pack, read_logs, unpack

BATCH_ROWS: Final = 500
# One read must stay short; whoever wants more asks again.
MAX_PAGE_ROWS: Final = 5_000
# So many rows are looked at for one page of a filtered read.
SCAN_ROWS: Final = 20_000
# Commits of other processes do not wake this one.
POLL_S: Final = 1.0

_decode_data: Final = msgspec.json.Decoder(dict[str, Any]).decode
_decode_rooms: Final = msgspec.json.Decoder(tuple[str, ...]).decode


def read_floor(connection: sqlite3.Connection, log_class: LogClass) -> int:
    """Return the highest seq of the class that is no longer kept, 0 when all are."""
    found = connection.execute("SELECT seq FROM log_floor WHERE class = ?", (log_class.value,)).fetchone()
    return 0 if found is None else int(found[0])


def append_events(connection: sqlite3.Connection, events: Sequence[NewEvent], now_ms: int) -> list[int]:
    """Append events in order and return their seqs, which have no holes: one connection writes them."""
    if not events:
        return []
    head = read_head(connection)
    numbered = list(enumerate(events, start=head + 1))
    logs = [pack(seq, event, now_ms) for seq, event in numbered if class_of(event.name, event.rooms) is LogClass.LOGS]
    logged = {row[0] for row in logs}
    connection.executemany(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                seq,
                event.name,
                msgspec.json.encode(event.data).decode(),
                msgspec.json.encode(event.rooms).decode(),
                event.observed_ms,
                now_ms,
                event.device_id,
                event.site_id,
                event.late,
            )
            for seq, event in numbered
            if seq not in logged
        ],
    )
    insert_logs(connection, logs)
    last = numbered[-1][0]
    if last in logged:
        _set_head(connection, last)
    return [seq for seq, _ in numbered]


def _set_head(connection: sqlite3.Connection, seq: int) -> None:
    if not connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'event'", (seq,)).rowcount:
        connection.execute("INSERT INTO sqlite_sequence VALUES ('event', ?)", (seq,))


def _event(row: tuple[Any, ...]) -> EventRow:
    return EventRow(
        seq=row[0],
        name=EventName(row[1]),
        data=_decode_data(row[2]),
        rooms=_decode_rooms(row[3]),
        observed_ms=row[4],
        committed_ms=row[5],
        device_id=row[6],
        site_id=row[7],
        late=bool(row[8]),
    )


def _read_events(
    connection: sqlite3.Connection, *, after: int, limit: int, classes: Collection[LogClass]
) -> list[EventRow]:
    found: list[list[EventRow]] = []
    if LogClass.EVENTS in classes:
        query = "SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        found.append([_event(row) for row in connection.execute(query, (after, limit))])
    if LogClass.LOGS in classes:
        found.append([unpack(row) for row in read_logs(connection, after=after, limit=limit)])
    return list(heapq.merge(*found, key=attrgetter("seq")))[:limit]


class SqliteLog(Backed):
    """`EventLog` in SQLite; its followers are woken after each commit of this process that holds events."""

    @property
    def epoch(self) -> str:
        """The log's epoch, 16 hex digits."""
        return self._head.epoch

    async def begin_log_epoch(self) -> None:
        """Begin another epoch; every agent's device list gets a revision that none has had."""
        await self._writer.submit(self._head.begin_epoch)

    async def append(self, events: Sequence[NewEvent], *, now_ms: int) -> list[int]:
        """Append events in order and return their seqs."""
        return await self._writer.submit(
            lambda connection: append_events(connection, events, now_ms), after=self._head.note
        )

    async def head(self) -> int:
        """Return the seq of the newest committed event, 0 for none."""
        return await self._readers.read(read_head)

    async def floor(self, log_class: LogClass) -> int:
        """Return the highest seq of a class that cannot be read any more, 0 when all can: `since >= floor` can."""
        return await self._readers.read(lambda connection: read_floor(connection, log_class))

    async def events_after(self, seq: int, *, limit: int, classes: Collection[LogClass] = BOTH) -> list[EventRow]:
        """Return up to `limit` (at most `MAX_PAGE_ROWS`) events of `classes` with a seq above `seq`, in order."""
        most = max(0, min(limit, MAX_PAGE_ROWS))
        return await self._readers.read(
            lambda connection: _read_events(connection, after=seq, limit=most, classes=classes)
        )

    async def logs_after(self, seq: int, *, limit: int) -> int:
        """Return how many network logs are above `seq`, counted up to `limit`."""
        query = "SELECT count(*) FROM (SELECT 1 FROM network_log WHERE seq > ? LIMIT ?)"
        return await self._readers.read(lambda connection: int(connection.execute(query, (seq, limit)).fetchone()[0]))

    async def find_events(self, wanted: EventFilter, *, after: int | None, limit: int) -> tuple[list[EventRow], int]:
        """Return up to `limit` events that meet a filter, in order, and the seq up to which the log was looked at.

        `after` None: the newest. At most `SCAN_ROWS` are looked at: there may be more where fewer than `limit` came.
        """
        most = max(0, min(limit, MAX_PAGE_ROWS))
        return await self._readers.read(lambda connection: _find(connection, wanted, after=after, limit=most))

    async def follow(self, after: int, *, classes: Collection[LogClass] = BOTH) -> AsyncIterator[list[EventRow]]:
        """Yield batches (at most `BATCH_ROWS`) of events of `classes` above `after`, in order, without end."""
        while True:
            # Taken before the read: what is committed after the read wakes this very event.
            woken = self._head.woken
            batch = await self.events_after(after, limit=BATCH_ROWS, classes=classes)
            if batch:
                after = batch[-1].seq
                yield batch
            if len(batch) == BATCH_ROWS:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), POLL_S)


def _find(
    connection: sqlite3.Connection, wanted: EventFilter, *, after: int | None, limit: int
) -> tuple[list[EventRow], int]:
    """Scan both tables of the wanted classes, a bounded number of rows of each, and merge what meets the filter."""
    head = read_head(connection)
    newest, start = after is None, head if after is None else after
    found: list[EventRow] = []
    # How far every table was looked through; beyond that one of them may hold more.
    reached = 0 if newest else head
    for log_class in sorted(wanted.classes):
        table = "event" if log_class is LogClass.EVENTS else "network_log"
        where, values = _conditions(wanted, log_class)
        edge = _edge(connection, table, start, newest=newest) if values else None
        if newest:
            bounds, order, limits = "seq <= ? AND seq >= ?", "DESC", (start, edge or 0)
        else:
            bounds, order, limits = "seq > ? AND seq <= ?", "ASC", (start, edge or head)
        query = f"SELECT * FROM {table} WHERE {bounds} AND {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608  words of ours
        rows = connection.execute(query, (*limits, *values, limit)).fetchall()
        found += [_event(row) if log_class is LogClass.EVENTS else unpack(row) for row in rows]
        if newest:
            reached = max(reached, edge or 0)
        else:
            full = rows[-1][0] if rows and len(rows) == limit else head
            reached = min(reached, edge or head, full)
    found.sort(key=attrgetter("seq"), reverse=after is None)
    if after is None:
        return [row for row in found if row.seq >= reached][:limit][::-1], head
    chosen = [row for row in found if row.seq <= reached][:limit]
    return chosen, (chosen[-1].seq if len(chosen) == limit else max(reached, after))


def _edge(connection: sqlite3.Connection, table: str, start: int, *, newest: bool) -> int | None:
    """Return the seq of the last of the `SCAN_ROWS` rows from `start` on, None when there are fewer."""
    compare, order = ("<=", "DESC") if newest else (">", "ASC")
    query = f"SELECT seq FROM {table} WHERE seq {compare} ? ORDER BY seq {order} LIMIT 1 OFFSET {SCAN_ROWS - 1}"  # noqa: S608  words of ours
    found = connection.execute(query, (start,)).fetchone()
    return None if found is None else int(found[0])


def _conditions(wanted: EventFilter, log_class: LogClass) -> tuple[str, list[object]]:
    conditions, values = ["1"], list[object]()
    if log_class is LogClass.EVENTS and wanted.names is not None:
        conditions.append(f"name IN ({', '.join('?' * len(wanted.names))})")
        values += [name.value for name in wanted.names]
    for condition, value in (
        ("device_id = ?", wanted.device_id),
        ("site_id = ?", wanted.site_id),
        ("observed_ms >= ?", wanted.from_ms),
        ("observed_ms < ?", wanted.to_ms),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    return " AND ".join(conditions), values
