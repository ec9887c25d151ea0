"""What became of many devices at once, of an import or a change, as HTTP answers show it."""

from enum import StrEnum

import msgspec


class RowOutcome(StrEnum):
    """What an import does with one row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"


class RowFaultView(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that is wrong with a row; `field` null: with all of it."""

    field: str | None
    message: str


class ImportRowView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One row, in the order of the request. `device_id` null: there is none (yet).

    `field` and `message` say why it is refused, `faults` all that is wrong with it, these first; `message` else says
    what changes or why it is skipped.
    """

    outcome: RowOutcome
    device_id: int | None = None
    field: str | None = None
    message: str | None = None
    faults: list[RowFaultView] = []


class ImportAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """All rows. `applied` false: it was a dry run and nothing has changed."""

    applied: bool
    rows: list[ImportRowView]


class BulkOutcome(StrEnum):
    """What became of one of many devices."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    REFUSED = "refused"


class BulkRowView(msgspec.Struct, frozen=True, rename="camel"):
    """One device, in the order of the request. `field` and `message` say why it is refused."""

    device_id: int
    outcome: BulkOutcome
    field: str | None = None
    message: str | None = None


class BulkAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """All devices; each is for itself, and those that are not refused are done."""

    rows: list[BulkRowView]
