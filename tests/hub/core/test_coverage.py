"""Maintenance as time passes: devices go under it and come back, alerts wait for its end."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.core.coverage import observe_maintenance
from noctule_hub.core.inventory import observe_interface, observe_inventory
from noctule_hub.core.judgement import observe_axis, observe_configuration
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.presence import observe_link, observe_revocation, observe_time
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis, IfStatus
from noctule_shared.events import AlertState, DeviceStatus, EventName
from noctule_shared.observations import AxisChanged, InterfaceChanged, Inventory, InventoryInterface

NOW_MS = 1_795_000_000_000
BEGIN_MS = 10_000
END_MS = 20_000
Drafted = Callable[[int], Draft]


def icmp(old: str, new: str, *, after_ms: int) -> AxisChanged:
    return AxisChanged(1, Axis.ICMP, old, new, "test", NOW_MS + after_ms)


WINDOW = MaintenanceWindow(
    1, "new power", "", Covers(device_ids=(1,)), Once(NOW_MS + BEGIN_MS, NOW_MS + END_MS), created_ms=0
)


@pytest.fixture(autouse=True)
def _window(configure: Callable[..., None]) -> None:
    configure(windows=[WINDOW])


def status(world: World) -> tuple[DeviceStatus, DeviceStatus | None]:
    state = world.states.get(1)
    assert state is not None
    return state.status, state.underlying


def told(draft: Draft) -> list[tuple[str, str | None]]:
    return [
        (event.data.get("status") or event.data["state"], event.data.get("underlying"))
        for event in draft.events
        if event.name is not EventName.INTERFACE_STATUS
    ]


def tick(drafted: Drafted, after_ms: int) -> Draft:
    draft = drafted(after_ms)
    observe_time(draft)
    return draft


def test_a_window_takes_a_device_and_gives_it_back(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    assert told(tick(drafted, BEGIN_MS - 1)) == []
    begins = tick(drafted, BEGIN_MS)
    assert told(begins) == [("maintenance", "online")]
    assert begins.events[0].data["reason"] == "maintenance new power: answers"
    assert told(tick(drafted, BEGIN_MS + 1_000)) == []
    assert status(world) == (DeviceStatus.MAINTENANCE, DeviceStatus.ONLINE)
    ends = tick(drafted, END_MS)
    assert told(ends) == [("online", None)]
    assert ends.events[0].data["reason"] == "answers: maintenance is over"
    assert told(tick(drafted, END_MS + 1_000)) == []


def test_between_boundaries_nothing_is_judged(drafted: Drafted, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tick(drafted, BEGIN_MS)
    monkeypatch.setattr(world, "devices", None)
    draft = drafted(BEGIN_MS + 1_000)
    observe_maintenance(draft)
    assert draft.events == []


def test_what_falls_under_maintenance_alarms_nobody_and_comes_back_unnoticed(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    tick(drafted, BEGIN_MS)
    observe_axis(falls := drafted(BEGIN_MS + 1_000), 1, icmp("up", "down", after_ms=BEGIN_MS + 1_000))
    assert told(falls) == [("maintenance", "offline")]
    observe_axis(rises := drafted(BEGIN_MS + 2_000), 1, icmp("down", "up", after_ms=BEGIN_MS + 2_000))
    assert told(rises) == [("maintenance", "online")]
    assert told(tick(drafted, END_MS)) == [("online", None)]
    assert not list(world.alerts.items())


def test_a_change_under_maintenance_has_its_own_time_and_the_maintenance_keeps_its_own(
    drafted: Drafted, world: World
) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    tick(drafted, BEGIN_MS)
    observe_axis(falls := drafted(BEGIN_MS + 1_000), 1, icmp("up", "down", after_ms=BEGIN_MS + 900))
    assert [event.observed_ms for event in falls.events] == [NOW_MS + BEGIN_MS + 900]
    state = world.states.get(1)
    assert state is not None
    assert state.since_ms == NOW_MS + BEGIN_MS


def test_a_device_that_is_down_when_the_window_ends_fires_then_and_once(drafted: Drafted) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    tick(drafted, BEGIN_MS)
    observe_axis(drafted(BEGIN_MS + 1_000), 1, icmp("up", "down", after_ms=BEGIN_MS + 1_000))
    assert told(tick(drafted, END_MS)) == [("offline", None), ("firing", None)]
    assert told(tick(drafted, END_MS + 1_000)) == []


def test_an_alert_that_fired_before_the_window_is_left_until_it_ends(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "down", after_ms=0))
    # It is told what keeps it quiet from now on.
    assert told(tick(drafted, BEGIN_MS)) == [("maintenance", "offline"), ("firing", None)]
    observe_axis(rises := drafted(BEGIN_MS + 1_000), 1, icmp("down", "up", after_ms=BEGIN_MS + 1_000))
    assert told(rises) == [("maintenance", "online")]
    world.settle()
    assert [alert.state for alert in world.alerts.settled_rows()] == [AlertState.FIRING]
    assert told(tick(drafted, END_MS)) == [("online", None), ("resolved", None)]


def test_what_is_unknown_is_told_before_the_maintenance(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    tick(drafted, BEGIN_MS)
    observe_revocation(drafted(BEGIN_MS + 1_000), 1)
    assert status(world) == (DeviceStatus.UNKNOWN, None)
    assert told(tick(drafted, END_MS)) == []


def test_a_commit_that_failed_is_judged_again(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    world.settle()
    observe_time(Draft(world, NOW_MS + BEGIN_MS))
    world.drop()
    assert told(tick(drafted, BEGIN_MS + 1)) == [("maintenance", "online")]


def test_a_window_that_is_removed_gives_its_devices_back_at_once(
    drafted: Drafted, configure: Callable[..., None]
) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    tick(drafted, BEGIN_MS)
    draft = drafted(BEGIN_MS + 1_000)
    configure()
    observe_configuration(draft)
    assert told(draft) == [("online", None)]


def test_of_two_windows_the_one_that_is_left_gives_the_reason(
    drafted: Drafted, world: World, configure: Callable[..., None]
) -> None:
    second = replace(WINDOW, id=2, name="new fibre", schedule=Once(NOW_MS, NOW_MS + 30_000))
    configure(windows=[WINDOW, second])
    observe_axis(drafted(BEGIN_MS), 1, icmp("none", "up", after_ms=BEGIN_MS))
    assert told(tick(drafted, END_MS)) == []
    state = world.states.get(1)
    assert state is not None
    assert state.reason == "maintenance new fibre: answers"


def port(status: IfStatus, *, previous: IfStatus, after_ms: int) -> InterfaceChanged:
    return InterfaceChanged(
        device_id=1,
        inventory_rev=1,
        if_index=1,
        if_admin_status=IfStatus.UP,
        if_oper_status=status,
        previous_admin_status=IfStatus.UP,
        previous_oper_status=previous,
        reason="test",
        ts_ms=NOW_MS + after_ms,
    )


def listed(drafted: Drafted) -> None:
    row = InventoryInterface(
        if_index=1,
        identity="eth1",
        if_name="eth1",
        if_descr="eth1",
        if_alias="",
        if_type=6,
        speed_bps=None,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        counter_bits=64,
        polled=True,
    )
    observe_inventory(drafted(0), 1, Inventory(1, 1, NOW_MS, None, [row]))


@pytest.mark.parametrize(("back", "expected"), [(False, ["interface-down"]), (True, [])])
def test_ports_are_judged_as_they_are_when_the_window_ends(
    drafted: Drafted, world: World, *, back: bool, expected: list[str]
) -> None:
    observe_link(drafted(0), 1, connected=True, reason="test")
    listed(drafted)
    tick(drafted, BEGIN_MS)
    observe_interface(drafted(11_000), 1, port(IfStatus.DOWN, previous=IfStatus.UP, after_ms=11_000))
    if back:
        observe_interface(drafted(12_000), 1, port(IfStatus.UP, previous=IfStatus.DOWN, after_ms=12_000))
    tick(drafted, END_MS - 1)
    assert not list(world.alerts.items())
    tick(drafted, END_MS)
    tick(drafted, END_MS + 15_000)
    assert [alert.rule for _, alert in world.alerts.items()] == expected


def test_what_was_pending_when_the_window_began_does_not_ripen_in_it(drafted: Drafted, world: World) -> None:
    observe_link(drafted(0), 1, connected=True, reason="test")
    listed(drafted)
    observe_interface(drafted(9_000), 1, port(IfStatus.DOWN, previous=IfStatus.UP, after_ms=9_000))
    tick(drafted, END_MS - 1)
    assert [alert.state for _, alert in world.alerts.items()] == [AlertState.PENDING]
    tick(drafted, END_MS)
    assert [alert.state for _, alert in world.alerts.items()] == [AlertState.FIRING]


def rang(draft: Draft) -> list[tuple[str, str | None]]:
    alerts = {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    return [(event.name.value, event.data.get("inhibitedBy")) for event in draft.events if event.name in alerts]


def test_what_fell_before_the_window_is_quiet_in_it_and_rings_once_when_it_ends(
    drafted: Drafted, configure: Callable[..., None]
) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    observe_axis(falls := drafted(1_000), 1, icmp("up", "down", after_ms=1_000))
    assert rang(falls) == [("alert:new", None)]
    assert rang(tick(drafted, BEGIN_MS)) == [("alert:update", "it is under maintenance: new power")]
    other = replace(WINDOW, id=2, name="new fan", schedule=Once(NOW_MS, NOW_MS + END_MS + 5_000))
    configure(windows=[WINDOW, other])
    assert rang(tick(drafted, BEGIN_MS + 1_000)) == []
    assert rang(tick(drafted, END_MS)) == [("alert:update", "it is under maintenance: new fan")]
    assert rang(tick(drafted, END_MS + 5_000)) == [("alert:new", None)]
    assert rang(tick(drafted, END_MS + 6_000)) == []


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_came_back_in_the_window_never_rings_when_it_ends(
    drafted: Drafted, configure: Callable[..., None], *, by_hand: bool
) -> None:
    window = replace(WINDOW, schedule=Once(NOW_MS + 30_000, NOW_MS + 40_000))
    configure(windows=[window])
    observe_link(drafted(0), 1, connected=True, reason="test")
    listed(drafted)
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    observe_interface(drafted(1_000), 1, port(IfStatus.DOWN, previous=IfStatus.UP, after_ms=1_000))
    assert rang(tick(drafted, 11_000)) == [("alert:new", None)]
    observe_axis(drafted(29_000), 1, icmp("up", "down", after_ms=29_000))
    assert rang(tick(drafted, 30_000)) == [("alert:update", "it is under maintenance: new power")] * 2
    observe_interface(drafted(31_000), 1, port(IfStatus.UP, previous=IfStatus.DOWN, after_ms=31_000))
    observe_axis(drafted(31_000), 1, icmp("down", "up", after_ms=31_000))
    if by_hand:
        configure(windows=[replace(window, ended_ms=NOW_MS + 32_000)])
        observe_maintenance(ends := drafted(32_000))
        observe_configuration(ends)
    else:
        ends = tick(drafted, 40_000)
    assert {name for name, _ in rang(ends)} == {"alert:update"}
    assert [alert.state for alert in ends.ended_alerts] == [AlertState.RESOLVED] * 2
