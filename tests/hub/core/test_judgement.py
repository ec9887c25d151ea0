"""What agents observe becomes states, events and alerts; the present is never changed by the past."""

from collections.abc import Callable
from dataclasses import replace

from noctule_hub.core.commit import Configuration
from noctule_hub.core.judgement import RECONCILED, RESYNC, observe_axis, observe_configuration, observe_levels
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.events import AlertState, DeviceStatus, EventName
from noctule_shared.link import Levels
from noctule_shared.observations import AxisChanged

NOW_MS = 1_795_000_000_000
Drafted = Callable[[int], Draft]


def icmp(old: str, new: str, *, after_ms: int, device_id: int = 1) -> AxisChanged:
    return AxisChanged(device_id, Axis.ICMP, old, new, "3 fast retries lost", NOW_MS + after_ms)


def levels(level: IcmpLevel, *, after_ms: int, canary: CanaryLevel = CanaryLevel.OK) -> Levels:
    return Levels(NOW_MS + after_ms, canary, [DeviceLevels(1, icmp=level)], next_seq=1)


def names(draft: Draft) -> list[EventName]:
    return [event.name for event in draft.events]


def test_first_level_makes_a_device_online_and_tells_its_rooms(drafted: Drafted) -> None:
    draft = drafted(1_000)
    assert observe_axis(draft, 1, icmp("none", "up", after_ms=900))
    event = draft.events[0]
    assert event.rooms == ("devices", "device:1", "site:1")
    assert (event.data["status"], event.data["previous"]) == ("online", "unknown")
    assert event.data["timestamp"] == "2026-11-18T11:06:40.900Z"


def test_fallen_device_alerts_in_the_same_draft(drafted: Drafted) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    draft = drafted(20_000)
    observe_axis(draft, 1, icmp("up", "down", after_ms=19_900))
    assert names(draft) == [EventName.DEVICE_STATUS, EventName.ALERT_NEW]
    alert = draft.commit().alerts[0]
    assert (alert.state, alert.device_id, alert.title) == (AlertState.FIRING, 1, "core1 is offline")
    assert draft.events[0].data["reason"] == "does not answer ICMP: 3 fast retries lost"


def test_recovery_resolves_the_alert(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "down", after_ms=0))
    draft = drafted(20_000)
    observe_axis(draft, 1, icmp("down", "up", after_ms=19_900))
    assert names(draft) == [EventName.DEVICE_STATUS, EventName.ALERT_UPDATE]
    assert draft.commit().alerts[0].state is AlertState.RESOLVED
    world.settle()
    assert not list(world.alerts.items())


def anew(axis: Axis, reason: str, *, after_ms: int, old: str = "down") -> AxisChanged:
    return AxisChanged(1, axis, old, "down", reason, NOW_MS + after_ms, "the agent's own words")


def test_device_that_is_down_for_another_reason_says_so_and_is_down_as_long_as_before(
    drafted: Drafted, world: World
) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    observe_axis(drafted(20_000), 1, icmp("up", "down", after_ms=19_900))
    draft = drafted(90_000)
    observe_axis(draft, 1, anew(Axis.ICMP, "no reply: No route to host", after_ms=89_000))
    state = world.states.get(1)
    assert state is not None
    assert (state.status, state.since_ms) == (DeviceStatus.OFFLINE, NOW_MS + 19_900)
    assert state.reason == "does not answer ICMP: no reply: No route to host"
    assert names(draft) == [EventName.DEVICE_STATUS]
    told = draft.events[0]
    assert (told.data["status"], told.data["previous"], told.data["reason"]) == ("offline", "offline", state.reason)
    assert (told.data["detail"], told.late, told.observed_ms) == ("the agent's own words", False, NOW_MS + 89_000)
    # The same again, also of an agent that was started meanwhile, and another axis: nothing is new.
    draft = drafted(120_000)
    observe_axis(draft, 1, anew(Axis.ICMP, "no reply: No route to host", after_ms=110_000))
    observe_axis(draft, 1, anew(Axis.SNMP, "3 polls failed: timeout", after_ms=111_000, old="none"))
    assert (draft.events, world.states.get(1)) == ([], replace(state, axes=world.axes(1)))
    # What was so before the link was away changes nothing that was.
    observe_axis(draft, 1, anew(Axis.ICMP, "no reply", after_ms=50_000), history=True)
    assert draft.events == []


def test_device_that_is_degraded_by_something_else_says_so(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    observe_axis(drafted(1_000), 1, anew(Axis.SNMP, "3 polls failed: timeout", after_ms=900, old="up"))
    draft = drafted(60_000)
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "up", "degraded", "loss 30% over 60 s", NOW_MS + 59_000))
    state = world.states.get(1)
    assert state is not None
    assert (state.status, state.reason) == (DeviceStatus.DEGRADED, "packets are lost: loss 30% over 60 s")
    assert [event.data["reason"] for event in draft.events] == [state.reason]


def test_repeated_level_tells_nothing(drafted: Drafted) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    draft = drafted(1_000)
    observe_axis(draft, 1, icmp("none", "up", after_ms=500))
    assert draft.events == []


def test_device_of_another_agent_is_left_alone(drafted: Drafted) -> None:
    draft = drafted(0)
    assert not observe_axis(draft, 9, icmp("none", "down", after_ms=0))
    assert not observe_axis(draft, 1, icmp("none", "down", after_ms=0, device_id=4))
    assert draft.events == []


def test_older_observation_is_history_and_changes_nothing(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(60_000), 1, icmp("none", "up", after_ms=60_000))
    draft = drafted(61_000)
    assert observe_axis(draft, 1, icmp("up", "down", after_ms=30_000))
    assert [(event.late, event.data["status"]) for event in draft.events] == [(True, "offline")]
    world.settle()
    state = world.states.settled(1)
    assert state is not None
    assert state.status is DeviceStatus.ONLINE


def test_lost_transition_heals_from_the_levels(drafted: Drafted) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    draft = drafted(60_000)
    observe_levels(draft, 1, levels(IcmpLevel.DOWN, after_ms=60_000), "reconciled")
    assert draft.events[0].data["reason"] == "does not answer ICMP: reconciled"


def test_older_levels_do_not_undo_a_newer_transition(drafted: Drafted) -> None:
    observe_axis(drafted(10_000), 1, icmp("none", "down", after_ms=10_000))
    draft = drafted(11_000)
    observe_levels(draft, 1, levels(IcmpLevel.UP, after_ms=9_000), "reconciled")
    assert draft.events == []


def test_lost_canary_makes_devices_unknown_and_alarms_nobody(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    draft = drafted(5_000)
    observe_levels(draft, 1, levels(IcmpLevel.DOWN, after_ms=5_000, canary=CanaryLevel.LOST), "reconciled")
    assert EventName.ALERT_NEW not in names(draft)
    world.settle()
    state = world.states.settled(1)
    assert state is not None
    assert state.status is DeviceStatus.UNKNOWN


def test_removed_device_takes_its_alert_with_it(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "down", after_ms=0))
    draft = drafted(1_000)
    devices = [row for row in world.devices.values() if row.id != 1]
    world.configure(Configuration(devices, list(world.sites.values()), list(world.agents.values())))
    observe_configuration(draft)
    ended = [alert for alert in draft.commit().alerts if alert.device_id == 1]
    assert [(alert.state, alert.reason) for alert in ended] == [(AlertState.RESOLVED, "the device was removed")]


def test_dropped_draft_leaves_the_present_as_it_was(drafted: Drafted, world: World) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    draft = drafted(1_000)
    observe_axis(draft, 1, icmp("up", "down", after_ms=900))
    world.drop()
    state = world.states.get(1)
    assert state is not None
    assert state.status is DeviceStatus.ONLINE
    assert not list(world.alerts.items())


def test_agent_that_has_only_just_started_makes_nothing_unknown_until_it_says_so_again(drafted: Drafted) -> None:
    observe_axis(drafted(0), 1, icmp("none", "up", after_ms=0))
    draft = drafted(60_000)
    observe_levels(draft, 1, levels(IcmpLevel.NONE, after_ms=60_000), RESYNC)
    assert draft.events == []
    observe_levels(draft := drafted(120_000), 1, levels(IcmpLevel.NONE, after_ms=120_000), RECONCILED)
    assert [event.data["status"] for event in draft.events] == ["unknown"]
