"""What a component of the status page was over days, and what of it counts as a disturbance."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.availability import StatusChange
from noctule_hub.core.component_history import (
    LETTERS,
    ComponentHistory,
    Disturbance,
    component_history,
    component_spans,
    last_days,
)
from noctule_shared.events import ComponentState, DeviceStatus

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DAYS = last_days(date(2026, 11, 26), 4)
MIDNIGHTS = [(day, number * DAY_MS) for number, day in enumerate(DAYS)]
NOW_MS = 3 * DAY_MS + 12 * HOUR_MS
STATES = {state.value: state for state in ComponentState}


def changes(*told: tuple[int, str]) -> list[StatusChange]:
    return [StatusChange(at_ms, DeviceStatus(status), "") for at_ms, status in told]


def history(*of_devices: list[StatusChange]) -> ComponentHistory:
    return component_history(component_spans(of_devices, from_ms=0, to_ms=NOW_MS), MIDNIGHTS)


def letters(found: ComponentHistory) -> str:
    return "".join(LETTERS[day.state] for day in found.days)


def test_days_are_by_the_calendar() -> None:
    assert [day.isoformat() for day in DAYS] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]


@pytest.mark.parametrize(
    ("of_devices", "expected"),
    [
        ([], "????"),
        ([[]], "????"),
        ([[(-9, "online")]], "++++"),
        # Known from the second day on: nothing is made up of the first.
        ([[(DAY_MS, "online")]], "?+++"),
        # A device that came yesterday makes nothing of the days before unknown.
        ([[(0, "online")], [(2 * DAY_MS, "online")]], "++++"),
        # The worst is seen however short it was; the next day it is over.
        ([[(0, "online"), (DAY_MS + 5, "offline"), (DAY_MS + 6, "online")]], "+x++"),
        ([[(0, "online")], [(0, "online"), (DAY_MS, "offline"), (DAY_MS + 1, "online")]], "+d++"),
        # What is no disturbance shows by how long it lasted.
        ([[(0, "online"), (DAY_MS, "maintenance"), (DAY_MS + 2 * HOUR_MS, "online")]], "++++"),
        ([[(0, "online"), (DAY_MS, "maintenance"), (2 * DAY_MS, "online")]], "+m++"),
        ([[(0, "online"), (DAY_MS, "unknown")]], "+???"),
        # From the evening over two midnights.
        ([[(0, "online"), (DAY_MS - HOUR_MS, "offline"), (2 * DAY_MS + HOUR_MS, "online")]], "xxx+"),
    ],
)
def test_a_day_shows_what_its_devices_made_it(of_devices: list[list[tuple[int, str]]], expected: str) -> None:
    assert letters(history(*(changes(*told) for told in of_devices))) == expected


def test_a_ratio_counts_degraded_as_up_and_leaves_out_what_nobody_knows() -> None:
    one = changes((0, "online"), (DAY_MS, "degraded"), (2 * DAY_MS, "offline"), (3 * DAY_MS, "maintenance"))
    found = history(one)
    assert found.ratio == pytest.approx(2 / 3)
    assert [(day.outage_ms, day.degraded_ms) for day in found.days] == [(0, 0), (0, DAY_MS), (DAY_MS, 0), (0, 0)]
    assert history(changes((0, "unknown"))).ratio is None


def test_a_moment_of_working_does_not_part_a_disturbance_and_a_blip_is_none() -> None:
    found = history(
        changes(
            (0, "online"),
            (HOUR_MS, "degraded"),
            (HOUR_MS + 10 * MINUTE_MS, "online"),
            (HOUR_MS + 12 * MINUTE_MS, "offline"),
            (HOUR_MS + 20 * MINUTE_MS, "online"),
            (2 * HOUR_MS, "offline"),
            (2 * HOUR_MS + MINUTE_MS - 1, "online"),
            (5 * HOUR_MS, "offline"),
            (5 * HOUR_MS + MINUTE_MS, "online"),
            (NOW_MS - 1, "degraded"),
        )
    )
    assert found.disturbances == (
        Disturbance(NOW_MS - 1, None, STATES["degraded"]),
        Disturbance(5 * HOUR_MS, 5 * HOUR_MS + MINUTE_MS, STATES["outage"]),
        Disturbance(HOUR_MS, HOUR_MS + 20 * MINUTE_MS, STATES["outage"]),
    )


steps = st.lists(
    st.tuples(st.integers(-DAY_MS, NOW_MS + DAY_MS), st.sampled_from([status.value for status in DeviceStatus])),
    max_size=8,
)


@given(st.lists(steps, max_size=4))
def test_spans_have_no_hole_and_days_hold_all_of_them(of_devices: list[list[tuple[int, str]]]) -> None:
    found = component_spans((changes(*sorted(told)) for told in of_devices), from_ms=0, to_ms=NOW_MS)
    assert (found[0].from_ms, found[-1].to_ms) == (0, NOW_MS)
    assert all(a.to_ms == b.from_ms and a.state is not b.state for a, b in pairwise(found))
    out_ms = sum(span.to_ms - span.from_ms for span in found if span.state is ComponentState.OUTAGE)
    whole = component_history(found, MIDNIGHTS)
    assert sum(day.outage_ms for day in whole.days) == out_ms
    assert whole.ratio is None or 0 <= whole.ratio <= 1
