"""Token buckets let through what they promise, in order, and never make an idle one wait."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.budget import TokenBucket


def test_burst_goes_at_once_and_what_follows_at_the_rate() -> None:
    bucket = TokenBucket(rate_per_s=10, burst_s=0.3)
    assert [bucket.take(5.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])


def test_pause_fills_the_bucket_again_and_no_more_than_that() -> None:
    bucket = TokenBucket(rate_per_s=10, burst_s=0.3)
    for _ in range(3):
        bucket.take(0.0)
    assert [bucket.take(100.0) for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])


def test_less_than_one_request_a_second_still_goes_at_once() -> None:
    bucket = TokenBucket(rate_per_s=0.5, burst_s=1.0)
    assert [bucket.take(0.0), bucket.take(0.0)] == [0, 2.0]


@given(
    rate_per_s=st.floats(0.1, 10_000),
    burst_s=st.floats(0, 5),
    pauses_s=st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_no_window_lets_through_more_than_burst_and_rate(
    rate_per_s: float, burst_s: float, pauses_s: list[float]
) -> None:
    bucket = TokenBucket(rate_per_s, burst_s)
    arrivals_s = list(itertools.accumulate(pauses_s))
    sent_s = [now_s + bucket.take(now_s) for now_s in arrivals_s]
    assert sent_s == sorted(sent_s)
    burst = max(1.0, rate_per_s * burst_s)
    for first, last in itertools.combinations(range(len(sent_s)), 2):
        allowed = burst + rate_per_s * (sent_s[last] - sent_s[first])
        assert last - first + 1 <= allowed + 1e-3


@given(st.floats(0.1, 10_000), st.integers(1, 60))
def test_requests_within_the_rate_never_wait(rate_per_s: float, count: int) -> None:
    bucket = TokenBucket(rate_per_s, burst_s=0.0)
    assert [bucket.take(number / rate_per_s * 1.001) for number in range(count)] == [0.0] * count
