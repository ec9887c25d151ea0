"""The event log in hub.db and its tail; which rooms an event goes to was fixed by whoever appended it."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
from noctule_shared.events import EventName

from noctule_hub.core.records import EventRow, NewEvent
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.head import read_head

BATCH_ROWS: Final = 500
# One read must stay short; whoever wants more asks again.
MAX_PAGE_ROWS: Final = 5_000
# Commits of other processes do not wake this one.
POLL_S: Final = 1.0

_decode_data: Final = msgspec.json.Decoder(dict[str, Any]).decode
_decode_rooms: Final = msgspec.json.Decoder(tuple[str, ...]).decode


def read_floor(connection: sqlite3.Connection) -> int:
    """Return the highest seq that is no longer kept, 0 when all are."""
    lowest = connection.execute("SELECT min(seq) FROM event").fetchone()[0]
    return read_head(connection) if lowest is None else int(lowest) - 1


def append_events(connection: sqlite3.Connection, events: Sequence[NewEvent], now_ms: int) -> list[int]:
    """Append events in order and return their seqs, which have no holes: one connection writes them."""
    head = read_head(connection)
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
            for seq, event in enumerate(events, start=head + 1)
        ],
    )
    return list(range(head + 1, head + 1 + len(events)))


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

    async def floor(self) -> int:
        """Return the highest seq that is no longer kept, 0 when all are: `since >= floor` can be replayed."""
        return await self._readers.read(read_floor)

    async def events_after(self, seq: int, *, limit: int) -> list[EventRow]:
        """Return up to `limit` (at most `MAX_PAGE_ROWS`) events with a seq above `seq`, in order."""
        query = "SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        arguments = (seq, max(0, min(limit, MAX_PAGE_ROWS)))
        return await self._readers.read(
            lambda connection: [_event(row) for row in connection.execute(query, arguments)]
        )

    async def follow(self, after: int) -> AsyncIterator[list[EventRow]]:
        """Yield batches (at most `BATCH_ROWS`) of committed events above `after`, in order, without end."""
        while True:
            # Taken before the read: what is committed after the read wakes this very event.
            woken = self._head.woken
            batch = await self.events_after(after, limit=BATCH_ROWS)
            if batch:
                after = batch[-1].seq
                yield batch
            if len(batch) == BATCH_ROWS:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), POLL_S)
