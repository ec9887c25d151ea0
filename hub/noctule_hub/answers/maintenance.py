"""Maintenance windows as HTTP answers show them."""

from datetime import date

import msgspec

from noctule_hub.core.maintenance import Weekday


class SpanView(msgspec.Struct, frozen=True, rename="camel"):
    """From `starts_at` on and before `ends_at`."""

    starts_at: str
    ends_at: str


class RecurringView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Begins on each of `weekdays` at `start` (HH:MM) by the clocks of `timezone`; `last_date` None: for good."""

    weekdays: list[Weekday]
    start: str
    duration_s: int
    timezone: str
    first_date: date
    last_date: date | None


class MaintenanceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A maintenance window; one of `once` and `recurring` is null.

    `running`: the occurrence that holds now, null for none; `next`: the one that begins next within 400 days.
    """

    id: int
    name: str
    note: str
    device_ids: list[int]
    site_ids: list[int]
    tags: list[str]
    once: SpanView | None
    recurring: RecurringView | None
    running: SpanView | None
    next: SpanView | None
    created_at: str
    revision: int
