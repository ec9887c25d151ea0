"""Where the trial of a rule finds what was: statuses, events or measurements, of one object at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import EventName
from noctule_shared.frames import TableName

from noctule_hub.api.context import ApiContext
from noctule_hub.api.months import status_spans
from noctule_hub.core.alerting.conditions import Condition
from noctule_hub.core.alerting.trial import EVENT_KINDS, STATUS_KINDS, Track, of_events, of_statuses
from noctule_hub.core.alerting.trial_levels import TABLES, USUAL_MS, of_steps
from noctule_hub.core.availability import StatusSpan
from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.records import EventRow
from noctule_hub.core.resolution import DAY_MS, Resolution

# A device that flaps each minute of a month.
MAX_CHANGES: Final = 100_000
# Reading one device's statuses takes a fraction of a millisecond.
STATUSES_AT_ONCE: Final = 1_000
# All of one trial are held at once.
MAX_EVENTS: Final = 500_000
PAGE_EVENTS: Final = 1_000
# So many days of single objects are read for one answer, in about a second.
DAYS_AT_ONCE: Final = 3_000
_NOTHING: Final = Track(np.empty(0, np.int64), np.empty(0, np.int8))


class RuleHistory(Protocol):
    """What was measured of the objects that a condition can be about."""

    @property
    def to_ms(self) -> int:
        """Up to when, epoch milliseconds."""
        ...

    @property
    def resolution(self) -> str | None:
        """Of what it is made, None: of single statuses or events."""
        ...

    @property
    def objects_at_once(self) -> int:
        """So many objects are tried in one answer."""
        ...

    async def tracks(self, object_id: int, conditions: Sequence[Condition]) -> list[Track]:
        """Return an object's track for each of some conditions of one kind."""
        ...


@dataclass(slots=True)
class StatusHistory:
    """Of devices' statuses."""

    context: ApiContext
    from_ms: int
    to_ms: int
    resolution: str | None = None
    objects_at_once: int = STATUSES_AT_ONCE

    async def tracks(self, object_id: int, conditions: Sequence[Condition]) -> list[Track]:
        """Return a device's track for each condition."""
        history, _ = await status_spans(self.context, object_id, self.from_ms, self.to_ms, MAX_CHANGES)
        return [of_statuses(type(condition), history) for condition in conditions]


@dataclass(slots=True)
class EventHistory:
    """Of events of one name, all read beforehand."""

    to_ms: int
    by_object: dict[int, Track] = field(default_factory=dict)
    resolution: str | None = None
    objects_at_once: int = 100_000

    async def tracks(self, object_id: int, conditions: Sequence[Condition]) -> list[Track]:
        """Return an interface's or agent's track, the same for each condition: they have no thresholds."""
        return [self.by_object.get(object_id, _NOTHING)] * len(conditions)


@dataclass(slots=True)
class MeasuredHistory:
    """Of measurements, by steps of 5 minutes."""

    context: ApiContext
    from_ms: int
    to_ms: int
    resolution: str | None = Resolution.FIVE_MINUTES.value

    @property
    def objects_at_once(self) -> int:
        """So many objects are tried in one answer: reading an object's month takes some ten milliseconds."""
        return max(1, DAYS_AT_ONCE * DAY_MS // (self.to_ms - self.from_ms))

    async def tracks(self, object_id: int, conditions: Sequence[Condition]) -> list[Track]:
        """Return a device's or interface's track for each condition."""
        table = TABLES[type(conditions[0])]
        statuses: Sequence[StatusSpan] = ()
        if table is TableName.LATENCY:
            device = self.context.live.device(object_id)
            if device is None or device.icmp is None:
                # Its delays are those of SNMP, by which no rule goes.
                return [_NOTHING] * len(conditions)
            statuses, _ = await status_spans(self.context, object_id, self.from_ms, self.to_ms, MAX_CHANGES)
        steps = await self.context.store.rollup(
            table, object_id, Resolution.FIVE_MINUTES, from_ms=self.from_ms - USUAL_MS, to_ms=self.to_ms
        )
        port = self.context.live.interface(object_id) if table is TableName.INTERFACE else None
        speed_bps = None if port is None else port.speed_bps
        return [
            of_steps(one, steps, from_ms=self.from_ms, speed_bps=speed_bps, statuses=statuses) for one in conditions
        ]


async def history_of(context: ApiContext, condition: Condition, *, from_ms: int, to_ms: int) -> RuleHistory | None:
    """Return where a condition is tried, None: nothing is kept of it."""
    kind = type(condition)
    if kind in STATUS_KINDS:
        return StatusHistory(context, from_ms, to_ms)
    if kind in EVENT_KINDS:
        rows = await _events(context, EVENT_KINDS[kind], from_ms=from_ms, to_ms=to_ms)
        return EventHistory(to_ms, of_events(rows))
    if kind in TABLES:
        return MeasuredHistory(context, from_ms, to_ms)
    return None


async def _events(context: ApiContext, name: EventName, *, from_ms: int, to_ms: int) -> list[EventRow]:
    """Return the events of a name in a range. Raises `Refused` (too-large)."""
    wanted = EventFilter(names=frozenset({name}), from_ms=from_ms, to_ms=to_ms)
    rows: list[EventRow] = []
    after, head = await context.store.floor(LogClass.EVENTS), await context.store.head()
    while after < head:
        found, reached = await context.store.find_events(wanted, after=after, limit=PAGE_EVENTS)
        rows += found
        if len(rows) > MAX_EVENTS:
            raise Refused(ErrorCode.TOO_LARGE, f"over {MAX_EVENTS} events; try fewer days", field="days")
        if reached <= after:
            break
        after = reached
    return [row for row in rows if not row.data.get("test")]
