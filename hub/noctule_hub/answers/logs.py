"""Network logs and events as HTTP answers show them, and what may be asked of both."""

from enum import StrEnum
from typing import Any

import msgspec
from noctule_shared.events import SEVERITY_NAMES, LogPosition


class SeverityWord(StrEnum):
    """RFC 5424's severities, worst first."""

    EMERGENCY = "emergency"
    ALERT = "alert"
    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    INFORMATIONAL = "informational"
    DEBUG = "debug"

    @property
    def number(self) -> int:
        """The severity's number, 0 emergency to 7 debug."""
        return SEVERITY_NAMES.index(self.value)


class LogOrder(StrEnum):
    """The order in which logs were committed, or against it."""

    NEWEST = "newest"
    OLDEST = "oldest"


class ExportFormat(StrEnum):
    """How an export is written: one JSON object a line, or comma-separated values."""

    NDJSON = "ndjson"
    CSV = "csv"


class LogView(msgspec.Struct, frozen=True, rename="camel"):
    """A network log. `timestamp` is when it was received; `late`: the hub learnt of it long after.

    `severity` is RFC 5424's number. None: there is none, as a trap has no facility and an unknown sender no device.
    """

    seq: int
    timestamp: str
    committed_at: str
    late: bool
    device_id: int | None
    device_name: str | None
    site_id: int | None
    interface_id: int | None
    address: str | None
    severity: int | None
    severity_name: str | None
    facility: str | None
    source: str | None
    message: str
    change: str | None


class LogPage(msgspec.Struct, frozen=True, rename="camel"):
    """One page of network logs. `next_cursor` None: this was the last."""

    items: list[LogView]
    next_cursor: str | None


class ExportEnd(msgspec.Struct, frozen=True, rename="camel"):
    """The last line of an export: without it the transfer broke off.

    `complete` false: there are more than an export may hold; ask from `next_cursor` on for the rest.
    """

    rows: int
    complete: bool
    next_cursor: str | None


class ExportEndLine(msgspec.Struct, frozen=True):
    """The end as a line of NDJSON."""

    end: ExportEnd


class EventsPage(msgspec.Struct, frozen=True, rename="camel"):
    """Events in order and where to go on. `lost_logs`: network logs since then are no longer here but in `/logs`."""

    items: list[dict[str, Any]]
    position: LogPosition
    lost_logs: bool
