"""What updates make of a payment, in whatever order they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.payments import MAX_STATUSES, DayCounts, Payment, PaymentUpdate, apply_update, payment_event
from noctule_shared.errors import Refused

NOW_MS = 1_795_000_000_000
DAY_MS = 86_400_000


def update(
    status: str = "paid", *, at_ms: int = 1_000, amount: str | None = "12.50", customer_id: int = 4
) -> PaymentUpdate:
    return PaymentUpdate("pay-1", customer_id, status, amount, None if amount is None else "EUR", at_ms)


def test_the_first_update_is_the_payment() -> None:
    applied = apply_update(None, update(), now_ms=NOW_MS)
    assert applied.payment == Payment("pay-1", 4, "paid", "12.50", "EUR", 1_000, NOW_MS, 1)
    assert not applied.late


def test_what_an_update_does_not_say_of_the_amount_stays() -> None:
    stored = apply_update(None, update("issued"), now_ms=NOW_MS).payment
    paid = apply_update(stored, update("paid", at_ms=2_000, amount=None), now_ms=NOW_MS + 1).payment
    assert (paid.status, paid.amount, paid.currency, paid.updates) == ("paid", "12.50", "EUR", 2)


def test_an_older_update_is_history_and_is_told_as_late() -> None:
    stored = apply_update(None, update("paid", at_ms=2_000), now_ms=NOW_MS).payment
    older = update("issued", at_ms=1_999, amount="99.00")
    applied = apply_update(stored, older, now_ms=NOW_MS + 1)
    assert (applied.payment.status, applied.payment.amount, applied.payment.updates) == ("paid", "12.50", 2)
    event = payment_event(older, applied)
    assert (event.late, event.data["status"], event.data["amount"]) == (True, "issued", "99.00")
    assert event.rooms == ("payments", "customer:4")


def test_a_payment_never_changes_hands() -> None:
    stored = apply_update(None, update(), now_ms=NOW_MS).payment
    with pytest.raises(Refused) as caught:
        apply_update(stored, update(customer_id=5), now_ms=NOW_MS)
    assert caught.value.field == "customerId"


@given(st.permutations(range(6)))
def test_any_order_of_updates_ends_with_the_newest(order: list[int]) -> None:
    payment: Payment | None = None
    for number in order:
        payment = apply_update(payment, update(f"s{number}", at_ms=number, amount=None), now_ms=NOW_MS).payment
    assert payment is not None
    assert (payment.status, payment.updates) == ("s5", 6)


def test_counts_are_todays_and_begin_anew_at_midnight() -> None:
    counts, midnight_ms = DayCounts(), NOW_MS // DAY_MS * DAY_MS
    counts.start({"paid": 3}, midnight_ms + 5)
    counts.note("paid", midnight_ms + DAY_MS - 1)
    counts.note("failed", midnight_ms + DAY_MS - 1)
    assert counts.today(midnight_ms + DAY_MS - 1) == {"total": 5, "paid": 4, "failed": 1}
    assert counts.today(midnight_ms + DAY_MS) == {"total": 0}


def test_words_beyond_the_bound_are_counted_together() -> None:
    counts = DayCounts()
    for number in range(MAX_STATUSES + 5):
        counts.note(f"s{number}", NOW_MS)
    today = counts.today(NOW_MS)
    assert (today["total"], today["other"], len(today)) == (MAX_STATUSES + 5, 5, MAX_STATUSES + 2)
