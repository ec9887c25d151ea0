"""Payments as the billing system tells them: the records, what an update makes of a payment, and today's counts."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from noctule_shared.errors import invalid
from noctule_shared.events import EventName, PaymentUpdateEvent
from noctule_shared.times import iso_from_ms

from noctule_hub.core.records import NewEvent
from noctule_hub.core.rooms import rooms_of_event

KEYS_KEPT_MS: Final = 7 * 86_400_000
# A billing system that sends one update a second uses 604,800 keys in seven days.
MAX_KEYS: Final = 1_000_000
# Of one payment. A bill has a dozen steps; more are a program that runs wild.
MAX_UPDATES_OF_PAYMENT: Final = 1_000
# Words that are counted apart in `stats:update`; all further ones count as `other`.
MAX_STATUSES: Final = 20
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class PaymentUpdate:
    """What the billing system says of a payment. `amount` is an exact decimal number as text, never a float.

    `amount` and `currency` (ISO 4217) are None together: nothing is said of them.
    """

    payment_id: str
    customer_id: int
    status: str
    amount: str | None
    currency: str | None
    occurred_ms: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as its newest update left it; `updates` counts all, late ones too."""

    payment_id: str
    customer_id: int
    status: str
    amount: str | None
    currency: str | None
    occurred_ms: int
    received_ms: int
    updates: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One update as it was received; `late`: a newer one was there already. `subject` is who sent it."""

    id: int
    update: PaymentUpdate
    received_ms: int
    late: bool
    subject: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What an update made of its payment. `repeated`: it was answered before, by the same idempotency key."""

    payment: Payment
    late: bool
    repeated: bool = False


def apply_update(stored: Payment | None, update: PaymentUpdate, *, now_ms: int) -> Applied:
    """Return the payment after an update; one that occurred before what is stored is history and changes nothing.

    What an update does not say of the amount stays. Raises `Refused` (invalid, field customerId) when the payment is
    another customer's.
    """
    if stored is None:
        fresh = Payment(
            payment_id=update.payment_id,
            customer_id=update.customer_id,
            status=update.status,
            amount=update.amount,
            currency=update.currency,
            occurred_ms=update.occurred_ms,
            received_ms=now_ms,
            updates=1,
        )
        return Applied(fresh, late=False)
    if stored.customer_id != update.customer_id:
        raise invalid("customerId", f"payment {update.payment_id} is customer {stored.customer_id}'s")
    if update.occurred_ms < stored.occurred_ms:
        return Applied(replace(stored, updates=stored.updates + 1), late=True)
    told = update.amount is not None
    changed = replace(
        stored,
        status=update.status,
        amount=update.amount if told else stored.amount,
        currency=update.currency if told else stored.currency,
        occurred_ms=update.occurred_ms,
        received_ms=now_ms,
        updates=stored.updates + 1,
    )
    return Applied(changed, late=False)


def payment_event(update: PaymentUpdate, applied: Applied) -> NewEvent:
    """Return `payment:update` for an update; a late one tells what it said, marked as late."""
    told = update if applied.late else applied.payment
    payload = PaymentUpdateEvent(
        timestamp=iso_from_ms(update.occurred_ms),
        payment_id=update.payment_id,
        customer_id=update.customer_id,
        status=update.status,
        amount=told.amount,
        currency=told.currency,
    )
    data: dict[str, Any] = msgspec.to_builtins(payload)
    rooms = rooms_of_event(EventName.PAYMENT_UPDATE, data)
    return NewEvent(EventName.PAYMENT_UPDATE, data, rooms, update.occurred_ms, late=applied.late)


class DayCounts:
    """How many updates were received since UTC midnight, by status."""

    def __init__(self) -> None:
        self._day = 0
        self._counts: Counter[str] = Counter()

    def start(self, counts: dict[str, int], now_ms: int) -> None:
        """Take over what the store counted of today."""
        self._day, self._counts = now_ms // DAY_MS, Counter()
        for status, number in counts.items():
            self._add(status, number)

    def note(self, status: str, now_ms: int) -> None:
        """Count one update."""
        self._turn(now_ms)
        self._add(status, 1)

    def today(self, now_ms: int) -> dict[str, int]:
        """Return the counts with their `total`."""
        self._turn(now_ms)
        return {"total": self._counts.total(), **self._counts}

    def _turn(self, now_ms: int) -> None:
        if now_ms // DAY_MS != self._day:
            self._day, self._counts = now_ms // DAY_MS, Counter()

    def _add(self, status: str, number: int) -> None:
        known = status in self._counts or len(self._counts) < MAX_STATUSES
        self._counts[status if known else "other"] += number
