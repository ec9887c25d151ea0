"""Turns: evenly spread, without drift, and overlaps skipped."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.schedule import Turn, first_due_s, focus_pace_s, next_turn, phase_s


def test_phases_of_consecutive_ids_are_evenly_spread() -> None:
    phases = sorted(phase_s(device_id, 10) for device_id in range(1, 1001))
    gaps = [second - first for first, second in itertools.pairwise(phases)]
    assert max(gaps) < 3 * 10 / 1000


@given(st.integers(1, 10**9), st.floats(0.1, 3600), st.floats(0, 10**7))
def test_first_turn_lies_within_one_interval(device_id: int, interval_s: float, now_s: float) -> None:
    due_s = first_due_s(device_id, interval_s, now_s)
    assert now_s - 1e-3 <= due_s <= now_s + interval_s + 1e-3


def test_late_ends_do_not_shift_later_turns() -> None:
    due_s = 100.0
    for _ in range(1000):
        due_s = next_turn(due_s, 10, due_s + 9.9).due_s
    assert due_s == 100.0 + 10 * 1000


@pytest.mark.parametrize(
    ("ended_s", "turn"),
    [(105, Turn(110, 0)), (110, Turn(110, 0)), (110.1, Turn(120, 1)), (135, Turn(140, 3))],
)
def test_turns_that_passed_are_skipped_and_counted(ended_s: float, turn: Turn) -> None:
    assert next_turn(100, 10, ended_s) == turn


@pytest.mark.parametrize(
    ("interval_s", "took_s", "pace_s"),
    [
        (30, None, 1.0),
        (30, 0.0, 1.0),
        (30, 0.5, 1.0),
        (30, 0.51, 2.0),
        (30, 3.2, 7.0),
        (30, 40.0, 30),
        (0.2, 0.01, 0.2),
    ],
)
def test_device_in_focus_is_busy_with_us_half_of_the_time_at_most(
    interval_s: float, took_s: float | None, pace_s: float
) -> None:
    assert focus_pace_s(interval_s, took_s) == pace_s
