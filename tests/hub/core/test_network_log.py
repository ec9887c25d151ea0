"""Traps and syslog in the log: for the logs' room and the device's, and of an agent's own devices alone."""

from collections.abc import Callable

import pytest
from noctule_hub.core.commit import AgentCursor
from noctule_hub.core.intake import MAX_AHEAD_MS, take_event, take_frame
from noctule_hub.core.projection import project
from noctule_hub.core.rooms import Audience
from noctule_hub.core.world import Draft
from noctule_shared.events import SEVERITY_NAMES, EventName
from noctule_shared.frames import EventsBody, decode_frame, encode_frame
from noctule_shared.observations import LogSource, NetworkLogged

NOW_MS = 1_795_000_000_000
Drafted = Callable[[int], Draft]


def logged(device_id: int | None = 1, *, severity: int = 3, ts_ms: int = NOW_MS) -> NetworkLogged:
    return NetworkLogged(device_id, LogSource.SYSLOG, "127.0.0.1", severity, "local3", "bgpd: peer is gone", ts_ms)


def test_message_reaches_the_logs_and_its_device_and_nothing_else_changes(drafted: Drafted) -> None:
    draft = drafted(0)
    assert take_event(draft, 1, logged())
    (event,) = draft.events
    assert (event.name, event.rooms) == (EventName.NETWORK_LOG, ("logs", "device:1"))
    assert (event.device_id, event.site_id, event.observed_ms, event.late) == (1, 1, NOW_MS, False)
    assert event.data == {
        "timestamp": "2026-11-18T11:06:40.000Z",
        "deviceId": 1,
        "deviceName": "core1",
        "address": "127.0.0.1",
        "severity": 3,
        "severityName": "error",
        "facility": "local3",
        "source": "syslog",
        "message": "bgpd: peer is gone",
    }
    commit = draft.commit()
    assert (commit.states, commit.alerts) == ([], [])


def test_staff_sees_all_of_it_and_nobody_else_anything(drafted: Drafted) -> None:
    draft = drafted(0)
    take_event(draft, 1, logged())
    data = draft.events[0].data
    assert project(EventName.NETWORK_LOG, data, Audience.STAFF) == data
    assert project(EventName.NETWORK_LOG, data, Audience.CUSTOMER) is None


@pytest.mark.parametrize("severity", range(8))
def test_severity_is_told_in_the_words_of_syslog(drafted: Drafted, severity: int) -> None:
    draft = drafted(0)
    take_event(draft, 1, logged(severity=severity))
    assert draft.events[0].data["severityName"] == SEVERITY_NAMES[severity]


def test_message_of_no_device_reaches_the_logs_alone(drafted: Drafted) -> None:
    draft = drafted(0)
    assert take_event(draft, 1, logged(None))
    (event,) = draft.events
    assert event.rooms == ("logs",)
    assert "deviceId" not in event.data


@pytest.mark.parametrize("device_id", [4, 99])
def test_message_of_a_device_that_is_not_the_agents_is_left_out_and_counted(drafted: Drafted, device_id: int) -> None:
    draft = drafted(0)
    frame = decode_frame(encode_frame(EventsBody([logged(device_id), logged(2)])))
    take_frame(draft, AgentCursor(1, "00000000000000aa", 5), b"raw", frame)
    assert [event.device_id for event in draft.events] == [2]
    assert [gap.samples for gap in draft.gaps] == [1]


def test_message_that_comes_late_is_marked_and_one_from_the_future_left_out(drafted: Drafted) -> None:
    draft = drafted(0)
    assert take_event(draft, 1, logged(ts_ms=NOW_MS - 3_600_000))
    assert draft.events[0].late
    assert not take_event(draft, 1, logged(ts_ms=NOW_MS + MAX_AHEAD_MS + 1))
