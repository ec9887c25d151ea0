"""The usual delay: the median of a day's means, known after 30 rounds, hard to move, never for good."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.usual import BIN_MS, BINS, LEAST_ROUNDS, DelayHistory, UsualDelays, usual_of

START_MS = BIN_MS * 1_000_000
HOUR_MS = 3_600_000


def take(usual: UsualDelays, ts_ms: int, rtt_s: float, device_id: int = 1) -> float:
    return float(usual.take(np.array([device_id]), np.array([ts_ms]), np.array([rtt_s], np.float32))[0])


def measure(usual: UsualDelays, from_ms: int, to_ms: int, rtt_s: float, *, every_ms: int = 60_000) -> None:
    for ts_ms in range(from_ms, to_ms, every_ms):
        take(usual, ts_ms, rtt_s)


@pytest.mark.parametrize("every_ms", [1_000, 10_000, 60_000, 300_000])
def test_it_is_known_after_thirty_rounds_however_far_apart(every_ms: int) -> None:
    usual = UsualDelays()
    for number in range(LEAST_ROUNDS):
        assert usual.of(1) is None
        take(usual, START_MS + number * every_ms, 0.012)
    assert usual.of(1) == pytest.approx(0.012)
    assert usual.of(2) is None


def test_rounds_without_a_reply_count_for_nothing() -> None:
    usual = UsualDelays()
    for number in range(LEAST_ROUNDS):
        take(usual, START_MS + number * 1_000, 0.012)
        take(usual, START_MS + number * 1_000 + 500, float("nan"))
    assert usual.of(1) == pytest.approx(0.012)


def test_what_a_new_device_is_like_at_first_stands_until_its_first_quarter_of_an_hour_is_over() -> None:
    usual = UsualDelays()
    measure(usual, START_MS, START_MS + LEAST_ROUNDS * 1_000, 0.010, every_ms=1_000)
    measure(usual, START_MS + LEAST_ROUNDS * 1_000, START_MS + 90_000, 0.100, every_ms=1_000)
    assert usual.of(1) == pytest.approx(0.010)


def test_eleven_hours_of_an_outage_do_not_move_it_and_thirteen_do() -> None:
    usual = UsualDelays()
    measure(usual, START_MS, START_MS + 24 * HOUR_MS, 0.012)
    measure(usual, START_MS + 24 * HOUR_MS, START_MS + 35 * HOUR_MS, 0.080)
    assert usual.of(1) == pytest.approx(0.012)
    measure(usual, START_MS + 35 * HOUR_MS, START_MS + 37 * HOUR_MS, 0.080)
    assert usual.of(1) == pytest.approx(0.080)


def test_what_a_device_was_like_more_than_a_day_ago_is_not_its_usual() -> None:
    usual = UsualDelays()
    measure(usual, START_MS, START_MS + 2 * HOUR_MS, 0.012)
    assert usual.of(1) == pytest.approx(0.012)
    later_ms = START_MS + 30 * HOUR_MS
    take(usual, later_ms, 0.080)
    assert usual.of(1) is None
    measure(usual, later_ms + 60_000, later_ms + 40 * 60_000, 0.080)
    assert usual.of(1) == pytest.approx(0.080)


def test_a_round_is_judged_by_what_was_usual_before_it() -> None:
    usual = UsualDelays()
    measure(usual, START_MS, START_MS + HOUR_MS, 0.012)
    assert take(usual, START_MS + HOUR_MS, 5.0) == pytest.approx(0.012)


def test_each_device_has_its_own() -> None:
    usual = UsualDelays()
    for number in range(LEAST_ROUNDS):
        ts_ms = np.full(2, START_MS + number * 10_000)
        usual.take(np.array([3, 8]), ts_ms, np.array([0.002, 0.6]))
    assert usual.of(3) == pytest.approx(0.002)
    assert usual.of(8) == pytest.approx(0.6)


def test_a_draft_that_is_dropped_is_not_counted() -> None:
    usual = UsualDelays()
    measure(usual, START_MS, START_MS + (LEAST_ROUNDS - 1) * 1_000, 0.012, every_ms=1_000)
    usual.settle()
    for _ in range(3):
        take(usual, START_MS + 60_000, 0.012)
        usual.drop()
    assert usual.of(1) is None
    take(usual, START_MS + 60_000, 0.012)
    assert usual.of(1) == pytest.approx(0.012)


def history(*rows: tuple[int, int, float, int]) -> DelayHistory:
    """Return rows of (device, bin, mean in s, rounds)."""
    devices, bins, means, rounds = (np.array(column) for column in zip(*rows, strict=True))
    return DelayHistory(devices.astype(np.int64), bins.astype(np.int64), means * rounds, rounds.astype(np.int64))


def test_a_started_hub_remembers_what_was_usual() -> None:
    before, after = UsualDelays(), UsualDelays()
    rows = []
    for number in range(40):
        at_ms = START_MS + number * BIN_MS
        measure(before, at_ms, at_ms + BIN_MS, 0.010 + number / 1000)
        rows.append((1, at_ms // BIN_MS, 0.010 + number / 1000, 15))
    after.learn(history(*rows))
    assert after.of(1) == pytest.approx(0.029, abs=0.001)
    next_ms = START_MS + 40 * BIN_MS
    assert take(after, next_ms, 0.5) == pytest.approx(take(before, next_ms, 0.5))
    # Bins that are measured go on from those that are remembered.
    measure(after, next_ms, next_ms + BINS * BIN_MS, 0.7)
    assert take(after, next_ms + BINS * BIN_MS, 0.7) == pytest.approx(0.7)


def test_what_is_remembered_joins_what_is_measured_already() -> None:
    usual = UsualDelays()
    now_ms = START_MS + 10 * BIN_MS + 60_000
    take(usual, now_ms, 0.030)
    bin_ = START_MS // BIN_MS
    usual.learn(
        history((1, bin_ + 8, 0.010, 90), (1, bin_ + 9, 0.020, 90), (1, bin_ + 10, 0.030, 6), (2, bin_, 1.0, 9))
    )
    assert usual.of(1) == pytest.approx(0.010)
    assert usual.of(2) is None
    take(usual, START_MS + 11 * BIN_MS, 0.030)
    assert usual.of(1) == pytest.approx(0.020)


def test_what_is_remembered_of_more_than_a_day_ago_counts_for_nothing() -> None:
    usual = UsualDelays()
    take(usual, START_MS + 200 * BIN_MS, 0.030)
    usual.learn(history((1, START_MS // BIN_MS, 0.010, 90)))
    assert usual.of(1) is None
    usual.learn(DelayHistory(*(np.empty(0, np.int64),) * 2, np.empty(0), np.empty(0, np.int64)))


@given(st.lists(st.floats(0.001, 3.0) | st.just(float("nan")), min_size=1, max_size=9))
def test_the_median_is_a_value_with_as_many_below_as_above(means: list[float]) -> None:
    found = float(usual_of(np.array([means]))[0])
    known = sorted(one for one in means if one == one)  # noqa: PLR0124  not NaN
    if not known:
        assert np.isnan(found)
    else:
        assert found == known[(len(known) - 1) // 2]
