"""Windows of rounds: sums of packets over seconds, of four rounds at least, exact to five seconds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.loss_windows import LEAST_SLOTS, REACH_MS, SLOT_MS, LossWindows

START_MS = 1_795_000_000_000


def take(windows: LossWindows, ts_ms: int, sent: int, received: int, device_id: int = 1) -> None:
    one = np.array([device_id]), np.array([ts_ms])
    windows.take(*one, np.array([sent], np.uint16), np.array([received], np.uint16))


def sums(windows: LossWindows, ts_ms: int, window_s: int = 60, device_id: int = 1) -> tuple[int, int]:
    sent, received = windows.sums(np.array([device_id]), np.array([ts_ms]), window_s)
    return int(sent[0]), int(received[0])


@given(
    st.lists(
        st.tuples(st.sampled_from([5_000, 7_000, 10_000, 30_000]), st.integers(1, 9), st.integers(0, 9)),
        min_size=LEAST_SLOTS,
        max_size=40,
    )
)
def test_it_is_the_sum_over_the_last_seconds_and_four_rounds_at_least(rounds: list[tuple[int, int, int]]) -> None:
    windows, at_ms = LossWindows(60), START_MS
    taken: list[tuple[int, int, int]] = []
    for pause_ms, sent, lost in rounds:
        at_ms += pause_ms
        taken.append((at_ms, sent, max(0, sent - lost)))
        take(windows, *taken[-1])
    counted = [one for one in taken if at_ms - one[0] < 60_000]
    if len(counted) < LEAST_SLOTS:
        counted = taken[-LEAST_SLOTS:]
    assert sums(windows, at_ms) == (sum(sent for _, sent, _ in counted), sum(got for _, _, got in counted))


def test_rounds_each_second_fit_in_the_same_memory() -> None:
    windows = LossWindows(900)
    for second in range(2_000):
        take(windows, START_MS + second * 1_000, 3, 2)
    sent, received = sums(windows, START_MS + 1_999_000, 900)
    assert abs(sent - 2_700) <= 3 * SLOT_MS // 1_000
    assert received * 3 == sent * 2


def test_nothing_is_known_before_four_rounds() -> None:
    windows = LossWindows(60)
    for number in range(LEAST_SLOTS):
        assert sums(windows, START_MS + number * 10_000) == (0, 0)
        take(windows, START_MS + number * 10_000, 5, 4)
    assert sums(windows, START_MS + 30_000) == (20, 16)


def test_what_is_an_hour_old_is_in_no_window() -> None:
    windows = LossWindows(60)
    for number in range(LEAST_SLOTS):
        take(windows, START_MS + number * 10_000, 5, 4)
    later_ms = START_MS + REACH_MS + 30_000
    take(windows, later_ms, 5, 5)
    assert sums(windows, later_ms) == (0, 0)


def test_a_window_begins_anew_when_it_is_forgotten() -> None:
    windows = LossWindows(60)
    for number in range(6):
        take(windows, START_MS + number * 10_000, 5, 0)
    windows.forget(np.array([1]))
    windows.forget(np.array([], np.int64))
    for number in range(6, 6 + LEAST_SLOTS):
        assert sums(windows, START_MS + number * 10_000) == (0, 0)
        take(windows, START_MS + number * 10_000, 5, 5)
    assert sums(windows, START_MS + 90_000) == (20, 20)


@pytest.mark.parametrize("drops", [1, 3])
def test_a_round_that_is_decided_again_counts_once(drops: int) -> None:
    windows = LossWindows(60)
    for number in range(LEAST_SLOTS):
        for _ in range(drops):
            take(windows, START_MS + number * 10_000, 5, 4)
            windows.drop()
        take(windows, START_MS + number * 10_000, 5, 4)
        windows.settle()
    assert sums(windows, START_MS + 30_000) == (20, 16)
