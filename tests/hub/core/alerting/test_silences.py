"""Silences: which alerts they are about, and when they hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.selectors import Selector, Target
from noctule_hub.core.alerting.silences import Matchers, Silence, quiet_at
from noctule_hub.core.records import Alert
from noctule_shared.events import AlertState, Severity

TARGET = Target("core1", 7, 3, ("core",))


def alert(severity: Severity = Severity.WARNING) -> Alert:
    return Alert(1, "k", "interface-down", "t", severity, AlertState.FIRING, "r", 0, 0, None, 7, None, None, 3)


def silence(silence_id: int = 1, *, starts_ms: int = 0, ends_ms: int = 100, **matchers: Any) -> Silence:
    return Silence(silence_id, Matchers(**matchers), "why", starts_ms, ends_ms, "ada", 0)


@pytest.mark.parametrize(
    ("matchers", "matches"),
    [
        ({"rules": ("interface-down", "other")}, True),
        ({"rules": ("device-offline",)}, False),
        ({"severity": Severity.INFO}, True),
        ({"severity": Severity.WARNING}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"selector": Selector(tags=("core",))}, True),
        ({"selector": Selector(names=("edge*",))}, False),
        ({"rules": ("interface-down",), "severity": Severity.CRITICAL}, False),
        ({"rules": ("interface-down",), "selector": Selector(site_ids=(3,))}, True),
    ],
)
def test_a_silence_is_about_what_all_its_matchers_fit(matchers: dict[str, Any], *, matches: bool) -> None:
    assert silence(**matchers).matches(alert(), TARGET) is matches


def test_of_several_silences_the_oldest_is_named() -> None:
    quiet = quiet_at([silence(3), silence(2, severity=Severity.CRITICAL), silence(4)], 50)
    found = quiet.of(alert(), TARGET)
    assert found is not None
    assert (found.id, found.comment) == (3, "why")


times = st.integers(0, 20)


@given(spans=st.lists(st.tuples(times, times), max_size=5), at_ms=times, later_ms=times)
def test_what_is_quiet_stays_so_until_the_next_boundary_and_no_longer(
    spans: list[tuple[int, int]], at_ms: int, later_ms: int
) -> None:
    silences = [silence(number, starts_ms=begin, ends_ms=end) for number, (begin, end) in enumerate(spans, 1)]
    quiet = quiet_at(silences, at_ms)
    assert quiet.holds_at(at_ms)
    assert {one.id for one in quiet.silences} == {one.id for one in silences if one.holds_at(at_ms)}
    if quiet.holds_at(later_ms):
        assert quiet_at(silences, later_ms).silences == quiet.silences
