"""Maintenance windows: what they cover, when they run, and which devices they hold at a moment.

What follows for a device is left to `judgement`; what a client may ask for is checked by the API. Time zones are
those of the IANA database, read once and then constant.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import islice
from typing import Final

import msgspec

from noctule_hub.core.records import Device
from noctule_hub.core.timezones import find_zone

MAX_WINDOWS: Final = 500
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class Weekday(StrEnum):
    """A day of the week, in the order of ISO 8601."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEK: Final = tuple(Weekday)


class Covers(msgspec.Struct, frozen=True, rename="camel"):
    """What a window is about: these devices, all devices of these sites, and all that bear one of these tags."""

    device_ids: tuple[int, ...] = ()
    site_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()

    def includes(self, device: Device) -> bool:
        """Return whether a device is among them."""
        return (
            device.id in self.device_ids or device.site_id in self.site_ids or any(t in self.tags for t in device.tags)
        )


class Once(msgspec.Struct, frozen=True, rename="camel", tag_field="kind", tag="once"):
    """From `starts_ms` on and before `ends_ms`."""

    starts_ms: int
    ends_ms: int


class Recurring(msgspec.Struct, frozen=True, rename="camel", tag_field="kind", tag="recurring"):
    """Begins on each of `weekdays` from `first_date` to `last_date` (None: for good) at a local time.

    `start_minute` counts from local midnight by the clock on the wall of `timezone`. A time that the clocks leave out
    begins as much later as they are put on, one that they show twice the first time (RFC 5545, 3.3.5). `duration_s` is
    time that passes: a change of the clocks during the window makes it neither longer nor shorter.
    """

    weekdays: tuple[Weekday, ...]
    start_minute: int
    duration_s: int
    timezone: str
    first_date: date
    last_date: date | None = None


@dataclass(frozen=True, slots=True)
class NewWindow:
    """A maintenance window as it shall be."""

    name: str
    note: str
    covers: Covers
    schedule: Once | Recurring


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A maintenance window. `ended_ms`: an occurrence that ran then was ended early, None: none was."""

    id: int
    name: str
    note: str
    covers: Covers
    schedule: Once | Recurring
    created_ms: int
    ended_ms: int | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """From `starts_ms` on and before `ends_ms`."""

    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The devices under maintenance, each with its window's name; valid from `from_ms` on and before `until_ms`."""

    names: Mapping[int, str] = field(default_factory=dict)
    from_ms: int = 0
    until_ms: int = 0

    def holds_at(self, at_ms: int) -> bool:
        """Return whether this tells of that moment."""
        return self.from_ms <= at_ms < self.until_ms


def covers(window: MaintenanceWindow, device: Device, at_ms: int) -> bool:
    """Return whether a window holds a device at that moment."""
    return window.covers.includes(device) and running(window, at_ms) is not None


def running(window: MaintenanceWindow, at_ms: int) -> Span | None:
    """Return the occurrence of a window that holds at that moment; the longest of several, None for none."""
    spans = _touching(window, at_ms, at_ms + 1)
    return max(spans, key=lambda span: span.ends_ms, default=None)


def occurrences(window: MaintenanceWindow, from_ms: int, to_ms: int, limit: int) -> list[Span]:
    """Return up to `limit` occurrences of a window that touch `[from_ms, to_ms)`, by their start."""
    return list(islice(_touching(window, from_ms, to_ms), limit))


def coverage(windows: Iterable[MaintenanceWindow], devices: Iterable[Device], at_ms: int) -> Coverage:
    """Return the devices that windows hold at that moment, and how long that stays so, a day at most.

    Of several windows the one with the lowest id names the maintenance.
    """
    known, until_ms = list(devices), at_ms + DAY_MS
    names: dict[int, str] = {}
    for window in sorted(windows, key=lambda window: window.id):
        spans = list(_touching(window, at_ms, until_ms))
        until_ms = min([until_ms, *(edge for span in spans for edge in (span.starts_ms, span.ends_ms) if edge > at_ms)])
        if any(span.starts_ms <= at_ms for span in spans):
            names.update({row.id: window.name for row in known if row.id not in names and window.covers.includes(row)})
    return Coverage(names, at_ms, until_ms)


def local_start_ms(day: date, start_minute: int, timezone: str) -> int:
    """Return when the clocks of a zone show that minute of that day, epoch milliseconds; see `Recurring`.

    A zone that was known when the window was made and is no longer counts as UTC.
    """
    wall = time(start_minute // 60, start_minute % 60, tzinfo=find_zone(timezone) or UTC)
    return int(datetime.combine(day, wall).timestamp()) * 1000


def _touching(window: MaintenanceWindow, from_ms: int, to_ms: int) -> Iterator[Span]:
    schedule = window.schedule
    match schedule:
        case Once():
            spans: Iterable[Span] = (Span(schedule.starts_ms, schedule.ends_ms),)
        case Recurring():
            spans = _days(schedule, from_ms, to_ms)
    for span in spans:
        real = _cut(span, window.ended_ms)
        if real.starts_ms < to_ms and real.ends_ms > from_ms and real.ends_ms > real.starts_ms:
            yield real


def _cut(span: Span, ended_ms: int | None) -> Span:
    if ended_ms is not None and span.starts_ms <= ended_ms < span.ends_ms:
        return Span(span.starts_ms, ended_ms)
    return span


def _days(schedule: Recurring, from_ms: int, to_ms: int) -> Iterator[Span]:
    """Yield the occurrences that may touch `[from_ms, to_ms)`: zones are less than a day from UTC."""
    duration_ms = schedule.duration_s * 1000
    first = max(schedule.first_date.toordinal(), _EPOCH_DAY + (from_ms - duration_ms) // DAY_MS - 1)
    last = _EPOCH_DAY + to_ms // DAY_MS + 1
    if schedule.last_date is not None:
        last = min(last, schedule.last_date.toordinal())
    for ordinal in range(first, min(last, date.max.toordinal() - 1) + 1):
        day = date.fromordinal(ordinal)
        if _WEEK[day.weekday()] in schedule.weekdays:
            starts_ms = local_start_ms(day, schedule.start_minute, schedule.timezone)
            yield Span(starts_ms, starts_ms + duration_ms)
