"""Devices that started again: told in the log, alerted for a while where a rule wants it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.intake import take_event
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.presence import observe_link, observe_time
from noctule_hub.core.world import Draft, World
from noctule_shared.events import EventName
from noctule_shared.observations import Rebooted

NOW_MS = 1_795_000_000_000
HOLD_MS = 900_000
Drafted = Callable[[int], Draft]
Configure = Callable[..., None]


def seen(draft: Draft, *, ticks: int = 4_200, after_ms: int = 0, history: bool = False, device_id: int = 1) -> bool:
    return take_event(draft, 1, Rebooted(device_id, NOW_MS + after_ms, ticks), history=history)


def told(draft: Draft) -> list[tuple[str, str]]:
    return [
        (row.name.value, row.data.get("state") or row.data["change"])
        for row in draft.events
        if row.name in {EventName.NETWORK_LOG, EventName.ALERT_NEW, EventName.ALERT_UPDATE}
        and row.data.get("rule", "rebooted") == "rebooted"
    ]


@pytest.fixture
def _enabled(configure: Configure, drafted: Drafted) -> None:
    observe_link(drafted(0), 1, connected=True, reason="agent")
    configure(rules=[replace(row, enabled=True) for row in SEEDED])


def tick(drafted: Drafted, after_ms: int) -> Draft:
    observe_time(draft := drafted(after_ms))
    return draft


def test_a_reboot_is_in_the_log_without_any_rule(drafted: Drafted) -> None:
    draft = drafted(1_000)
    assert seen(draft)
    (event,) = draft.events
    assert event.name is EventName.NETWORK_LOG
    assert (event.data["source"], event.data["change"], event.data["severity"]) == ("inventory", "rebooted", 4)
    assert event.data["message"] == "started again: sysUpTime is 42 s (4200 ticks)"
    assert "device:1" in event.rooms


@pytest.mark.usefixtures("_enabled")
def test_it_fires_at_once_and_is_over_after_its_hold(drafted: Drafted, world: World) -> None:
    seen(draft := drafted(1_000))
    assert told(draft) == [("network:log", "rebooted"), ("alert:new", "firing")]
    assert told(tick(drafted, HOLD_MS - 1)) == []
    over = tick(drafted, HOLD_MS)
    assert told(over) == [("alert:update", "resolved")]
    (alert,) = over.ended_alerts
    assert (alert.title, alert.started_ms) == ("core1 started again", NOW_MS)
    assert alert.reason == "started again: sysUpTime is 42 s (4200 ticks); 15 min ago"
    assert world.alerts.get(alert.key) is None


@pytest.mark.usefixtures("_enabled")
def test_another_reboot_holds_it_anew_and_rings_no_second_time(drafted: Drafted, world: World) -> None:
    seen(drafted(0))
    seen(draft := drafted(600_000), after_ms=600_000, ticks=900)
    assert told(draft)[1:] == [("alert:update", "firing")]
    alert = world.alerts.get("rebooted:device:1")
    assert alert is not None
    assert alert.evidence is not None
    assert [(row.ts_ms - NOW_MS, row.value) for row in alert.evidence.samples] == [(0, 42), (600_000, 9)]
    assert told(tick(drafted, HOLD_MS)) == []
    assert told(tick(drafted, 600_000 + HOLD_MS)) == [("alert:update", "resolved")]


@pytest.mark.usefixtures("_enabled")
@pytest.mark.parametrize(("now_ms", "history"), [(1_000, True), (60_001, False)])
def test_what_comes_late_is_in_the_log_alone(drafted: Drafted, now_ms: int, *, history: bool) -> None:
    seen(draft := drafted(now_ms), history=history)
    assert told(draft) == [("network:log", "rebooted")]


def test_under_maintenance_it_alarms_nobody(drafted: Drafted, configure: Configure) -> None:
    once = Once(NOW_MS, NOW_MS + 60_000)
    window = MaintenanceWindow(1, "power", "", Covers(device_ids=(1,)), once, created_ms=0)
    configure(rules=[replace(row, enabled=True) for row in SEEDED], windows=[window])
    seen(draft := drafted(1_000))
    assert told(draft) == [("network:log", "rebooted")]


def test_a_reboot_of_another_agents_device_is_left_out(drafted: Drafted) -> None:
    assert not seen(draft := drafted(1_000), device_id=4)
    assert draft.events == []
