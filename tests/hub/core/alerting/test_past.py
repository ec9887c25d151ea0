"""Outages that were over when the hub heard of them: alerts in history that ring nobody, where that is sound."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alerting import past
from noctule_hub.core.alerting.past import begin_backlog
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.commit import AgentCursor
from noctule_hub.core.inventory import judge_past
from noctule_hub.core.judgement import observe_axis
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis, CanaryLevel
from noctule_shared.events import EventName
from noctule_shared.observations import AxisChanged

NOW_MS = 1_795_000_000_000
BACK_MS = 3_600_000

Drafted = Callable[[int], Draft]
Configure = Callable[..., None]
# Axis, device, old, new, seconds after the begin of the backlog.
Row = tuple[Axis, int, str, str, int]
ICMP, SNMP, CANARY = Axis.ICMP, Axis.SNMP, Axis.CANARY
FELL: tuple[Row, ...] = ((ICMP, 1, "up", "down", 10), (ICMP, 1, "down", "up", 70))


def told(draft: Draft, rows: tuple[Row, ...]) -> list[tuple[str, int, int]]:
    """Tell a backlog to its end and return the alerts that it left in history: what, from when to when in seconds."""
    begin_backlog(draft, 1)
    for axis, device_id, old, new, at_s in rows:
        event = AxisChanged(device_id, axis, old, new, "seen", NOW_MS - BACK_MS + at_s * 1000)
        observe_axis(draft, 1, event, history=True)
    judge_past(draft, 1)
    begin_ms = NOW_MS - BACK_MS
    return [
        (alert.key, (alert.started_ms - begin_ms) // 1000, ((alert.resolved_ms or 0) - begin_ms) // 1000)
        for alert in draft.ended_alerts
    ]


@pytest.mark.parametrize(
    ("rows", "alerts"),
    [
        (FELL, [("device-offline:device:1", 10, 70)]),
        ((*FELL, (ICMP, 1, "up", "down", 80), (ICMP, 1, "down", "degraded", 90)), [(10, 70), (80, 90)]),
        # One end alone says nothing; what is down at the end is the present's.
        ((FELL[0],), []),
        ((FELL[1],), []),
        # What the agent saw without a way out of its own, it did not see.
        (((CANARY, 0, "ok", "lost", 5), *FELL, (CANARY, 0, "lost", "ok", 80)), []),
        ((FELL[0], (CANARY, 0, "lost", "ok", 40), FELL[1]), []),
        (((CANARY, 0, "lost", "ok", 5), *FELL), [(10, 70)]),
        # An axis that a device does not go by, and one of two.
        (((SNMP, 1, "up", "down", 10), (SNMP, 1, "down", "up", 70)), []),
        (((ICMP, 3, "up", "down", 10), (ICMP, 3, "down", "up", 70)), []),
        (
            ((ICMP, 3, "up", "down", 10), (SNMP, 3, "up", "down", 20), (ICMP, 3, "down", "up", 70)),
            [("device-offline:device:3", 20, 70)],
        ),
        # Of nobody's device.
        (((ICMP, 4, "up", "down", 10), (ICMP, 4, "down", "up", 70)), []),
    ],
)
def test_an_outage_is_history_where_both_ends_are_known_and_nothing_stood_in_the_way(
    drafted: Drafted, rows: tuple[Row, ...], alerts: list[Any]
) -> None:
    expected = [one if len(one) == 3 else ("device-offline:device:1", *one) for one in alerts]
    assert told(drafted(0), rows) == expected


def test_it_notifies_nobody_and_tells_how_it_was_found(drafted: Drafted, world: World) -> None:
    told(draft := drafted(0), FELL)
    alerts = [event for event in draft.events if event.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE}]
    assert [(event.name, event.late, event.data["state"]) for event in alerts] == [
        (EventName.ALERT_UPDATE, True, "resolved")
    ]
    assert [one.step.kind.value for one in draft.commit().steps] == ["fired", "resolved", "found-late"]
    assert [one.step.text for one in draft.steps][:2] == ["does not answer ICMP: seen", "answers: seen"]
    assert not list(world.alerts.items())
    assert world.next_alert_id == 2


def window(*, from_s: int, to_s: int) -> MaintenanceWindow:
    begin_ms = NOW_MS - BACK_MS
    schedule = Once(begin_ms + from_s * 1000, begin_ms + to_s * 1000)
    return MaintenanceWindow(1, "splice", "", Covers(device_ids=(1,)), schedule, 0)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"rules": [replace(SEEDED[0], for_ms=60_000)]}, 1),
        ({"rules": [replace(SEEDED[0], for_ms=60_001)]}, 0),
        ({"rules": [replace(SEEDED[0], enabled=False)]}, 0),
        ({"rules": [replace(SEEDED[0], selector=Selector(names=("edge*",)))]}, 0),
        ({"rules": [SEEDED[0], replace(SEEDED[0], id=9, name="another")]}, 2),
        ({"windows": [window(from_s=0, to_s=20)]}, 0),
        ({"windows": [window(from_s=60, to_s=99)]}, 0),
        ({"windows": [window(from_s=80, to_s=99)]}, 1),
    ],
)
def test_it_is_alerted_by_the_rules_and_maintenance_that_would_have(
    drafted: Drafted, configure: Configure, changes: dict[str, Any], count: int
) -> None:
    configure(**changes)
    assert len(told(drafted(0), FELL)) == count


def test_an_agent_that_was_blind_before_its_backlog_saw_nothing(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    world.canaries.set(1, CanaryLevel.LOST)
    assert told(draft, (*FELL, (CANARY, 0, "lost", "ok", 80))) == []


def test_what_was_alerted_before_the_backlog_has_no_second_alert(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    observe_axis(draft, 1, AxisChanged(1, ICMP, "up", "down", "seen", NOW_MS - BACK_MS))
    begin_backlog(draft, 1)
    # The hello's levels end it before the backlog is told.
    observe_axis(draft, 1, AxisChanged(1, ICMP, "down", "up", "resync", NOW_MS))
    assert [alert.state for alert in draft.ended_alerts] == ["resolved"]
    world.horizons.set(1, 9)
    world.cursors.set(1, AgentCursor(1, "00", 5))
    assert len(told(draft, FELL)) == 1
    assert world.backlogs.get(1) is not None


def test_behind_a_device_that_had_fallen_it_was_unreachable_and_not_offline(drafted: Drafted, world: World) -> None:
    world.devices[1] = replace(world.devices[1], parents=(2,))
    parent = ((SNMP, 2, "up", "down", 5), *FELL, (SNMP, 2, "down", "up", 80))
    assert [key for key, _, _ in told(drafted(0), parent)] == ["device-offline:device:2"]


def test_of_one_backlog_only_so_many_are_made_and_the_others_counted(
    drafted: Drafted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MAX_LATE", 2)
    rows = tuple(
        row for at_s in range(0, 50, 10) for row in ((ICMP, 1, "up", "down", at_s), (ICMP, 1, "down", "up", at_s + 5))
    )
    assert len(told(draft := drafted(0), rows)) == 2
    assert draft.events[-1].data["message"].startswith("3 outages of an agent's backlog have no alert")
