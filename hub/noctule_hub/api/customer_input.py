"""What people and billing systems write of customers and payments, checked: each refusal names the field."""

import re
from typing import Final

from noctule_shared.errors import invalid
from noctule_shared.times import ms_from_iso

from noctule_hub.api.bodies import check_name
from noctule_hub.core.payments import DAY_MS

MAX_REFERENCE_CHARS: Final = 64
MAX_KEY_CHARS: Final = 128
# Patterns end in a look-ahead because `$` alone lets a last line end through.
# Letters, digits and what no path, query, shell or spreadsheet takes for something else.
PAYMENT_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$(?!\n)"
STATUS: Final = r"^[A-Za-z][A-Za-z0-9_-]{0,31}$(?!\n)"
AMOUNT: Final = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$(?!\n)"
CURRENCY: Final = r"^[A-Z]{3}$(?!\n)"
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)
_KEY: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
# Clocks differ; a day ahead is a mistake that would make all that follows late.
MAX_AHEAD_MS: Final = DAY_MS


def check_reference(text: str | None) -> str | None:
    """Return the billing system's id for a customer. Raises `Refused` (invalid)."""
    if text is not None and not _REFERENCE.fullmatch(text):
        message = f"must have 1 to {MAX_REFERENCE_CHARS} letters, digits or . _ : / - and begin with a letter or digit"
        raise invalid("reference", message)
    return text


def check_label(text: str) -> str:
    """Return how a customer calls a service. Raises `Refused` (invalid)."""
    return check_name("label", text)


def check_key(text: str | None) -> str:
    """Return an idempotency key. Raises `Refused` (invalid)."""
    if text is None or not _KEY.fullmatch(text):
        message = f"send a header of 1 to {MAX_KEY_CHARS} printable ASCII characters, another one for each update"
        raise invalid("Idempotency-Key", message)
    return text


def check_occurred(text: str, *, now_ms: int) -> int:
    """Return when an update of a payment occurred, in epoch milliseconds. Raises `Refused` (invalid)."""
    occurred_ms = ms_from_iso(text, field="occurredAt")
    if not 0 <= occurred_ms <= now_ms + MAX_AHEAD_MS:
        raise invalid("occurredAt", "must be after 1970 and at most a day ahead of the hub's clock")
    return occurred_ms
