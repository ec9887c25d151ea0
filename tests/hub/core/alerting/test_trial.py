"""A rule over what was: by tables, and against the state machine itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.conditions import ConditionKind, DeviceDegraded, DeviceOffline, DeviceUnreachable
from noctule_hub.core.alerting.machine import Finding, Subject, judge, ripen
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.trial import (
    HOLDS,
    OVER,
    UNKNOWN,
    Occasion,
    Tally,
    Track,
    occasions,
    of_events,
    of_statuses,
    tally,
    track_of,
)
from noctule_hub.core.availability import StatusSpan
from noctule_hub.core.records import Alert, EventRow
from noctule_shared.events import AlertState, DeviceStatus, EventName, Severity

END_MS = 1_000


@pytest.mark.parametrize(
    ("signs", "for_ms", "expected"),
    [
        ([], 0, []),
        ([(10, OVER)], 0, []),
        ([(10, HOLDS), (20, OVER)], 0, [Occasion(10, 10, 20)]),
        ([(10, HOLDS), (20, HOLDS), (30, OVER)], 0, [Occasion(10, 10, 30)]),
        ([(10, HOLDS), (20, OVER)], 10, [Occasion(10, 20, 20)]),
        ([(10, HOLDS), (20, OVER)], 11, []),
        ([(10, HOLDS), (15, UNKNOWN), (20, OVER)], 10, [Occasion(10, 20, 20)]),
        ([(10, UNKNOWN), (15, HOLDS), (20, UNKNOWN)], 10, [Occasion(15, 25, None)]),
        ([(10, HOLDS), (20, OVER), (30, HOLDS)], 5, [Occasion(10, 15, 20), Occasion(30, 35, None)]),
        ([(END_MS - 5, HOLDS)], 10, []),
    ],
)
def test_an_alert_fires_when_its_condition_held_for_long_enough(
    signs: list[tuple[int, int]], for_ms: int, expected: list[Occasion]
) -> None:
    assert occasions(track_of(signs), for_ms=for_ms, until_ms=END_MS) == expected


@given(
    st.lists(st.tuples(st.integers(1, END_MS - 1), st.sampled_from([HOLDS, OVER, UNKNOWN])), unique_by=lambda m: m[0]),
    st.integers(0, 300),
)
def test_it_fires_and_resolves_as_the_state_machine_does(moments: list[tuple[int, int]], for_ms: int) -> None:
    rule = Rule(1, "r", DeviceOffline(), Severity.WARNING, for_ms)
    signs = dict(moments)
    alert: Alert | None = None
    found: list[Occasion] = []
    for now_ms in range(1, END_MS + 1):
        if alert is not None and (ripe := ripen(rule, alert, now_ms=now_ms)) is not None:
            alert = ripe.alert
            found.append(Occasion(alert.started_ms, now_ms, None))
        if now_ms not in signs:
            continue
        holds = {HOLDS: True, OVER: False, UNKNOWN: None}[signs[now_ms]]
        finding = Finding(DeviceOffline, Subject("device:1", ""), holds, "", now_ms)
        if (alert is None and not holds) or (change := judge(rule, alert, finding, new_id=1, now_ms=now_ms)) is None:
            continue
        if change.alert.state is AlertState.FIRING:
            found.append(Occasion(change.alert.started_ms, now_ms, None))
        elif change.alert.state is AlertState.RESOLVED:
            found[-1] = Occasion(found[-1].started_ms, found[-1].fired_ms, now_ms)
        alert = change.alert if change.alert.is_open else None
    assert occasions(track_of(moments), for_ms=for_ms, until_ms=END_MS) == found


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (DeviceOffline, [OVER, HOLDS, UNKNOWN, UNKNOWN, UNKNOWN, OVER]),
        (DeviceUnreachable, [OVER, OVER, HOLDS, UNKNOWN, UNKNOWN, OVER]),
        (DeviceDegraded, [OVER, OVER, OVER, UNKNOWN, UNKNOWN, HOLDS]),
    ],
)
def test_statuses_say_of_each_condition_whether_it_holds(kind: ConditionKind, expected: list[int]) -> None:
    statuses = (
        DeviceStatus.ONLINE,
        DeviceStatus.OFFLINE,
        DeviceStatus.UNREACHABLE,
        DeviceStatus.UNKNOWN,
        DeviceStatus.MAINTENANCE,
        DeviceStatus.DEGRADED,
    )
    history = [StatusSpan(at, at + 1, status, "") for at, status in enumerate(statuses)]
    assert of_statuses(kind, history).signs.tolist() == expected


def _event(name: EventName, at_ms: int, **data: object) -> EventRow:
    return EventRow(at_ms, name, data, (), at_ms, at_ms, None, None, late=False)


def test_a_port_that_never_was_up_has_not_fallen() -> None:
    tracks = of_events(
        [
            _event(
                EventName.INTERFACE_STATUS, at_ms, interfaceId=7, ifAdminStatus=admin, ifOperStatus=now, previous=was
            )
            for at_ms, admin, was, now in [
                (1, "up", "up", "down"),
                (2, "down", "down", "down"),
                (3, "up", "down", "lowerLayerDown"),
                (4, "up", "down", "up"),
            ]
        ]
    )
    assert tracks[7].signs.tolist() == [HOLDS, OVER, UNKNOWN, OVER]


def test_an_agent_is_silent_until_it_says_something() -> None:
    events = [
        _event(EventName.AGENT_STATUS, at_ms, agentId=3, status=status)
        for at_ms, status in [(1, "connected"), (2, "silent"), (3, "connected")]
    ]
    assert of_events(events)[3].signs.tolist() == [OVER, HOLDS, OVER]


def test_a_tally_counts_from_when_it_fired() -> None:
    found = [Occasion(0, 10, 1_010), Occasion(2_000, 2_010, None)]
    assert tally(found, until_ms=5_010) == Tally(times=2, seconds=4.0, longest_s=3.0, last_ms=2_010)
    assert tally([], until_ms=1) is None


def test_of_two_signs_at_one_time_the_last_counts() -> None:
    track = track_of([(5, HOLDS), (5, OVER), (1, HOLDS)])
    assert isinstance(track, Track)
    assert (track.at_ms.tolist(), track.signs.tolist()) == ([1, 5], [HOLDS, OVER])
    assert track.signs.dtype == np.int8
