from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.backoff import CAP_S, full_jitter_s


@given(st.integers(min_value=0, max_value=10_000), st.floats(min_value=0, max_value=1, exclude_max=True))
def test_the_pause_lies_between_zero_and_the_cap(attempt: int, draw: float) -> None:
    assert 0 <= full_jitter_s(attempt, lambda: draw) <= CAP_S


def test_the_ceiling_doubles_up_to_the_cap() -> None:
    ceilings = [full_jitter_s(attempt, lambda: 1.0) for attempt in range(9)]
    assert ceilings == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_jitter_is_full() -> None:
    assert full_jitter_s(5, lambda: 0.0) == 0
    assert full_jitter_s(5, lambda: 0.5) == 16
