"""The log as replays read it: what can be recovered, and pages of it that no retention passed unnoticed.

Reads that many clients need are made for all of them at once; see `pages`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from noctule_shared.events import LogPosition

from noctule_hub.core.log_classes import BOTH, LogClass, classes_heard
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import (
    MAX_REPLAYED_LOGS,
    PAGE_ROWS,
    Recovery,
    Span,
    Unrecoverable,
    decide_log_recovery,
    decide_recovery,
    with_logs,
)
from noctule_hub.realtime.pages import Page, RecentRows, SharedPages
from noctule_hub.store.protocol import EventLog


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the log reaches: its newest seq, and by class the highest that it has lost."""

    head: int
    floors: Mapping[LogClass, int]


class ReplayReader:
    """Reads for replays; `outrun` counts those that retention overtook. `recent` is the broadcaster's."""

    def __init__(self, event_log: EventLog, recent: RecentRows) -> None:
        self.outrun = 0
        self._log = event_log
        self._recent = recent
        self._pages = SharedPages(self._read)
        self._next_bounds: asyncio.Task[Bounds] | None = None
        self._reading_bounds: set[asyncio.Task[Bounds]] = set()
        self._bounds_turn = asyncio.Lock()

    @property
    def epoch(self) -> str:
        """The log's epoch."""
        return self._log.epoch

    async def recovery(self, since: LogPosition | None, rooms: Sequence[str]) -> tuple[Recovery, int]:
        """Return the decision for `rooms`, and how far a replay reaches: all that was committed when it began."""
        if since is None:
            return Recovery(decide_recovery(None, epoch=self.epoch, floor=0, head=0)), 0
        heard, bounds = classes_heard(rooms), await self._bounds()
        floor = bounds.floors[LogClass.EVENTS] if LogClass.EVENTS in heard else 0
        outcome = decide_recovery(since, epoch=self.epoch, floor=floor, head=bounds.head)
        if isinstance(outcome, Unrecoverable):
            return Recovery(outcome), 0
        if LogClass.LOGS not in heard:
            return Recovery(outcome), bounds.head
        # Network logs share the numbering, so there are no more of them than seqs.
        missed = bounds.head - outcome.cursor
        if missed > MAX_REPLAYED_LOGS:
            missed = await self._log.logs_after(outcome.cursor, limit=MAX_REPLAYED_LOGS + 1)
        lost = decide_log_recovery(outcome.cursor, floor=bounds.floors[LogClass.LOGS], missed=missed)
        return with_logs(outcome, lost, rooms), bounds.head

    async def page(self, cursor: int, span: Span, *, position: int) -> Page:
        """Return rows of a span above `cursor`, with which it reaches further, if `position` is above it.

        `position`: everything up to it is committed. Raises `OutrunError` when some of the rows are gone.
        """
        if not span.classes or position <= cursor:
            return Page((), cursor, max(position, cursor))
        page = self._recent.page(cursor, span.classes)
        if page is None:
            page = await self._pages.page(cursor, span.classes, position=position)
        if page is None:
            self.outrun += 1
            raise OutrunError(f"retention passed seq {cursor} of {', '.join(sorted(span.classes))}")
        return page

    def forget(self) -> None:
        """Let go of the pages that are kept for others who are caught up at about the same time."""
        self._pages.forget()

    async def stop(self) -> None:
        """End the reads under way; whoever waited for them is gone."""
        reading = list(self._reading_bounds)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, self._pages.stop(), return_exceptions=True)

    async def _read(self, after: int, classes: frozenset[LogClass]) -> tuple[Sequence[EventRow], int]:
        rows = await self._log.events_after(after, limit=PAGE_ROWS, classes=classes)
        # After the rows: what was lost before is lost now.
        return rows, max([await self._log.floor(log_class) for log_class in sorted(classes)])

    async def _bounds(self) -> Bounds:
        """Return the log's bounds as they are at this call or later: one read for all who wait for the next one."""
        if self._next_bounds is None:
            self._next_bounds = asyncio.create_task(self._read_bounds(), name="bounds of the log")
            self._reading_bounds.add(self._next_bounds)
            self._next_bounds.add_done_callback(self._reading_bounds.discard)
        return await asyncio.shield(self._next_bounds)

    async def _read_bounds(self) -> Bounds:
        async with self._bounds_turn:
            # Whoever asks from here on gets the next: a read that has begun may miss what they know of.
            self._next_bounds = None
            head = await self._log.head()
            return Bounds(head, {log_class: await self._log.floor(log_class) for log_class in sorted(BOTH)})


class OutrunError(Exception):
    """The log's floor overtook a client that was being caught up."""
