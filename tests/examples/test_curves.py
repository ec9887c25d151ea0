from itertools import pairwise
from random import Random

import pytest
from demo.simulator.curves import DAY_S, Curve, Wave, day_curve
from hypothesis import given
from hypothesis import strategies as st


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  it draws traffic, not secrets


@given(seed=st.integers(0, 10_000), start_s=st.floats(0, 100_000), length_s=st.floats(0.01, 600))
def test_counter_of_a_day_curve_never_falls(seed: int, start_s: float, length_s: float) -> None:
    curve = day_curve(1e9, seeded(seed))
    assert curve.octets(start_s + length_s) >= curve.octets(start_s)


def test_octets_are_the_integral_of_the_rate() -> None:
    curve = day_curve(8e6, seeded(1))
    step_s = 0.001
    summed = sum(curve.rate_bps(12 + n * step_s) / 8 * step_s for n in range(5000))
    assert curve.octets(17) - curve.octets(12) == pytest.approx(summed, rel=1e-3)


def test_day_curve_moves_visibly_within_a_minute() -> None:
    curve = day_curve(100e6, seeded(3))
    minutes = [[curve.rate_bps(start_s + s) for s in range(60)] for start_s in range(0, int(DAY_S), 60)]
    assert all(max(minute) - min(minute) > 0.1 * curve.mean_bps for minute in minutes)


def test_whole_days_carry_the_mean_rate() -> None:
    curve = day_curve(80e6, seeded(5), noise_ratio=0)
    days = [curve.octets(n * DAY_S) for n in range(4)]
    assert [later - earlier for earlier, later in pairwise(days)] == pytest.approx([10e6 * DAY_S] * 3)


def test_curve_that_would_run_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 1"):
        Curve(1e6, (Wave(0.7, 10, 0), Wave(0.4, 20, 0)))
