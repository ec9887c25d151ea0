"""Which resolution a range and a width get."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.resolution import (
    DAY_MS,
    HOUR_MS,
    STEP_MS,
    Reach,
    Resolution,
    bucket_ms,
    most_raw,
    rollup_for,
)

NOW_MS = 1_795_000_000_000 // DAY_MS * DAY_MS
FULL = Reach(
    {
        Resolution.RAW: NOW_MS - 14 * DAY_MS,
        Resolution.FIVE_MINUTES: NOW_MS - 366 * DAY_MS,
        Resolution.HOUR: NOW_MS - 1827 * DAY_MS,
        Resolution.DAY: NOW_MS - 3000 * DAY_MS,
    }
)


@pytest.mark.parametrize(
    ("span_ms", "points", "expected"),
    [
        (HOUR_MS, 1000, Resolution.FIVE_MINUTES),
        (DAY_MS, 288, Resolution.FIVE_MINUTES),
        (DAY_MS, 287, Resolution.HOUR),
        (30 * DAY_MS, 800, Resolution.HOUR),
        (365 * DAY_MS, 800, Resolution.DAY),
        (365 * DAY_MS, 50, Resolution.DAY),
        (365 * DAY_MS, 5000, Resolution.DAY),
    ],
)
def test_finest_rollup_whose_rows_fit_the_width_is_taken(span_ms: int, points: int, expected: Resolution) -> None:
    assert rollup_for(span_ms, points, FULL, NOW_MS - span_ms) is expected


def test_resolution_that_is_no_longer_kept_for_the_range_is_passed_over() -> None:
    long_ago_ms = NOW_MS - 700 * DAY_MS
    assert rollup_for(DAY_MS, 1000, FULL, long_ago_ms) is Resolution.HOUR
    assert not FULL.covers(Resolution.RAW, NOW_MS - 15 * DAY_MS)
    assert FULL.covers(Resolution.RAW, NOW_MS - 14 * DAY_MS)


def test_range_that_begins_before_the_hub_is_no_reason_to_be_coarse() -> None:
    young = Reach(dict.fromkeys(Resolution, NOW_MS - 2 * DAY_MS))
    assert young.covers(Resolution.RAW, 0)
    assert Reach({}).covers(Resolution.RAW, 0)


@pytest.mark.parametrize(("most", "points"), [(200, 50), (2000, 500), (8000, 5000)])
def test_raw_rows_are_taken_while_they_are_few_times_the_width(most: int, points: int) -> None:
    assert most_raw(points) == most


@given(st.integers(1, 400 * DAY_MS), st.integers(50, 5000), st.integers(0, DAY_MS))
def test_buckets_that_a_range_touches_are_never_more_than_the_width(span_ms: int, points: int, start_ms: int) -> None:
    width_ms = bucket_ms(span_ms, points)
    assert width_ms > 0
    assert (start_ms + span_ms - 1) // width_ms - start_ms // width_ms + 1 <= points


def test_steps_are_multiples_of_the_finer_ones() -> None:
    steps = list(STEP_MS.values())
    assert all(coarse % fine == 0 for fine, coarse in itertools.pairwise(steps))
