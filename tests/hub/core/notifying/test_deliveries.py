"""Decisions about notifications: when again, and what together."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.notifying.deliveries import (
    FIRST_RETRY_MS,
    GIVE_UP_MS,
    MAX_MESSAGES,
    MAX_RETRY_AFTER_MS,
    MAX_RETRY_MS,
    WINDOW_MS,
    Outcome,
    Pace,
    Parcel,
    Turn,
    after_attempt,
    retry_ms,
    turn,
)
from noctule_hub.core.notifying.policies import Template

FAILED = Outcome(delivered=False, text="nobody there")
REFUSED = Outcome(delivered=False, text="answered 404", permanent=True)


def parcel(attempts: int = 0, refusals: int = 0) -> Parcel:
    return Parcel(1, "ab", (), 1, None, attempts, refusals, begun_ms=0, template=Template())


@given(st.integers(0, 10_000), st.integers(0, GIVE_UP_MS - 1), st.floats(0, 1))
def test_a_retry_comes_after_10_s_to_10_min(attempts: int, age_ms: int, jitter: float) -> None:
    next_ms = retry_ms(parcel(attempts), FAILED, now_ms=age_ms, jitter=jitter)
    assert next_ms is not None
    assert FIRST_RETRY_MS <= next_ms - age_ms <= MAX_RETRY_MS


def test_retries_back_off_and_end_after_a_day() -> None:
    assert [retry_ms(parcel(number), FAILED, now_ms=0, jitter=0.0) for number in (0, 1, 2, 5, 6, 49)] == [
        10_000,
        20_000,
        40_000,
        300_000,
        300_000,
        300_000,
    ]
    assert retry_ms(parcel(), FAILED, now_ms=GIVE_UP_MS, jitter=0.0) is None


@pytest.mark.parametrize(
    ("attempts", "refusals", "outcome", "again"),
    [
        (0, 0, REFUSED, True),
        (1, 1, REFUSED, True),
        (2, 2, REFUSED, False),
        # One that was away for long and refuses once, while it is being mended perhaps, is asked again.
        (50, 0, REFUSED, True),
        (50, 2, FAILED, True),
    ],
)
def test_who_refuses_for_good_is_believed_at_the_third_time(
    attempts: int, refusals: int, outcome: Outcome, *, again: bool
) -> None:
    assert (retry_ms(parcel(attempts, refusals), outcome, now_ms=0, jitter=0.0) is not None) is again


@pytest.mark.parametrize(("asked_ms", "expected_ms"), [(0, 10_000), (90_000, 90_000), (10**12, MAX_RETRY_AFTER_MS)])
def test_a_receiver_is_left_alone_as_long_as_it_asks_within_bounds(asked_ms: int, expected_ms: int) -> None:
    asked = Outcome(delivered=False, text="answered 429", retry_after_ms=asked_ms)
    assert retry_ms(parcel(), asked, now_ms=0, jitter=0.0) == expected_ms


def test_the_last_message_of_a_minute_takes_all_that_waits() -> None:
    sent = tuple(range(MAX_MESSAGES - 1))
    assert turn(50, Pace(), 0) == Turn(0)
    assert turn(1, Pace(0, sent), 10) == Turn(0)
    assert turn(2, Pace(0, sent), 10) == Turn(0, bundle=True)
    assert turn(2, Pace(0, (*sent, 9)), 10) == Turn(WINDOW_MS - 10)
    assert turn(2, Pace(0, sent), WINDOW_MS + 100) == Turn(0)


def test_a_channel_is_held_until_the_time_its_receiver_named() -> None:
    asked = Outcome(delivered=False, text="answered 429", retry_after_ms=90_000)
    held = after_attempt(Pace(), asked, 5_000)
    assert held == Pace(95_000, (5_000,))
    assert turn(1, held, 94_000) == Turn(1_000)
    assert turn(1, held, 95_000) == Turn(0)
    full = Pace(0, tuple(range(MAX_MESSAGES)))
    assert after_attempt(full, Outcome(delivered=True, text="ok"), 70) == Pace(0, (*range(1, MAX_MESSAGES), 70))
    assert after_attempt(held, replace(asked, retry_after_ms=10**12), 0).held_until_ms == MAX_RETRY_AFTER_MS


def test_a_clock_that_is_set_back_stops_no_channel() -> None:
    assert turn(2, Pace(0, (WINDOW_MS * 100,) * MAX_MESSAGES), 0) == Turn(0)
    assert turn(2, Pace(MAX_RETRY_AFTER_MS + 1), 0) == Turn(0)
