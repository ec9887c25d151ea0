"""Time stamps of a series strictly increase."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.stamps import Stamps


@given(st.lists(st.integers(-(10**12), 10**12), min_size=2))
def test_stamps_strictly_increase_over_any_clock_steps(walls_ms: list[int]) -> None:
    stamps = Stamps()
    given_ms = [stamps.next_ms(wall_ms) for wall_ms in walls_ms]
    assert all(first < second for first, second in itertools.pairwise(given_ms))


def test_clock_that_goes_right_is_taken_as_it_is() -> None:
    stamps = Stamps()
    assert [stamps.next_ms(1000), stamps.next_ms(2000)] == [1000, 2000]
