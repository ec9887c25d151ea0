"""Agents that come, go, fall silent and are revoked, and what becomes of their devices."""

from collections.abc import Callable

from noctule_hub.core.judgement import observe_axis
from noctule_hub.core.presence import (
    CONTEST_OVER_MS,
    START_GRACE_MS,
    observe_contest,
    observe_link,
    observe_new_epoch,
    observe_revocation,
    observe_time,
    observe_word,
)
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis
from noctule_shared.events import AlertState, DeviceStatus, EventName
from noctule_shared.observations import AxisChanged

NOW_MS = 1_795_000_000_000
Drafted = Callable[[int], Draft]


def come(draft: Draft) -> None:
    observe_link(draft, 1, connected=True, reason="agent 0.1.0", backlog=0)
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "none", "up", "first round", draft.now_ms))


def statuses(draft: Draft) -> list[tuple[str, str]]:
    return [(event.name.value, event.data["status"]) for event in draft.events if "status" in event.data]


def test_agent_is_silent_30_s_after_its_link_is_lost(drafted: Drafted) -> None:
    come(drafted(0))
    observe_link(drafted(1_000), 1, connected=False, reason="link lost")
    observe_time(draft := drafted(31_000))
    assert draft.events == []
    observe_time(draft := drafted(31_001))
    assert statuses(draft) == [("agent:status", "silent"), ("device:status", "unknown")]
    assert [event.data["title"] for event in draft.events if event.name == "alert:new"] == [
        "Agent north-agent is silent"
    ]


def test_agent_that_never_told_anything_may_miss_all_since_its_enrolment(drafted: Drafted, world: World) -> None:
    draft = drafted(60_000)
    observe_new_epoch(draft, 1, 0, None)
    agent = world.agents.get(1)
    assert agent is not None
    assert draft.gaps[0].from_ms == agent.created_ms


def test_silence_is_told_once(drafted: Drafted) -> None:
    come(drafted(0))
    observe_link(drafted(1_000), 1, connected=False, reason="link lost")
    observe_time(drafted(40_000))
    observe_time(draft := drafted(50_000))
    assert draft.events == []


def test_agent_without_heartbeats_is_not_silent_while_it_is_connected(drafted: Drafted) -> None:
    come(drafted(0))
    for second in range(3_600):
        observe_time(draft := drafted(1_000 * second))
        assert draft.events == []


def test_agent_whose_heartbeats_stop_is_silent_after_30_s_although_its_connection_stands(drafted: Drafted) -> None:
    observe_link(drafted(0), 1, connected=True, reason="agent 0.2.0", beats=True)
    told = []
    for second in range(1, 61):
        if second <= 20:
            observe_word(drafted(1_000 * second), 1)
        observe_time(draft := drafted(1_000 * second))
        told += [(second, *row) for row in statuses(draft) if row[0] == "agent:status"]
    assert told == [(51, "agent:status", "silent")]
    observe_word(draft := drafted(70_000), 1)
    assert ("agent:status", "connected") in statuses(draft)
    assert EventName.ALERT_UPDATE in [event.name for event in draft.events]
    observe_word(draft := drafted(71_000), 1)
    assert draft.events == []


def test_hub_that_stood_still_itself_calls_no_agent_silent(drafted: Drafted) -> None:
    observe_link(drafted(0), 1, connected=True, reason="agent 0.2.0", beats=True)
    observe_time(drafted(1_000))
    observe_time(draft := drafted(120_000))
    assert draft.events == []
    observe_word(drafted(121_000), 1)
    for second in range(121, 140):
        observe_time(draft := drafted(1_000 * second))
        assert draft.events == []


def test_started_hub_waits_a_minute_before_it_calls_an_agent_silent(drafted: Drafted) -> None:
    observe_time(draft := drafted(START_GRACE_MS))
    assert draft.events == []
    observe_time(draft := drafted(START_GRACE_MS + 1))
    assert ("agent:status", "silent") in statuses(draft)


def test_agent_that_never_came_is_not_silent(drafted: Drafted, world: World) -> None:
    agent = world.agents[1]
    world.agents[1] = type(agent)(1, "new", 1, "00", "00", "0.1.0", 0, last_seen_ms=None)
    observe_time(draft := drafted(START_GRACE_MS * 10))
    assert draft.events == []


def test_returning_agent_resolves_its_alert_and_its_devices_are_known_again(drafted: Drafted) -> None:
    come(drafted(0))
    observe_link(drafted(1_000), 1, connected=False, reason="link lost")
    observe_time(drafted(40_000))
    observe_link(draft := drafted(50_000), 1, connected=True, reason="back", backlog=3)
    assert ("device:status", "online") in statuses(draft)
    assert [event.data["state"] for event in draft.events if event.name == "alert:update"] == ["resolved"]


def test_revoked_agent_makes_its_devices_unknown_without_an_alert(drafted: Drafted, world: World) -> None:
    come(drafted(0))
    observe_revocation(draft := drafted(1_000), 1)
    assert statuses(draft) == [("agent:status", "revoked"), ("device:status", "unknown")]
    world.settle()
    state = world.states.settled(1)
    assert state is not None
    assert (state.status, state.reason) == (DeviceStatus.UNKNOWN, "agent north-agent is revoked")


def test_contested_identity_alarms_until_nobody_has_contested_it_for_20_minutes(drafted: Drafted) -> None:
    observe_contest(draft := drafted(0), 1, "two agents use this identity")
    assert [event.name for event in draft.events] == [EventName.AGENT_STATUS, EventName.ALERT_NEW]
    assert draft.commit().alerts[0].title == "Agent north-agent runs twice"
    observe_time(draft := drafted(CONTEST_OVER_MS))
    assert EventName.ALERT_UPDATE not in [event.name for event in draft.events]
    observe_time(draft := drafted(CONTEST_OVER_MS + 1))
    assert draft.commit().alerts[0].state is AlertState.RESOLVED
