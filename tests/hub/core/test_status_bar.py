"""The bar of a device's last hours: faults are never lost in a step, and unknown time is never drawn as healthy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.availability import StatusChange, StatusSpan, spans
from noctule_hub.core.status_bar import LETTERS, status_bar
from noctule_shared.events import DeviceStatus

ONLINE, DEGRADED, OFFLINE = DeviceStatus.ONLINE, DeviceStatus.DEGRADED, DeviceStatus.OFFLINE
UNREACHABLE, UNKNOWN, MAINTENANCE = DeviceStatus.UNREACHABLE, DeviceStatus.UNKNOWN, DeviceStatus.MAINTENANCE


def bar(*changes: tuple[int, DeviceStatus], to_ms: int = 400) -> str:
    history = spans([StatusChange(at, status, "") for at, status in changes], from_ms=0, to_ms=to_ms)
    return status_bar(history, from_ms=0, step_ms=100, steps=4)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((), "????"),
        (((-50, ONLINE),), "++++"),
        (((-50, ONLINE), (150, OFFLINE), (151, ONLINE)), "+x++"),
        (((0, ONLINE), (199, DEGRADED), (201, UNREACHABLE), (202, OFFLINE), (203, ONLINE)), "+dx+"),
        (((0, ONLINE), (100, UNKNOWN), (140, ONLINE)), "++++"),
        (((0, ONLINE), (100, UNKNOWN), (160, ONLINE)), "+?++"),
        (((0, MAINTENANCE), (160, ONLINE), (300, UNKNOWN)), "mm+?"),
    ],
)
def test_a_step_shows_the_worst_fault_else_what_lasted_longest(
    changes: tuple[tuple[int, DeviceStatus], ...], expected: str
) -> None:
    assert bar(*changes) == expected


def test_the_step_that_still_goes_on_is_judged_by_what_there_is_of_it() -> None:
    assert bar((0, ONLINE), (310, MAINTENANCE), to_ms=312) == "++++"
    assert bar((0, ONLINE), to_ms=300) == "+++?"


@given(
    st.lists(st.tuples(st.integers(-200, 500), st.sampled_from(list(DeviceStatus))), max_size=20),
    st.integers(1, 400),
)
def test_each_step_shows_a_status_that_was_in_it_and_every_fault_is_seen(
    changes: list[tuple[int, DeviceStatus]], to_ms: int
) -> None:
    ordered = sorted(changes, key=lambda change: change[0])
    history: list[StatusSpan] = spans([StatusChange(at, status, "") for at, status in ordered], from_ms=0, to_ms=to_ms)
    drawn = status_bar(history, from_ms=0, step_ms=100, steps=4)
    assert len(drawn) == 4
    for step, letter in enumerate(drawn):
        touching = {span.status for span in history if span.from_ms < step * 100 + 100 and span.to_ms > step * 100}
        assert letter in {LETTERS[status] for status in touching or {UNKNOWN}}
        if touching & {OFFLINE, UNREACHABLE, DEGRADED}:
            assert letter in "xud"
