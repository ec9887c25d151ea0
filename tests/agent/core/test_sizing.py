"""How much is asked at once and how long it is waited for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.sizing import (
    INTERVAL_SHARE,
    MAX_MODELS,
    MAX_REPETITIONS,
    MAX_VARBINDS,
    TIMEOUT_FLOOR_S,
    LearntSizes,
    RequestSize,
    chunks,
    halves,
    timeouts_s,
)


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
    assert (size.varbinds, size.repetitions) == (2, 0)


def test_repetitions_grow_while_walks_are_complete_up_to_fifty() -> None:
    size = RequestSize()
    for _ in range(10):
        size = size.after_walk_complete()
    assert size.repetitions == 50


def test_what_failed_is_not_tried_again_soon_and_later_each_time() -> None:
    size = RequestSize()
    waits = []
    for _ in range(2):
        while size.repetitions < 25:
            size = size.after_walk_complete()
        failed, size = size.repetitions, size.after_walk_failed(size.repetitions)
        assert size.repetitions <= failed // 2
        waits.append(0)
        while size.repetitions <= failed // 2:
            size = size.after_walk_complete()
            waits[-1] += 1
    assert waits[0] >= 50
    assert waits[1] >= 2 * waits[0]


def test_gets_shrink_to_half_of_what_failed_and_walks_keep_their_size() -> None:
    size = RequestSize().after_get_failed(12)
    assert (size.varbinds, size.repetitions) == (6, RequestSize().repetitions)


@given(st.lists(st.sampled_from(["get", "walk", "get failed", "walk failed"]), max_size=200))
def test_sizes_stay_within_their_limits_whatever_happens(events: list[str]) -> None:
    size = RequestSize()
    for event in events:
        match event:
            case "get":
                size = size.after_get_complete()
            case "walk":
                size = size.after_walk_complete()
            case "get failed":
                size = size.after_get_failed(size.varbinds)
            case _:
                size = size.after_walk_failed(size.repetitions)
        assert 2 <= size.varbinds <= MAX_VARBINDS
        assert 0 <= size.repetitions <= MAX_REPETITIONS


def test_device_begins_with_what_others_of_its_model_learnt_and_the_table_is_bounded() -> None:
    sizes = LearntSizes()
    small = RequestSize().after_walk_failed()
    sizes.learn("1.3.6.1.4.1.9.1.1", small)
    assert sizes.of("1.3.6.1.4.1.9.1.1") == small
    assert sizes.of("1.3.6.1.4.1.9.1.2") is None
    for number in range(MAX_MODELS):
        sizes.learn(f"1.3.6.1.4.1.9.2.{number}", RequestSize())
    assert sizes.of("1.3.6.1.4.1.9.1.1") is None


@given(st.lists(st.lists(st.integers().map(str), max_size=60), max_size=30), st.integers(2, 50))
def test_every_name_is_asked_once_in_order_and_no_request_is_too_large(groups: list[list[str]], most: int) -> None:
    requests = [[name for part in request for name in part] for request in chunks(groups, most)]
    assert [name for request in requests for name in request] == [name for group in groups for name in group]
    assert all(0 < len(request) <= most - 1 for request in requests)


def test_columns_of_one_interface_stay_in_one_request() -> None:
    first, second = ["a1", "a2", "a3"], ["b1", "b2", "b3"]
    assert chunks([first, second], 6) == [[first], [second]]
    assert chunks([first, second], 7) == [[first, second]]


def test_halves_part_interfaces_before_columns_and_end_at_a_single_name() -> None:
    assert halves([["a1", "a2"], ["b1"]]) == [[["a1", "a2"]], [["b1"]]]
    assert halves([["a1", "a2", "a3"]]) == [[["a1"]], [["a2", "a3"]]]
    assert halves([["a1"]]) == []
