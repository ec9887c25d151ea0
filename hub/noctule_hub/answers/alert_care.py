"""What became of many alerts that somebody takes care of at once, as HTTP answers show it."""

from enum import StrEnum

import msgspec
from noctule_shared.events import AlertEvent


class CareOutcome(StrEnum):
    """What became of one of many alerts."""

    CHANGED = "changed"
    REFUSED = "refused"


class CareRowView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One alert, in the order of the request: how it is now, or with `field` and `message` why it is refused."""

    alert_id: int
    outcome: CareOutcome
    alert: AlertEvent | None = None
    field: str | None = None
    message: str | None = None


class CareAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """All alerts; each is for itself, and those that are not refused are done."""

    rows: list[CareRowView]
