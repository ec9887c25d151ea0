"""Availability: spans without hole or overlap, and what counts as up, down and known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.availability import BEFORE_HISTORY, StatusChange, availability, spans
from noctule_shared.events import DeviceStatus

S = DeviceStatus


def change(at_ms: int, status: DeviceStatus, reason: str = "") -> StatusChange:
    return StatusChange(at_ms, status, reason or status.value)


def test_statuses_follow_each_other_from_the_one_before_the_range_on() -> None:
    found = spans([change(5, S.ONLINE), change(20, S.OFFLINE), change(40, S.ONLINE)], from_ms=10, to_ms=50)
    assert [(span.from_ms, span.to_ms, span.status) for span in found] == [
        (10, 20, S.ONLINE),
        (20, 40, S.OFFLINE),
        (40, 50, S.ONLINE),
    ]


def test_time_before_the_first_change_is_unknown() -> None:
    found = spans([change(20, S.ONLINE)], from_ms=10, to_ms=30)
    assert (found[0].status, found[0].reason, found[0].to_ms) == (S.UNKNOWN, BEFORE_HISTORY, 20)
    assert [span.status for span in spans([], from_ms=10, to_ms=30)] == [S.UNKNOWN]
    assert spans([], from_ms=10, to_ms=10) == []


def test_equal_statuses_are_one_span_with_its_first_reason() -> None:
    found = spans([change(0, S.OFFLINE, "first"), change(5, S.OFFLINE, "again")], from_ms=0, to_ms=9)
    assert [(span.from_ms, span.to_ms, span.reason) for span in found] == [(0, 9, "first")]


def test_changes_of_one_moment_end_with_the_last() -> None:
    found = spans([change(0, S.ONLINE), change(5, S.OFFLINE), change(5, S.ONLINE)], from_ms=0, to_ms=9)
    assert [(span.from_ms, span.to_ms, span.status) for span in found] == [(0, 9, S.ONLINE)]


@pytest.mark.parametrize(
    ("statuses", "ratio"),
    [
        ((S.ONLINE, S.ONLINE, S.ONLINE, S.OFFLINE), 0.75),
        ((S.DEGRADED, S.UNREACHABLE), 0.5),
        ((S.ONLINE, S.MAINTENANCE, S.UNKNOWN), 1.0),
        ((S.OFFLINE, S.MAINTENANCE), 0.0),
        ((S.UNKNOWN, S.MAINTENANCE), None),
    ],
)
def test_ratio_is_of_the_time_that_is_known_and_not_under_maintenance(
    statuses: tuple[DeviceStatus, ...], ratio: float | None
) -> None:
    changes = [change(at * 1000, status) for at, status in enumerate(statuses)]
    found = availability(spans(changes, from_ms=0, to_ms=len(statuses) * 1000))
    assert found.ratio == ratio


def test_offline_and_unreachable_one_after_the_other_are_one_outage() -> None:
    changes = [change(0, S.ONLINE), change(10, S.OFFLINE, "no answer"), change(20, S.UNREACHABLE), change(30, S.ONLINE)]
    found = availability(spans([*changes, change(40, S.OFFLINE)], from_ms=0, to_ms=50))
    assert [(span.from_ms, span.to_ms, span.reason) for span in found.outages] == [
        (10, 30, "no answer"),
        (40, 50, "offline"),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from(DeviceStatus)), max_size=30),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_spans_cover_the_range_once_whatever_the_changes(
    rows: list[tuple[int, DeviceStatus]], first: int, last: int
) -> None:
    changes = [change(at, status) for at, status in sorted(rows, key=lambda row: row[0])]
    found = spans(changes, from_ms=first, to_ms=last)
    edges = [first, *(span.to_ms for span in found)]
    assert [span.from_ms for span in found] == edges[:-1]
    if first < last:
        assert edges[-1] == last
    assert sum(availability(found).seconds.values()) == pytest.approx(max(0, last - first) / 1000)
