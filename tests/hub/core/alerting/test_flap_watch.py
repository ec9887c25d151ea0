"""What flaps has one alert instead of many, and only what an object was seen to do itself counts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alerting.conditions import About
from noctule_hub.core.alerting.flap_watch import observe_device_flap, observe_flap_rules
from noctule_hub.core.alerting.rules import SEEDED, Rule
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.inventory import observe_interface, observe_inventory
from noctule_hub.core.judgement import observe_axis, observe_configuration
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.presence import observe_link, observe_time
from noctule_hub.core.records import Axes, DeviceState
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis, IfStatus
from noctule_shared.events import DeviceStatus, EventName
from noctule_shared.observations import AxisChanged, InterfaceChanged, Inventory, InventoryInterface

NOW_MS = 1_795_000_000_000
UP, DOWN = IfStatus.UP, IfStatus.DOWN
Drafted = Callable[[int], Draft]
Configure = Callable[..., None]


def told(draft: Draft) -> list[tuple[str, str, str]]:
    return [
        (event.name.value, event.data["rule"], event.data["state"])
        for event in draft.events
        if event.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    ]


def rung(*drafts: Draft) -> list[str]:
    return [row[1] for draft in drafts for row in told(draft) if row[0] == "alert:new"]


def come(drafted: Drafted) -> None:
    observe_link(draft := drafted(0), 1, connected=True, reason="agent 0.1.0", backlog=0)
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "none", "up", "first round", NOW_MS))
    row = InventoryInterface(1, "ge-0/0/1", "ge-0/0/1", "", "to core2", 6, 10**9, UP, UP, 64, polled=True)
    observe_inventory(draft, 1, Inventory(1, 7, NOW_MS, None, [row]))


def turned(draft: Draft, *, up: bool, late_ms: int = 0, history: bool = False) -> None:
    old, new = ("down", "up") if up else ("up", "down")
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, old, new, "seen", draft.now_ms - late_ms), history=history)


def port_turned(draft: Draft, *, up: bool, history: bool = False) -> None:
    old, new = (DOWN, UP) if up else (UP, DOWN)
    event = InterfaceChanged(1, 1, 7, UP, new, UP, old, draft.now_ms, "poll")
    observe_interface(draft, 1, event, history=history)


def flap(drafted: Drafted, times: int, *, every_ms: int = 5_000, port: bool = False, **how: Any) -> list[Draft]:
    """Return the drafts of so many changes, the first down."""
    drafts = []
    for turn in range(1, times + 1):
        drafts.append(drafted(turn * every_ms))
        (port_turned if port else turned)(drafts[-1], up=turn % 2 == 0, **how)
    return drafts


def tick(drafted: Drafted, after_ms: int) -> Draft:
    observe_time(draft := drafted(after_ms))
    return draft


def open_rules(world: World) -> list[str]:
    return sorted(alert.rule for _, alert in world.alerts.items())


class TestDevices:
    def test_one_alert_stands_for_all_falls_of_a_device_that_flaps(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        assert rung(*flap(drafted, 20)) == ["device-offline"] * 3 + ["device-flapping"]
        world.settle()
        flapping = world.alerts.get("device-flapping:device:1")
        assert flapping is not None
        assert (flapping.title, flapping.reason) == (
            "core1 is flapping",
            "6 changes in 25 s: score 34, flapping above 30",
        )
        assert flapping.evidence is not None
        assert (flapping.evidence.score, flapping.evidence.threshold, flapping.evidence.clear) == (34.4, 30, 25)

    def test_what_is_held_back_says_why(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        flap(drafted, 7)
        offline = world.alerts.get("device-offline:device:1")
        assert offline is not None
        assert (offline.state, offline.inhibited_by) == ("firing", "is flapping (score 34)")

    def test_a_device_that_ends_down_rings_once_when_it_flaps_no_more(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        flap(drafted, 7)
        ended = [tick(drafted, after_ms) for after_ms in range(36_000, 1_800_000, 9_000)]
        assert rung(*ended) == ["device-offline"]
        assert open_rules(world) == ["device-offline"]
        assert world.flaps.get((About.DEVICE, 1)) is None

    def test_a_device_that_ends_up_rings_no_more(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        flap(drafted, 8)
        ended = [row for after_ms in range(41_000, 1_800_000, 9_000) for row in told(tick(drafted, after_ms))]
        assert ended[-1] == ("alert:update", "device-flapping", "resolved")
        assert {row[0] for row in ended} == {"alert:update"}
        assert open_rules(world) == []

    @pytest.mark.parametrize("rule", [{"enabled": False}, {"selector": Selector(names=("edge*",))}])
    def test_without_a_rule_about_it_nothing_is_held_back(
        self, drafted: Drafted, configure: Configure, rule: dict[str, Any]
    ) -> None:
        configure(rules=[replace(row, **rule) if row.name == "device-flapping" else row for row in SEEDED])
        come(drafted)
        assert rung(*flap(drafted, 12)) == ["device-offline"] * 6

    def test_what_was_held_back_rings_when_the_rule_is_disabled(self, drafted: Drafted, configure: Configure) -> None:
        come(drafted)
        flap(drafted, 7)
        draft = drafted(60_000)
        configure(rules=[replace(row, enabled=row.name != "device-flapping") for row in SEEDED])
        observe_configuration(draft)
        observe_flap_rules(draft)
        assert rung(draft) == ["device-offline"]

    def test_a_rule_that_comes_finds_what_flaps_since_it_does(
        self, drafted: Drafted, world: World, configure: Configure
    ) -> None:
        configure(rules=SEEDED[:1])
        come(drafted)
        flap(drafted, 9)
        configure(rules=SEEDED)
        draft = drafted(50_000)
        observe_configuration(draft)
        observe_flap_rules(draft)
        assert rung(draft) == ["device-flapping"]
        found = world.alerts.get("device-flapping:device:1")
        assert found is not None
        assert found.started_ms == NOW_MS + 30_000
        offline = world.alerts.get("device-offline:device:1")
        assert offline is not None
        assert offline.inhibited_by is not None

    @pytest.mark.parametrize("how", [{"history": True}, {"late_ms": 61_000}])
    def test_what_comes_late_does_not_count(self, drafted: Drafted, world: World, how: dict[str, Any]) -> None:
        come(drafted)
        flap(drafted, 12, every_ms=70_000, **how)
        assert world.flaps.get((About.DEVICE, 1)) is None

    def test_a_silent_agent_makes_nothing_flap_and_nothing_steady(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        for turn in range(8):
            observe_link(drafted(200_000 * turn + 1_000), 1, connected=False, reason="link lost")
            tick(drafted, 200_000 * turn + 32_000)
            observe_link(drafted(200_000 * turn + 40_000), 1, connected=True, reason="agent")
        assert world.flaps.get((About.DEVICE, 1)) is None
        for turn in range(7):
            turned(drafted(2_000_000 + turn), up=turn % 2 == 1)
        observe_link(drafted(2_001_000), 1, connected=False, reason="link lost")
        for after_ms in range(2_032_000, 6_000_000, 100_000):
            assert "resolved" not in [row[2] for row in told(tick(drafted, after_ms))]
        observe_link(drafted(6_001_000), 1, connected=True, reason="agent")
        assert ("alert:update", "device-flapping", "resolved") in told(tick(drafted, 6_002_000))

    def test_nothing_flaps_under_maintenance(self, drafted: Drafted, world: World, configure: Configure) -> None:
        come(drafted)
        once = Once(NOW_MS + 1_000, NOW_MS + 900_000)
        configure(windows=[MaintenanceWindow(1, "power", "", Covers(device_ids=(1,)), once, created_ms=0)])
        tick(drafted, 2_000)
        flap(drafted, 12)
        flap(drafted, 12, port=True)
        assert list(world.flaps.items()) == []

    def test_the_fall_of_its_parent_is_not_its_own(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        device = world.devices[1]

        def state(status: DeviceStatus, after_ms: int) -> DeviceState:
            return DeviceState(1, Axes(), status, "behind core9", NOW_MS + after_ms)

        for turn in range(0, 120_000, 10_000):
            up, down = state(DeviceStatus.ONLINE, turn), state(DeviceStatus.OFFLINE, turn + 1_000)
            behind = state(DeviceStatus.UNREACHABLE, turn + 2_000)
            for old, new in ((up, down), (down, behind), (behind, up)):
                observe_device_flap(drafted(turn + 2_000), device, old, new)
        flaps = world.flaps.get((About.DEVICE, 1))
        assert flaps is not None
        assert (flaps.results, flaps.since_ms) == (0, None)
        tick(drafted, 120_000)
        assert world.flaps.get((About.DEVICE, 1)) is None


class TestInterfaces:
    def test_one_alert_stands_for_all_falls_of_a_port(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        assert rung(*flap(drafted, 12, port=True)) == ["interface-flapping"]
        flapping = world.alerts.get("interface-flapping:interface:1")
        assert flapping is not None
        assert (flapping.title, flapping.reason) == (
            "core1 ge-0/0/1 (to core2) is flapping",
            "6 changes in 25 s: score 57, flapping above 35",
        )

    def test_a_port_that_ends_down_rings_once_after_some_minutes(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        flap(drafted, 9, port=True)
        times = [after_ms for after_ms in range(50_000, 1_300_000, 1_000) if rung(tick(drafted, after_ms))]
        assert len(times) == 1
        assert 300_000 < times[0] - 45_000 <= 425_000
        assert open_rules(world) == ["interface-down"]
        assert list(world.flaps.items()) == []

    def test_a_port_that_is_gone_flaps_no_more(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        flap(drafted, 9, port=True)
        observe_inventory(draft := drafted(60_000), 1, Inventory(1, 8, NOW_MS + 60_000, None, []))
        assert ("alert:update", "interface-flapping", "resolved") in told(draft)
        assert open_rules(world) == []
        assert list(world.flaps.items()) == []

    def test_a_backlog_makes_no_port_flap(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        flap(drafted, 12, port=True, history=True)
        assert list(world.flaps.items()) == []

    def test_who_disables_a_port_does_not_make_it_flap(self, drafted: Drafted, world: World) -> None:
        come(drafted)
        for turn in range(12):
            status = DOWN if turn % 2 == 0 else UP
            other = UP if status is DOWN else DOWN
            event = InterfaceChanged(1, 1, 7, status, status, other, other, NOW_MS + turn * 1_000, "poll")
            observe_interface(drafted(turn * 1_000), 1, event)
        assert list(world.flaps.items()) == []

    def test_a_rule_with_a_for_holds_nothing_back_until_it_fires(self, drafted: Drafted, configure: Configure) -> None:
        def patient(row: Rule) -> Rule:
            return replace(row, for_ms=60_000) if row.name == "interface-flapping" else row

        configure(rules=[patient(row) for row in SEEDED])
        come(drafted)
        flap(drafted, 7, port=True)
        assert rung(*(tick(drafted, after_ms) for after_ms in (46_000, 91_000))) == [
            "interface-down",
            "interface-flapping",
        ]


def test_a_draft_that_is_dropped_leaves_no_score(drafted: Drafted, world: World) -> None:
    come(drafted)
    draft = drafted(1_000)
    port_turned(draft, up=False)
    world.drop()
    assert list(world.flaps.items()) == []
    port_turned(drafted(1_000), up=False)
    kept = world.flaps.get((About.INTERFACE, 1))
    assert kept is not None
    assert kept.score == 2


def test_a_score_is_committed_with_what_raised_it_and_its_end_too(drafted: Drafted) -> None:
    come(drafted)
    draft = drafted(1_000)
    port_turned(draft, up=False)
    assert [row.key for row in draft.commit().flaps] == [(About.INTERFACE, 1)]
    assert tick(drafted, 600_000).commit().forgotten_flaps == [(About.INTERFACE, 1)]
