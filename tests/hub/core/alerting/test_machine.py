"""The condition of an alert: pending, firing, resolved, by a table and a rule's `for`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.machine import (
    TRANSITIONS,
    Finding,
    IllegalTransitionError,
    Signal,
    Subject,
    judge,
    ripen,
    withdraw,
)
from noctule_hub.core.alerting.rules import SEEDED, Rule
from noctule_hub.core.records import Alert
from noctule_shared.events import AlertState, EventName

DEVICE_OFFLINE, INTERFACE_DOWN = SEEDED[0], SEEDED[3]
SUBJECT = Subject("device:7", "core7 is offline", device_id=7, site_id=1)
PORT = Subject("interface:3", "core7 ge-0/0/1 is down", device_id=7, interface_id=3, site_id=1)


def finding(rule: Rule, subject: Subject, *, holds: bool | None, at_ms: int = 1_000) -> Finding:
    return Finding(type(rule.condition), subject, holds, "because", at_ms)


def opened(rule: Rule = DEVICE_OFFLINE, subject: Subject = SUBJECT, at_ms: int = 1_000) -> Alert:
    change = judge(rule, None, finding(rule, subject, holds=True, at_ms=at_ms), new_id=5, now_ms=at_ms)
    assert change is not None
    return change.alert


def test_rule_without_for_fires_at_once_and_is_told() -> None:
    change = judge(DEVICE_OFFLINE, None, finding(DEVICE_OFFLINE, SUBJECT, holds=True), new_id=5, now_ms=1_200)
    assert change is not None
    assert (change.alert.state, change.event) == (AlertState.FIRING, EventName.ALERT_NEW)
    assert (change.alert.id, change.alert.started_ms, change.alert.fired_ms) == (5, 1_000, 1_200)


def test_rule_with_for_is_pending_first_and_tells_nobody() -> None:
    change = judge(INTERFACE_DOWN, None, finding(INTERFACE_DOWN, PORT, holds=True), new_id=5, now_ms=1_000)
    assert change is not None
    assert (change.alert.state, change.event) == (AlertState.PENDING, None)


def test_pending_alert_fires_exactly_when_its_for_has_elapsed() -> None:
    alert = opened(INTERFACE_DOWN, PORT)
    assert ripen(INTERFACE_DOWN, alert, now_ms=1_000 + INTERFACE_DOWN.for_ms - 1) is None
    change = ripen(INTERFACE_DOWN, alert, now_ms=1_000 + INTERFACE_DOWN.for_ms)
    assert change is not None
    assert (change.alert.state, change.event) == (AlertState.FIRING, EventName.ALERT_NEW)


def test_pending_alert_that_clears_is_forgotten_without_a_word() -> None:
    change = judge(
        INTERFACE_DOWN, opened(INTERFACE_DOWN, PORT), finding(INTERFACE_DOWN, PORT, holds=False), new_id=6, now_ms=2_000
    )
    assert change is not None
    assert (change.alert.state, change.event) == (AlertState.INACTIVE, None)


def test_firing_alert_that_clears_resolves_and_is_told() -> None:
    change = judge(
        DEVICE_OFFLINE, opened(), finding(DEVICE_OFFLINE, SUBJECT, holds=False, at_ms=9_000), new_id=6, now_ms=9_500
    )
    assert change is not None
    assert (change.alert.state, change.event) == (AlertState.RESOLVED, EventName.ALERT_UPDATE)
    assert change.alert.resolved_ms == 9_000


@pytest.mark.parametrize("holds", [True, None])
def test_firing_alert_stays_while_the_condition_holds_or_nobody_knows(*, holds: bool | None) -> None:
    assert (
        judge(DEVICE_OFFLINE, opened(), finding(DEVICE_OFFLINE, SUBJECT, holds=holds), new_id=6, now_ms=9_000) is None
    )


def test_condition_that_never_held_changes_nothing() -> None:
    assert judge(DEVICE_OFFLINE, None, finding(DEVICE_OFFLINE, SUBJECT, holds=False), new_id=6, now_ms=9_000) is None


def test_resolved_alert_takes_no_signal() -> None:
    resolved = withdraw(opened(), reason="removed", now_ms=2_000).alert
    with pytest.raises(IllegalTransitionError):
        withdraw(resolved, reason="again", now_ms=3_000)


def test_table_has_a_row_for_every_signal_of_every_open_state() -> None:
    states = {AlertState.INACTIVE, AlertState.PENDING, AlertState.FIRING}
    assert set(TRANSITIONS) == {(state, signal) for state in states for signal in Signal}


@given(steps=st.lists(st.tuples(st.integers(0, 30_000), st.sampled_from([True, False, None])), max_size=30))
def test_every_resolved_alert_was_told_when_it_fired(steps: list[tuple[int, bool | None]]) -> None:
    now_ms, alert, told = 0, None, False
    for pause_ms, holds in steps:
        now_ms += pause_ms
        change = judge(
            INTERFACE_DOWN, alert, finding(INTERFACE_DOWN, PORT, holds=holds, at_ms=now_ms), new_id=1, now_ms=now_ms
        )
        if change is None:
            continue
        if change.event is EventName.ALERT_NEW:
            assert change.alert.started_ms + INTERFACE_DOWN.for_ms <= now_ms
            told = True
        if change.event is EventName.ALERT_UPDATE:
            assert told
        ended = change.alert.state in {AlertState.RESOLVED, AlertState.INACTIVE}
        alert, told = (None, False) if ended else (change.alert, told)
