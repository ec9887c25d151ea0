"""Settings of what the hub writes to its log."""

from enum import StrEnum


class LogLevel(StrEnum):
    """The least severe records that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """`text` for people, `json` for programs, `journal` for systemd's; each one line per record."""

    TEXT = "text"
    JSON = "json"
    JOURNAL = "journal"
