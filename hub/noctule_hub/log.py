"""Logging of the hub: one line per record, control characters escaped, secrets blotted out. Who logs decides what."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, TextIO

from noctule_shared.times import iso_from_ms

from noctule_hub.config import LogFormat, LogLevel

MAX_LINE_CHARS: Final = 16_384
BLOT: Final = "***"

# The request that is being worked on, so that its records are found together. None: none is.
REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("noctule_request_id", default=None)
# syslog's severities (RFC 5424), the worst first.
_SEVERITIES: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_SEVERITY: Final = 7

# Shapes of secrets that the hub itself hands out or is sent. A message should hold none of them; this is the net below.
_SECRETS: Final = (
    re.compile(r"(nct_\d+_)[A-Za-z0-9-]+"),
    re.compile(r"()eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"(?i)(bearer\s+)[^\s'\",]+"),
    re.compile(
        r"(?i)(\b(?:password|community|secret|auth_?secret|priv_?secret|token|noctule_refresh)['\"]?\s*[=:]\s*)"
        r"(?:'[^']*'|\"[^\"]*\"|[^\s,;)}\]]+)"
    ),
)
# C0, DEL and C1 controls, line and paragraph separators, and marks that turn the direction of writing.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def blot_secrets(text: str) -> str:
    """Return `text` with everything that looks like a secret replaced by `***`."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<1>{BLOT}", text)
    return text


def escape_controls(text: str) -> str:
    """Return `text` with control characters written out as escapes, so that it stays one inert line."""
    return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class _LineFormatter(logging.Formatter):
    def _parts(self, record: logging.LogRecord) -> tuple[str, str, str]:
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        message = blot_secrets(record.getMessage())[:MAX_LINE_CHARS]
        return iso_from_ms(int(record.created * 1000)), message, blot_secrets(trace)[-MAX_LINE_CHARS:]

    def _line(self, record: logging.LogRecord, message: str, trace: str) -> str:
        number = REQUEST_ID.get()
        about = f"{record.name}: " if number is None else f"{record.name}: [{number}] "
        return escape_controls(f"{about}{message} | {trace}" if trace else f"{about}{message}")


class TextFormatter(_LineFormatter):
    """`2026-11-22T03:12:00.123Z INFO noctule_hub.app: [request] message`, a traceback escaped onto the same line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        moment, message, trace = self._parts(record)
        return f"{moment} {record.levelname} {self._line(record, message, trace)}"


class JournalFormatter(_LineFormatter):
    """`<6>noctule_hub.app: message`: systemd's journal reads the severity and knows the time itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        _, message, trace = self._parts(record)
        severity = next((number for level, number in _SEVERITIES if record.levelno >= level), _DEBUG_SEVERITY)
        return f"<{severity}>{self._line(record, message, trace)}"


class JsonFormatter(_LineFormatter):
    """One JSON object per line: time, level, logger, message, and where there are such, request, traceback and fields.

    `request` is the number that the answer carries as `X-Request-ID`, and its `incident` when it failed.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        moment, message, trace = self._parts(record)
        entry: dict[str, object] = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        entry["message"] = message
        number, fields = REQUEST_ID.get(), getattr(record, "fields", None)
        if number is not None:
            entry["request"] = number
        if trace:
            entry["traceback"] = trace
        if isinstance(fields, Mapping):
            entry |= {name: _blotted(value) for name, value in fields.items() if name not in entry}
        return json.dumps(entry)


def _blotted(value: object) -> object:
    return blot_secrets(value)[:MAX_LINE_CHARS] if isinstance(value, str) else value


_FORMATTERS: Final[Mapping[LogFormat, type[_LineFormatter]]] = {
    LogFormat.TEXT: TextFormatter,
    LogFormat.JSON: JsonFormatter,
    LogFormat.JOURNAL: JournalFormatter,
}


def configure_logging(level: LogLevel, form: LogFormat, *, stream: TextIO | None = None) -> logging.Handler:
    """Send all records of `level` and above to `stream` (None: stderr); replaces what was configured before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_FORMATTERS[form]())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # Both say per connection what nobody asked for; their warnings still come.
    for noisy in ("engineio", "socketio", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return handler
