"""Rows of the log for clients that are caught up: read and decoded once for all who miss the same ones.

A herd comes back after each restart, and nearly all of it has missed the same rows. Rows never change, so a page is as
true for the next client as for the one it was read for. What retention took before a page was read it does not claim.
"""

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from noctule_hub.core.log_classes import BOTH, LogClass, class_of
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import PAGE_ROWS, cursor_after_page

# Clients that are some rows apart share a page that begins at the next multiple below them.
SHARED_STEP: Final = 256
MAX_PAGES: Final = 8
MAX_RECENT_ROWS: Final = 1_000
_seq = attrgetter("seq")


@dataclass(frozen=True, slots=True)
class Page:
    """All rows of its classes with a seq above `after` and up to `through`, in order."""

    rows: Sequence[EventRow]
    after: int
    through: int

    def covers(self, cursor: int) -> bool:
        """Return whether it leads on from `cursor`."""
        return self.after <= cursor < self.through

    def from_(self, cursor: int) -> "Page":
        """Return the part above `cursor`, which it covers."""
        return Page(self.rows[bisect_right(self.rows, cursor, key=_seq) :], cursor, self.through)


class RecentRows:
    """The newest rows of both classes as they were handed out, at most `MAX_RECENT_ROWS`, without a hole."""

    def __init__(self) -> None:
        self._after = 0
        self._rows: list[EventRow] = []

    def begin(self, position: int) -> None:
        """Hold nothing; what comes next is all that is above `position`."""
        self._after, self._rows = position, []

    def add(self, row: EventRow) -> None:
        """Take the next row. Full: the oldest are let go of."""
        self._rows.append(row)
        if len(self._rows) >= 2 * MAX_RECENT_ROWS:
            self._after = self._rows[-MAX_RECENT_ROWS - 1].seq
            del self._rows[:-MAX_RECENT_ROWS]

    def page(self, cursor: int, classes: frozenset[LogClass]) -> Page | None:
        """Return rows of `classes` above `cursor`; None: they go further back, or there is nothing above it."""
        if cursor < self._after or not self._rows or cursor >= self._rows[-1].seq:
            return None
        start = bisect_right(self._rows, cursor, key=_seq)
        rows = self._rows[start : start + PAGE_ROWS]
        through = rows[-1].seq
        if classes != BOTH:
            rows = [row for row in rows if class_of(row.name, row.rooms) in classes]
        return Page(rows, cursor, through)


ReadPage = Callable[[int, frozenset[LogClass]], Awaitable[tuple[Sequence[EventRow], int]]]


class SharedPages:
    """Pages of the log, each read once for all who ask for it at the same time or soon after.

    `read(after, classes)` returns up to `PAGE_ROWS` rows, and the highest seq that the log had lost when they had been
    read. Full (`MAX_PAGES`): the page that was asked for longest ago is read anew for the next.
    """

    def __init__(self, read: ReadPage) -> None:
        self._read = read
        self._kept: OrderedDict[tuple[frozenset[LogClass], int], Page] = OrderedDict()
        self._reading: dict[tuple[frozenset[LogClass], int], asyncio.Task[Page]] = {}

    async def page(self, cursor: int, classes: frozenset[LogClass], *, position: int) -> Page | None:
        """Return a page that leads on from `cursor`; None: retention passed the cursor.

        `position`, above `cursor`: everything up to it is committed.
        """
        while True:
            for key, page in reversed(self._kept.items()):
                if key[0] == classes and page.covers(cursor):
                    self._kept.move_to_end(key)
                    return page.from_(cursor)
            key = (classes, self._start(cursor, classes))
            reading = self._reading.get(key)
            mine = reading is None
            if reading is None:
                reading = self._reading[key] = asyncio.create_task(self._keep(key, position), name="page of the log")
            # Shielded: others wait for it too.
            page = await asyncio.shield(reading)
            if page.covers(cursor):
                return page.from_(cursor)
            if page.after > cursor:
                return None
            if mine:
                raise RuntimeError(f"a page from seq {key[1]} to {position} does not lead on from {cursor}")
            # It was begun for somebody else when the log did not yet reach so far.

    def forget(self) -> None:
        """Let go of all pages."""
        self._kept.clear()

    async def stop(self) -> None:
        """End the reads under way; whoever waited for them is gone."""
        readings = list(self._reading.values())
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    def _start(self, cursor: int, classes: frozenset[LogClass]) -> int:
        # Who walks through the log goes from page to page; whoever is at the same one shares the next as well.
        on_the_way = any(key[0] == classes and page.through == cursor for key, page in self._kept.items())
        return cursor if on_the_way else cursor - cursor % SHARED_STEP

    async def _keep(self, key: tuple[frozenset[LogClass], int], position: int) -> Page:
        classes, after = key
        try:
            rows, lost = await self._read(after, classes)
        finally:
            del self._reading[key]
        page = Page(rows, max(after, lost), cursor_after_page(rows, cursor=after, position=position))
        self._kept[key] = page
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_PAGES:
            self._kept.popitem(last=False)
        return page
