"""Turns what was measured into frames: rows are packed into columns and kept in the outbox, events at once.

Implements `sink.Sink`. Delivery is the uplink's. Events are kept before the rows that came after them, so
rows never name an inventory that the hub has not seen.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from noctule_shared.axes import LATENCY_SOURCE_CODES
from noctule_shared.frames import (
    BadFrame,
    EventsBody,
    FrameBody,
    FrameClass,
    MeasurementsBody,
    TableName,
    encode_frame,
    pack_table,
)
from noctule_shared.observations import AgentEvent, Gap

from noctule_agent.columns import Columns
from noctule_agent.core.losses import Losses
from noctule_agent.errors import OutboxUnavailable
from noctule_agent.outbox_frames import NewFrame
from noctule_agent.sink import InterfaceRows, LatencyRow

FLUSH_INTERVAL_S: Final = 1.0
# 2,000 interface rows are 170 kB unpacked: below a frame's limit even if they do not deflate at all.
FLUSH_ROWS: Final = 2_000
# What may wait for the next flush; beyond it the newest are dropped and counted.
MAX_BUFFERED_ROWS: Final = 20_000
MAX_BUFFERED_EVENTS: Final = 5_000
# Encoded frames held while the outbox cannot write (disk full); beyond it the oldest measurements go first.
MAX_UNSAVED_BYTES: Final = 8 * 1024 * 1024
MAX_EVENTS_PER_FRAME: Final = 200

_log = logging.getLogger(__name__)


class FrameStore(Protocol):
    """The part of the outbox that the collector needs."""

    async def append(self, frames: Sequence[NewFrame]) -> None:
        """Keep frames durably, all or none. Raises `OutboxUnavailable`."""
        ...


@dataclass(slots=True)
class CollectorStats:
    """What was collected and what was dropped, since the start."""

    rows: int = 0
    events: int = 0
    dropped_rows: int = 0
    dropped_events: int = 0
    refused_values: int = 0


class Collector:
    """Buffers rows and events in the event loop's thread and keeps them in the outbox from `run`."""

    def __init__(self, store: FrameStore) -> None:
        self.stats = CollectorStats()
        self._store = store
        self._tables = {name: Columns(name) for name in TableName}
        self._events: list[AgentEvent] = []
        self._unsaved: deque[NewFrame] = deque()
        self._losses = Losses()
        self._saving: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._urgent = asyncio.Event()
        self._closing = False
        self._unavailable = False

    @property
    def buffered_rows(self) -> int:
        """How many rows wait in memory."""
        return sum(map(len, self._tables.values()))

    def latency(self, row: LatencyRow) -> None:
        """Take one latency row."""
        if not self._room([row.ts_ms]):
            return
        values = (
            row.device_id, row.ts_ms, LATENCY_SOURCE_CODES[row.source], row.sent, row.received,
            *(
                math.nan if value is None else value
                for value in (
                    row.rtt_min_s, row.rtt_p25_s, row.rtt_median_s, row.rtt_p75_s, row.rtt_max_s,
                    row.rtt_mean_s, row.rtt_mdev_s, row.ipdv_s,
                )
            ),
        )  # fmt: skip
        self._extend(self._tables[TableName.LATENCY], [(value,) for value in values], 1)

    def interfaces(self, rows: InterfaceRows) -> None:
        """Take the rows of one poll."""
        count = len(rows.if_index)
        if not self._room(rows.ts_ms):
            return
        self._extend(
            self._tables[TableName.INTERFACE],
            [
                [rows.device_id] * count, rows.if_index, [rows.inventory_rev] * count, rows.ts_ms, rows.interval_s,
                rows.in_octets, rows.out_octets, rows.in_packets, rows.out_packets, rows.in_errors, rows.out_errors,
                rows.in_discards, rows.out_discards, rows.quality,
            ],
            count,
        )  # fmt: skip

    def event(self, event: AgentEvent) -> None:
        """Take one event; it is kept at once, before rows that come later."""
        if len(self._events) >= MAX_BUFFERED_EVENTS:
            self.stats.dropped_events += 1
            from_ms, to_ms = _span([event])
            self._losses.add("buffer-full", 1, from_ms=from_ms, to_ms=to_ms)
            return
        self.stats.events += 1
        self._events.append(event)
        self._urgent.set()

    @property
    def crowded(self) -> bool:
        """Whether half of what may wait in memory waits already: what matters less should stand back."""
        unsaved_bytes = sum(len(frame.body) for frame in self._unsaved)
        return 2 * len(self._events) > MAX_BUFFERED_EVENTS or 2 * unsaved_bytes > MAX_UNSAVED_BYTES

    async def keep_events(self) -> bool:
        """Keep the events taken so far; return whether none is left in memory."""
        await self.flush(rows_too=False)
        return all(frame.frame_class is not FrameClass.EVENTS for frame in self._unsaved)

    async def run(self) -> None:
        """Keep what was collected: events at once, rows each second, until `close`."""
        rows_due_s = time.monotonic() + FLUSH_INTERVAL_S
        while not self._closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, rows_due_s - time.monotonic())):
                    await self._urgent.wait()
            self._urgent.clear()
            rows_too = time.monotonic() >= rows_due_s or self.buffered_rows >= FLUSH_ROWS
            if rows_too:
                rows_due_s = time.monotonic() + FLUSH_INTERVAL_S
            await self.flush(rows_too=rows_too)

    async def close(self) -> None:
        """Keep everything that is still here, and end `run`. What cannot be kept is counted as dropped."""
        self._closing = True
        self._urgent.set()
        await self.flush(rows_too=True)
        if self._unsaved:
            lost = sum(frame.rows for frame in self._unsaved)
            _log.error("%d rows and events could not be written to the outbox and are lost", lost)

    async def flush(self, *, rows_too: bool) -> None:
        """Encode and keep what is buffered, events first; a failure keeps it for the next time."""
        async with self._lock:
            if self._saving is not None and not self._saving.done():
                await asyncio.wait([self._saving])
            self._take_events()
            if rows_too:
                self._take_rows()
            self._limit_unsaved()
            if not self._unavailable:
                for gap in self._losses.take():
                    self._encode_events([gap])
            if self._unsaved:
                # Shielded: a cancelled flush must neither lose the batch nor keep it twice.
                self._saving = asyncio.create_task(self._save())
                await asyncio.shield(self._saving)

    async def _save(self) -> None:
        batch = list(self._unsaved)
        try:
            await self._store.append(batch)
        except OutboxUnavailable as error:
            if not self._unavailable:
                _log.error("%s; measuring goes on, what does not fit in memory will be dropped", error)
            self._unavailable = True
            return
        for _ in batch:
            self._unsaved.popleft()
        if self._unavailable:
            _log.info("the outbox can be written again; %d rows were dropped meanwhile", self.stats.dropped_rows)
        self._unavailable = False

    def _room(self, times_ms: Sequence[int]) -> bool:
        count = len(times_ms)
        if self.buffered_rows + count > MAX_BUFFERED_ROWS:
            self.stats.dropped_rows += count
            self._losses.add("buffer-full", count, from_ms=min(times_ms), to_ms=max(times_ms))
            return False
        return True

    def _extend(self, table: Columns, values: Sequence[Sequence[float]], count: int) -> None:
        before = len(table)
        try:
            for column, column_values in zip(table.columns.values(), values, strict=True):
                column.extend(column_values)
            _check_length(table, before + count)
        except (OverflowError, TypeError, ValueError) as error:
            for column in table.columns.values():
                del column[before:]
            self.stats.refused_values += count
            _log.error("%s rows with a value that does not fit are dropped: %s", table.name.value, error)
            return
        self.stats.rows += count
        if self.buffered_rows >= FLUSH_ROWS:
            self._urgent.set()

    def _take_events(self) -> None:
        events, self._events = self._events, []
        for start in range(0, len(events), MAX_EVENTS_PER_FRAME):
            self._encode_events(events[start : start + MAX_EVENTS_PER_FRAME])

    def _encode_events(self, events: list[AgentEvent]) -> None:
        """Encode events as one frame, or halves of them where one would be too large."""
        from_ms, to_ms = _span(events)
        encoded = self._encode(EventsBody(events))
        if encoded is not None:
            self._unsaved.append(NewFrame(FrameClass.EVENTS, encoded, len(events), from_ms, to_ms))
        elif len(events) == 1:
            self.stats.dropped_events += 1
            self._losses.add("too-large", 1, from_ms=from_ms, to_ms=to_ms)
            _log.error("an event of type %s is larger than a frame and is dropped", type(events[0]).__name__)
        else:
            middle = len(events) // 2
            self._encode_events(events[:middle])
            self._encode_events(events[middle:])

    def _take_rows(self) -> None:
        tables, self._tables = self._tables, {name: Columns(name) for name in TableName}
        filled = [table for table in tables.values() if len(table)]
        if sum(map(len, filled)) <= FLUSH_ROWS:
            self._encode_rows([(table, 0, len(table)) for table in filled])
            return
        for table in filled:
            for start in range(0, len(table), FLUSH_ROWS):
                self._encode_rows([(table, start, min(start + FLUSH_ROWS, len(table)))])

    def _encode_rows(self, parts: Sequence[tuple[Columns, int, int]]) -> None:
        """Encode parts (table, first row, row after the last) as one frame."""
        rows = sum(stop - start for _, start, stop in parts)
        if not rows:
            return
        times = [ts_ms for table, start, stop in parts for ts_ms in table.columns["ts_ms"][start:stop]]
        encoded = self._encode(
            MeasurementsBody({t.name.value: pack_table(t.name, t.slice(start, stop)) for t, start, stop in parts})
        )
        if encoded is None:
            self.stats.dropped_rows += rows
            self._losses.add("too-large", rows, from_ms=int(min(times)), to_ms=int(max(times)))
            return
        self._unsaved.append(NewFrame(FrameClass.MEASUREMENTS, encoded, rows, int(min(times)), int(max(times))))

    def _encode(self, body: FrameBody) -> bytes | None:
        try:
            return encode_frame(body)
        except BadFrame as error:
            _log.warning("%s", error)
            return None

    def _limit_unsaved(self) -> None:
        """Drop the oldest measurements, then the oldest events, beyond what may wait in memory."""
        excess_bytes = sum(len(frame.body) for frame in self._unsaved) - MAX_UNSAVED_BYTES
        for frame_class in (FrameClass.MEASUREMENTS, FrameClass.EVENTS):
            kept: deque[NewFrame] = deque()
            for frame in self._unsaved:
                if excess_bytes <= 0 or frame.frame_class is not frame_class:
                    kept.append(frame)
                    continue
                excess_bytes -= len(frame.body)
                self._losses.add("outbox-unavailable", frame.rows, from_ms=frame.from_ms, to_ms=frame.to_ms)
                if frame_class is FrameClass.EVENTS:
                    self.stats.dropped_events += frame.rows
                else:
                    self.stats.dropped_rows += frame.rows
            self._unsaved = kept


def _span(events: Sequence[AgentEvent]) -> tuple[int, int]:
    """Return the times of the oldest and of the newest of some events."""
    return (
        min(event.from_ms if isinstance(event, Gap) else event.ts_ms for event in events),
        max(event.to_ms if isinstance(event, Gap) else event.ts_ms for event in events),
    )


def _check_length(table: Columns, expected: int) -> None:
    if any(len(column) != expected for column in table.columns.values()):
        raise ValueError("the columns of one poll differ in length")
