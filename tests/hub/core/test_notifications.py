"""Decisions about notifications: when again, what together, in which words."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.channels import Channel, ChannelFields, Webhook, wants
from noctule_hub.core.notifications import (
    FIRST_RETRY_MS,
    GIVE_UP_MS,
    MAX_MESSAGES,
    MAX_RETRY_MS,
    WINDOW_MS,
    DeliveryKind,
    Turn,
    inert,
    retry_after_ms,
    route,
    turn,
)
from noctule_hub.core.records import EventRow
from noctule_shared.events import AlertEvent, AlertState, EventName, Severity

ALERT = AlertEvent(
    timestamp="2026-11-26T08:00:00.000Z",
    id=1,
    rule="device-offline",
    title="offline",
    severity=Severity.WARNING,
    state=AlertState.FIRING,
    device_id=5,
    device_name="core1",
    site_id=2,
    started_at="2026-11-26T08:00:00.000Z",
    reason="no answer",
)


def channel(*, since_seq: int = 0, **changes: object) -> Channel:
    values: dict[str, object] = {
        "name": "noc",
        "enabled": True,
        "severity": Severity.WARNING,
        "site_ids": (),
        "tags": (),
        "target": Webhook("https://a.example", signed=True),
    }
    return Channel(1, ChannelFields(**(values | changes)), since_seq, 0, 1)  # type: ignore[arg-type]


def row(seq: int = 1, name: EventName = EventName.ALERT_NEW, *, late: bool = False, **changes: object) -> EventRow:
    data = msgspec.to_builtins(msgspec.structs.replace(ALERT, **changes))
    return EventRow(seq, name, data, ("alerts",), 0, 0, 5, 2, late)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"severity": Severity.INFO}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"site_ids": (2,)}, True),
        ({"site_ids": (3,)}, False),
        ({"site_ids": (3,), "tags": ("core",)}, True),
        ({"tags": ("edge",)}, False),
    ],
)
def test_a_channel_wants_its_severities_at_its_sites_or_tags(changes: dict[str, Any], *, expected: bool) -> None:
    assert wants(channel(**changes).fields, ALERT, ("core",)) is expected


def test_only_new_alerts_that_alarm_and_ends_are_routed_unless_late() -> None:
    rows = [
        row(1),
        row(2, late=True),
        row(3, test=True),
        row(4, EventName.ALERT_UPDATE),
        row(5, EventName.ALERT_UPDATE, state=AlertState.RESOLVED),
        row(8, inhibited_by="customer suspended"),
        EventRow(6, EventName.ALERT_NEW, {"id": "odd"}, (), 0, 0, None, None, late=False),
        EventRow(7, EventName.DEVICE_STATUS, {}, (), 0, 0, None, None, late=False),
    ]
    found = [(one.seq, one.kind) for one in route(rows, [channel()], lambda _: ())]
    assert found == [(1, DeliveryKind.NEW), (5, DeliveryKind.RESOLVED)]
    assert route(rows, [channel(since_seq=5)], lambda _: ()) == []


@given(st.integers(1, 10_000), st.integers(0, GIVE_UP_MS - 1), st.floats(0, 1))
def test_a_retry_comes_after_10_s_to_10_min(attempts: int, age_ms: int, jitter: float) -> None:
    wait_ms = retry_after_ms(attempts, age_ms, jitter)
    assert wait_ms is not None
    assert FIRST_RETRY_MS <= wait_ms <= MAX_RETRY_MS


def test_retries_back_off_and_end_after_a_day() -> None:
    assert [retry_after_ms(number, 0, 0.0) for number in (1, 2, 3, 6, 7, 50)] == [
        10_000,
        20_000,
        40_000,
        300_000,
        300_000,
        300_000,
    ]
    assert retry_after_ms(1, GIVE_UP_MS, 0.0) is None


def test_the_last_message_of_a_minute_takes_all_that_waits() -> None:
    sent = list(range(MAX_MESSAGES - 1))
    assert turn(50, [], 0) == Turn(0)
    assert turn(1, sent, 10) == Turn(0)
    assert turn(2, sent, 10) == Turn(0, bundle=True)
    assert turn(2, [*sent, 9], 10) == Turn(WINDOW_MS - 10)
    assert turn(2, sent, WINDOW_MS + 100) == Turn(0)


def test_a_clock_that_is_set_back_stops_no_channel() -> None:
    assert turn(2, [WINDOW_MS * 100] * MAX_MESSAGES, 0) == Turn(0)


@given(st.text(max_size=600))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = inert(text)
    assert len(line) <= 500
    assert len(line.splitlines()) <= 1
    line.encode()
    assert not set(line) & set("\x00\x1b\r\n\u202e\u2066\u200b\x85")
