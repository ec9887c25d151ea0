"""How much is asked at once and how long it is waited for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.sizing import INTERVAL_SHARE, TIMEOUT_FLOOR_S, RequestSize, chunks, timeouts_s


def test_timeouts_of_a_minutes_interval_are_unscaled() -> None:
    assert timeouts_s(60) == (1.5, 3.0, 5.0)


def test_timeouts_shrink_to_fit_their_share_of_the_interval() -> None:
    found = timeouts_s(10)
    assert sum(found) == pytest.approx(4.0)
    assert found[0] < found[1] < found[2]


@given(st.floats(0.1, 3600))
def test_timeouts_fit_the_interval_or_are_a_single_floor(interval_s: float) -> None:
    found = timeouts_s(interval_s)
    assert all(timeout >= TIMEOUT_FLOOR_S for timeout in found)
    assert list(found) == sorted(found)
    assert sum(found) <= INTERVAL_SHARE * interval_s + 1e-6 or found == (TIMEOUT_FLOOR_S,)


def test_sizes_halve_when_a_device_does_not_cope_and_never_reach_nothing() -> None:
    size = RequestSize()
    for _ in range(10):
        size = size.after_get_failed().after_walk_failed()
    assert (size.varbinds, size.repetitions) == (2, 1)


def test_repetitions_grow_while_walks_are_complete_up_to_fifty() -> None:
    size = RequestSize()
    for _ in range(10):
        size = size.after_walk_complete()
    assert size.repetitions == 50


@given(st.lists(st.lists(st.integers().map(str), max_size=60), max_size=30), st.integers(2, 50))
def test_every_name_is_asked_once_in_order_and_no_request_is_too_large(groups: list[list[str]], most: int) -> None:
    requests = chunks(groups, most)
    assert [name for request in requests for name in request] == [name for group in groups for name in group]
    assert all(0 < len(request) <= most - 1 for request in requests)


def test_columns_of_one_interface_stay_in_one_request() -> None:
    assert chunks([["a1", "a2", "a3"], ["b1", "b2", "b3"]], 6) == [["a1", "a2", "a3"], ["b1", "b2", "b3"]]
