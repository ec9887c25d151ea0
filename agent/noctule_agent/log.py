"""Log lines on stderr as text or JSON. Text that came from devices cannot break a line or a terminal."""

import logging
import sys
from enum import StrEnum
from typing import TextIO

import msgspec
from noctule_shared.times import iso_from_ms


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From which severity on lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def inert(text: str) -> str:
    """Return text with every control and formatting character escaped, fit for one line of a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        area = record.name.removeprefix("noctule_agent.")
        line = f"{iso_from_ms(int(record.created * 1000))} {record.levelname:<7} {area}: {inert(record.getMessage())}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": iso_from_ms(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "area": record.name.removeprefix("noctule_agent."),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def set_up_logging(level: LogLevel, log_format: LogFormat, *, stream: TextIO | None = None) -> None:
    """Send all log lines to `stream` (None: stderr) from `level` on; libraries only from warning on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Json() if log_format is LogFormat.JSON else _Text())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("noctule_agent").setLevel(level.value.upper())
