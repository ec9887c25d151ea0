"""Scores of what changes often: when it flaps, when it does not any more, and when it is at rest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.conditions import About
from noctule_hub.core.alerting.flapping import (
    CHECK_MS,
    HALF_LIFE_MS,
    PENALTY_CAP,
    PENALTY_END,
    PENALTY_START,
    RESULTS,
    SHARE_END,
    SHARE_START,
    WEIGHTS,
    FlapKey,
    Flaps,
    changed,
    limits,
    score_at,
    share,
    steadied,
    taken_back,
)

PORT: FlapKey = (About.INTERFACE, 7)
ROUTER: FlapKey = (About.DEVICE, 3)
KEYS = st.sampled_from([PORT, ROUTER])
STEPS = st.lists(st.integers(0, 900_000), min_size=1, max_size=60)


def after(key: FlapKey, *gaps_ms: int) -> Flaps:
    """Return what so many changes, each so long after the one before, lead to."""
    flaps: Flaps | None = None
    at_ms = 0
    for gap_ms in gaps_ms:
        at_ms += gap_ms
        flaps = changed(flaps, key, at_ms)
    assert flaps is not None
    return flaps


def test_a_penalty_begins_at_2_and_doubles_up_to_its_cap() -> None:
    assert [after(PORT, *[0] * n).score for n in range(1, 10)] == [2, 4, 8, 16, 32, 64, 128, 256, PENALTY_CAP]


@pytest.mark.parametrize(("changes", "flapping"), [(1, False), (5, False), (6, True)])
@pytest.mark.parametrize("key", [PORT, ROUTER])
def test_the_sixth_quick_change_is_flapping(key: FlapKey, changes: int, *, flapping: bool) -> None:
    assert (after(key, *[1_000] * changes).since_ms is not None) is flapping


@pytest.mark.parametrize(("after_ms", "score"), [(0, 64), (HALF_LIFE_MS, 8), (2 * HALF_LIFE_MS, 64**0.25)])
def test_a_penaltys_logarithm_halves_every_five_minutes(after_ms: int, score: float) -> None:
    assert score_at(after(PORT, *[0] * 6), after_ms) == pytest.approx(score)


@pytest.mark.parametrize(("gap_s", "flaps"), [(90, True), (97, False)])
def test_a_port_that_changes_every_94_s_flaps_in_the_end(gap_s: int, *, flaps: bool) -> None:
    assert (after(PORT, *[gap_s * 1000] * 200).since_ms is not None) is flaps


@pytest.mark.parametrize(("gap_s", "goes_on"), [(120, True), (130, False)])
def test_a_port_that_flaps_does_so_until_changes_are_two_minutes_apart(gap_s: int, *, goes_on: bool) -> None:
    flaps: Flaps | None = after(PORT, *[0] * 8)
    for turn in range(1, 50):
        assert flaps is not None
        flaps = changed(steadied(flaps, turn * gap_s * 1000), PORT, turn * gap_s * 1000)
    assert flaps is not None
    assert (flaps.since_ms is not None) is goes_on


def test_weights_run_from_0_8_to_1_2_and_all_changes_make_100() -> None:
    assert [WEIGHTS[0], WEIGHTS[-1]] == pytest.approx([1.2, 0.8])
    assert share((1 << RESULTS) - 1) == pytest.approx(100)


@pytest.mark.parametrize(
    ("gap_s", "flaps"),
    [
        # An outage of a minute and a half every three minutes, and one every six.
        (90, True),
        (180, False),
    ],
)
def test_a_device_that_falls_every_three_minutes_flaps(gap_s: int, *, flaps: bool) -> None:
    assert (after(ROUTER, *[gap_s * 1000] * 40).since_ms is not None) is flaps


def test_the_rounds_of_a_slow_device_are_its_results() -> None:
    slow = 300_000
    flaps: Flaps | None = None
    for turn in range(8):
        flaps = changed(flaps, ROUTER, turn * slow, check_ms=slow)
    assert flaps is not None
    assert flaps.since_ms is not None


def test_a_device_does_not_flap_any_more_after_15_results_without_a_change() -> None:
    flaps = after(ROUTER, *[0] * 6)
    assert flaps.due_ms == 15 * CHECK_MS
    still, over = steadied(flaps, flaps.due_ms - 1), steadied(flaps, flaps.due_ms)
    assert still is not None
    assert over is not None
    assert (still.since_ms, over.since_ms) == (0, None)


def test_a_change_that_was_not_its_own_is_taken_back() -> None:
    flaps = after(ROUTER, *[1_000] * 6)
    back = taken_back(flaps)
    assert (back.results, back.since_ms, back.changes) == (0b111110, None, 5)
    earlier = after(ROUTER, *[1_000] * 7)
    assert taken_back(earlier).since_ms == flaps.since_ms


def test_a_change_that_is_told_late_never_turns_time_back() -> None:
    flaps = changed(after(PORT, 10_000, 10_000), PORT, 5_000)
    assert flaps.at_ms == 20_000
    assert flaps.score == pytest.approx(2 * score_at(after(PORT, 10_000, 10_000), 20_000))


@given(KEYS, STEPS, st.integers(0, 5_000_000))
def test_a_score_stays_in_its_bounds_and_only_falls_without_changes(key: FlapKey, gaps: list[int], on_ms: int) -> None:
    flaps = after(key, *gaps)
    highest = 100 if key[0] is About.DEVICE else PENALTY_CAP
    assert 0 < flaps.score <= highest + 1e-9
    later = score_at(flaps, flaps.at_ms + on_ms)
    assert later <= flaps.score + 1e-9
    assert score_at(flaps, flaps.at_ms + on_ms + 60_000) <= later + 1e-9


@given(KEYS, STEPS)
def test_at_its_due_time_something_ends_and_not_before(key: FlapKey, gaps: list[int]) -> None:
    flaps: Flaps | None = after(key, *gaps)
    for _ in range(2):
        if flaps is None:
            return
        if flaps.due_ms - 10 > flaps.at_ms:
            assert steadied(flaps, flaps.due_ms - 10) == flaps
        ended = steadied(flaps, flaps.due_ms)
        assert ended != flaps
        flaps = ended
    assert flaps is None


@given(KEYS, STEPS)
def test_it_begins_above_the_one_limit_and_ends_below_the_other(key: FlapKey, gaps: list[int]) -> None:
    start, end = limits(key[0])
    flaps: Flaps | None = None
    at_ms = 0
    for gap in gaps:
        at_ms += gap
        before = None if flaps is None else steadied(flaps, at_ms)
        if before is not None and flaps is not None and (before.since_ms is None) is not (flaps.since_ms is None):
            assert score_at(flaps, at_ms) < end
        flaps = changed(before, key, at_ms)
        if flaps.since_ms == at_ms and (before is None or before.since_ms is None):
            assert flaps.score > start
        elif flaps.since_ms is None:
            assert flaps.score <= start


@given(KEYS, STEPS, st.integers(0, 2_000_000))
def test_everything_is_at_rest_half_an_hour_later(key: FlapKey, gaps: list[int], early_ms: int) -> None:
    flaps = after(key, *gaps)
    looked = steadied(flaps, flaps.at_ms + early_ms)
    if looked is not None:
        assert steadied(looked, flaps.at_ms + 1_800_000) is None


def test_the_limits_lie_apart() -> None:
    assert PENALTY_END < PENALTY_START
    assert SHARE_END < SHARE_START
    assert replace(after(PORT, 0), score=PENALTY_START).since_ms is None
