"""What a receiver's answer means for the next attempt: whether it refuses for good, and how long it wants to wait."""

from email.utils import parsedate_to_datetime
from typing import Final

# RFC 9110, RFC 6585: of these the same request may be taken later. 421 is a connection's fault, 409 and 423 a state's.
_LATER: Final = frozenset({408, 409, 421, 423, 425, 429})
_HTTP_REFUSALS: Final = range(400, 500)
# RFC 5321 section 4.2.1: permanent negative completion.
_MAIL_REFUSALS: Final = range(500, 600)
# Answers with which Retry-After says when to come again.
_ASKS: Final = frozenset({408, 425, 429, 503})
_MAX_DIGITS: Final = 9


def is_refusal(status: int) -> bool:
    """Return whether an HTTP status says that the same request would be refused again."""
    return status in _HTTP_REFUSALS and status not in _LATER


def is_mail_refusal(code: int) -> bool:
    """Return whether a mail server's reply code says that the same mail would be refused again."""
    return code in _MAIL_REFUSALS


def retry_after_s(status: int, header: str | None, *, now_ms: int) -> float | None:
    """Return for how many seconds a receiver asked to be left alone, None: it did not, or nobody can read it.

    `header` is Retry-After (RFC 9110 section 10.2.3), seconds or a date.
    """
    if header is None or status not in _ASKS:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:_MAX_DIGITS])
    try:
        at_s = parsedate_to_datetime(text[:64]).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return max(0.0, at_s - now_ms / 1000)
