"""The log as a replay reads it: what can be recovered, and pages of it that no retention passed unnoticed."""

from collections.abc import Sequence

from noctule_shared.events import LogPosition

from noctule_hub.core.log_classes import LogClass, classes_heard
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
from noctule_hub.store.protocol import EventLog


class ReplayReader:
    """Reads for replays; `outrun` counts those that retention overtook."""

    def __init__(self, event_log: EventLog) -> None:
        self.outrun = 0
        self._log = event_log

    @property
    def epoch(self) -> str:
        """The log's epoch."""
        return self._log.epoch

    async def recovery(self, since: LogPosition | None, rooms: Sequence[str]) -> tuple[Recovery, int]:
        """Return the decision for `rooms`, and how far a replay reaches: all that was committed when it began."""
        if since is None:
            return Recovery(decide_recovery(None, epoch=self.epoch, floor=0, head=0)), 0
        heard, head = classes_heard(rooms), await self._log.head()
        floor = await self._log.floor(LogClass.EVENTS) if LogClass.EVENTS in heard else 0
        outcome = decide_recovery(since, epoch=self.epoch, floor=floor, head=head)
        if isinstance(outcome, Unrecoverable):
            return Recovery(outcome), 0
        if LogClass.LOGS not in heard:
            return Recovery(outcome), head
        missed = await self._log.logs_after(outcome.cursor, limit=MAX_REPLAYED_LOGS + 1)
        lost = decide_log_recovery(outcome.cursor, floor=await self._log.floor(LogClass.LOGS), missed=missed)
        return with_logs(outcome, lost, rooms), head

    async def page(self, cursor: int, span: Span) -> list[EventRow]:
        """Return up to `PAGE_ROWS` rows of a span above `cursor`. Raises `OutrunError` when some are gone."""
        if not span.classes:
            return []
        page = await self._log.events_after(cursor, limit=PAGE_ROWS, classes=span.classes)
        for log_class in span.classes:
            if await self._log.floor(log_class) > cursor:
                self.outrun += 1
                raise OutrunError(f"retention passed seq {cursor} of the {log_class.value}")
        return page


class OutrunError(Exception):
    """The log's floor overtook a client that was being caught up."""
