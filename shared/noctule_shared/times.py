"""Times as they cross the wire: integer epoch milliseconds inside, ISO 8601 UTC to browsers."""

from datetime import UTC, datetime

from noctule_shared.errors import invalid


def iso_from_ms(ts_ms: int) -> str:
    """Return `ts_ms` (epoch milliseconds, UTC) as ISO 8601 with milliseconds, `2026-11-22T03:12:00.123Z`."""
    seconds, milliseconds = divmod(ts_ms, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def ms_from_iso(text: str, *, field: str = "timestamp") -> int:
    """Return an ISO 8601 time with a zone as epoch milliseconds, rounded down.

    Raises `Refused` (invalid, naming `field`) when it is not a time or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(field, f"{text[:40]!r} is not an ISO 8601 time such as 2026-11-22T03:12:00Z") from error
    if moment.tzinfo is None:
        raise invalid(field, f"{text[:40]!r} has no time zone; add Z for UTC")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000
