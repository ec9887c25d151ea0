"""What follows a projection: past days are derived, and what has outlived its time, or the disk, is dropped."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

from noctule_hub.core.resolution import DAY_MS, HOUR_MS, Resolution
from noctule_hub.core.retention import Retention, log_entry, outlived, over_budget, told_dropped
from noctule_hub.store.sqlite.alert_story import DROPPED_AT_ONCE, drop_alerts
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.head import Head
from noctule_hub.store.sqlite.log import append_events
from noctule_hub.store.sqlite.metric_files import day_of, start_of
from noctule_hub.store.sqlite.statuses import drop_statuses
from noctule_hub.store.sqlite.writer import Writer

# After its end a day's last rows still come: half an hour passes between two projections.
SETTLED_MS: Final = HOUR_MS
REJECTED_KEPT_MS: Final = 7 * DAY_MS
STATUSES_KEPT_MS: Final = 731 * DAY_MS
# What was pending and never fired is kept so long, to answer why there is no alert.
FORGOTTEN_KEPT_MS: Final = DAY_MS

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Upkeep:
    """Keeps the metric files to a `Retention`; one at a time, never beside a projection."""

    def __init__(self, *, writer: Writer, head: Head, days: DayFiles) -> None:
        self.dropped_for_space = 0
        self.dropped_alerts = 0
        self._writer = writer
        self._head = head
        self._days = days

    async def run(self, retention: Retention, now_ms: int) -> None:
        """Drop what is not kept and derive the days that are over. Raises `StoreError`; it can be repeated."""
        # First what has gone: rows that come after their day's 5 minutes went must not be taken for the whole day.
        await finished(lambda: self.drop_outlived(retention, now_ms))
        await finished(lambda: self.derive(now_ms))
        for day in await finished(lambda: self._drop_for_space(retention, now_ms)):
            self.dropped_for_space += 1
            await self._tell(told_dropped(day, retention.max_bytes), now_ms)
        await self._writer.submit(lambda connection: _drop_rows(connection, now_ms), urgent=False)
        await self.drop_alerts(retention, now_ms)

    async def drop_alerts(self, retention: Retention, now_ms: int, *, at_once: int = DROPPED_AT_ONCE) -> int:
        """Drop alerts that are over and not kept, `at_once` in a transaction; returns how many went."""
        dropped = 0
        while True:
            gone = await self._writer.submit(
                lambda connection: drop_alerts(
                    connection,
                    before_ms=now_ms - retention.alert_days * DAY_MS,
                    forgotten_before_ms=now_ms - FORGOTTEN_KEPT_MS,
                    most=retention.max_alerts,
                    at_once=at_once,
                ),
                urgent=False,
            )
            dropped += gone
            self.dropped_alerts += gone
            if gone < at_once:
                return dropped

    def derive(self, now_ms: int) -> None:
        """Derive hours and days of all days that are over."""
        for day in sorted(self._days.rollups.stale_days()):
            if start_of(day) + DAY_MS + SETTLED_MS <= now_ms:
                self._days.rollups.derive(day)

    def drop_outlived(self, retention: Retention, now_ms: int) -> list[str]:
        """Drop what is older than it is kept; returns the raw days that went."""
        rollups = self._days.rollups
        for resolution, days in (
            (Resolution.FIVE_MINUTES, retention.rollup_5min_days),
            (Resolution.HOUR, retention.rollup_1h_days),
        ):
            for name in outlived(rollups.names(resolution), _first_day(now_ms, days)):
                rollups.drop(resolution, name)
        gone = outlived(self._days.days(), _first_day(now_ms, retention.raw_days))
        for day in gone:
            self._days.drop(day)
        return gone

    def _drop_for_space(self, retention: Retention, now_ms: int) -> list[str]:
        if not retention.max_bytes:
            return []
        sizes = {day: self._days.size_bytes(day) for day in self._days.days()}
        gone = over_budget(sizes, self._days.rollups.size_bytes(), retention.max_bytes, day_of(now_ms))
        for day in gone:
            self._days.drop(day)
        return gone

    async def _tell(self, message: str, now_ms: int) -> None:
        logger.warning("%s", message)
        event = log_entry(message, now_ms)
        await self._writer.submit(lambda connection: append_events(connection, [event], now_ms), after=self._head.note)


async def finished(work: Callable[[], T]) -> T:
    """Return what `work` returns, run in a thread; a cancelled caller waits for its end, so that nothing overlaps."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _first_day(now_ms: int, days: int) -> str:
    return day_of(max(0, now_ms - days * DAY_MS))


def _drop_rows(connection: sqlite3.Connection, now_ms: int) -> None:
    connection.execute("DELETE FROM rejected_frame WHERE received_ms < ?", (now_ms - REJECTED_KEPT_MS,))
    drop_statuses(connection, before_ms=now_ms - STATUSES_KEPT_MS)
