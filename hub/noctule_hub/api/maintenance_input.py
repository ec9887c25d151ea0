"""What people write of maintenance windows, checked: pure, names the field in every refusal."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid
from noctule_shared.times import ms_from_iso

from noctule_hub.api.bodies import Id, Time, ZoneName, check_name, check_timezone
from noctule_hub.api.device_input import Note, Text, check_note, check_tags
from noctule_hub.core.maintenance import DAY_MS, Covers, MaintenanceWindow, NewWindow, Once, Recurring, Weekday
from noctule_hub.core.timezones import find_zone

MAX_COVERED: Final = 1_000
MIN_DURATION_S: Final = 60
MAX_DURATION_S: Final = 7 * 86_400
MAX_ONCE_MS: Final = 366 * DAY_MS
MAX_AHEAD_MS: Final = 10 * 366 * DAY_MS
_LAST_YEAR: Final = 2200

Ids = Annotated[list[Id], msgspec.Meta(max_length=MAX_COVERED)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="HH:MM, 24 hours")]


class OnceInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """From `starts_at` on and before `ends_at`, at most 366 days."""

    starts_at: Time
    ends_at: Time


class RecurringInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Begins on each of `weekdays` at `start` by the clocks of `timezone`, or of the hub's when that is absent.

    From `first_date` on, today when absent, to `last_date`, for good when absent.
    """

    weekdays: Annotated[list[Weekday], msgspec.Meta(min_length=1, max_length=7)]
    start: Clock
    duration_s: Annotated[int, msgspec.Meta(ge=MIN_DURATION_S, le=MAX_DURATION_S)]
    timezone: ZoneName | None = None
    first_date: date | None = None
    last_date: date | None = None


class NewMaintenance(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/maintenance`: covers at least one device, site or tag, and runs once or recurs."""

    name: Text
    note: Note = ""
    device_ids: Ids = []
    site_ids: Ids = []
    tags: list[Text] = []
    once: OnceInput | None = None
    recurring: RecurringInput | None = None


class MaintenanceChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/maintenance/{id}`: what is absent stays. `revision` is the one that was read."""

    revision: int
    name: Text | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    device_ids: Ids | UnsetType = UNSET
    site_ids: Ids | UnsetType = UNSET
    tags: list[Text] | UnsetType = UNSET
    once: OnceInput | None = None
    recurring: RecurringInput | None = None


def check_new(body: NewMaintenance, *, timezone: str, now_ms: int) -> NewWindow:
    """Return a new window; `timezone` is the hub's. Raises `Refused` (invalid), naming the field."""
    schedule = _schedule(body.once, body.recurring, timezone=timezone, now_ms=now_ms)
    if schedule is None:
        raise invalid("once", "say when: give once or recurring")
    covers = Covers(_ids(body.device_ids), _ids(body.site_ids), check_tags(body.tags))
    return NewWindow(check_name("name", body.name), check_note(body.note), _not_empty(covers), schedule)


def check_change(window: MaintenanceWindow, body: MaintenanceChange, *, timezone: str, now_ms: int) -> NewWindow:
    """Return a window after a change; `timezone` is the hub's. Raises `Refused` (invalid), naming the field."""
    covers = Covers(
        window.covers.device_ids if body.device_ids is UNSET else _ids(body.device_ids),
        window.covers.site_ids if body.site_ids is UNSET else _ids(body.site_ids),
        window.covers.tags if body.tags is UNSET else check_tags(body.tags),
    )
    return NewWindow(
        name=window.name if body.name is UNSET else check_name("name", body.name),
        note=window.note if body.note is UNSET else check_note(body.note),
        covers=_not_empty(covers),
        schedule=_schedule(body.once, body.recurring, timezone=timezone, now_ms=now_ms) or window.schedule,
    )


def _ids(ids: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ids)))


def _not_empty(covers: Covers) -> Covers:
    if not (covers.device_ids or covers.site_ids or covers.tags):
        raise invalid("deviceIds", "say what is covered: at least one of deviceIds, siteIds and tags")
    return covers


def _schedule(
    once: OnceInput | None, recurring: RecurringInput | None, *, timezone: str, now_ms: int
) -> Once | Recurring | None:
    if once is not None and recurring is not None:
        raise invalid("recurring", "give once or recurring, not both")
    if once is not None:
        return _once(once, now_ms)
    return None if recurring is None else _recurring(recurring, timezone, now_ms)


def _once(body: OnceInput, now_ms: int) -> Once:
    starts_ms = ms_from_iso(body.starts_at, field="once.startsAt")
    ends_ms = ms_from_iso(body.ends_at, field="once.endsAt")
    if ends_ms <= starts_ms:
        raise invalid("once.endsAt", "must be after startsAt")
    if ends_ms - starts_ms > MAX_ONCE_MS:
        raise invalid("once.endsAt", "must be at most 366 days after startsAt")
    if ends_ms <= now_ms:
        raise invalid("once.endsAt", "is over already")
    if starts_ms > now_ms + MAX_AHEAD_MS:
        raise invalid("once.startsAt", "must be within ten years")
    return Once(starts_ms, ends_ms)


def _recurring(body: RecurringInput, timezone: str, now_ms: int) -> Recurring:
    zone = check_timezone("recurring.timezone", body.timezone or timezone)
    first = body.first_date or datetime.fromtimestamp(now_ms / 1000, find_zone(zone) or UTC).date()
    for name, day in (("firstDate", first), ("lastDate", body.last_date or first)):
        if not 1970 <= day.year <= _LAST_YEAR:  # noqa: PLR2004  epoch
            raise invalid(f"recurring.{name}", f"must lie between 1970 and {_LAST_YEAR}")
    if body.last_date is not None and body.last_date < first:
        raise invalid("recurring.lastDate", "must not be before firstDate")
    weekdays = tuple(day for day in Weekday if day in body.weekdays)
    if body.last_date is not None:
        within = {tuple(Weekday)[date.fromordinal(day).weekday()] for day in _week(first, body.last_date)}
        if not within & set(weekdays):
            raise invalid("recurring.weekdays", "none of them lies between firstDate and lastDate")
    hours, minutes = body.start.split(":")
    return Recurring(weekdays, int(hours) * 60 + int(minutes), body.duration_s, zone, first, body.last_date)


def _week(first: date, last: date) -> range:
    """Return the days from `first` to `last` as ordinals, a week of them at most."""
    return range(first.toordinal(), min(last.toordinal(), first.toordinal() + 6) + 1)
