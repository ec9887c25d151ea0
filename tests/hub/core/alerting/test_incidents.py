"""What falls together is one incident with its probable root cause, whichever of it is told first."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noctule_hub.core.alerting.incidents import (
    EXPLAINS_MS,
    TOGETHER_MS,
    Incident,
    Member,
    Relation,
    Weight,
    joined,
    merged,
    opened,
    relation,
    relation_to,
)
from noctule_hub.core.alerting.rules import SEEDED
from noctule_shared.events import AlertState, EventName

from tests.hub.core.conftest import NOW_MS
from tests.hub.core.networks import DOWN, UP, Network, port_falls


def member(alert_id: int = 1, **changes: Any) -> Member:
    """Return the outage of device 1 at site 1."""
    plain = Member(
        alert_id,
        f"core{alert_id} is offline",
        0,
        Weight.DEVICE,
        own=f"device:{alert_id}",
        rank=alert_id,
        device_id=alert_id,
        site_id=1,
    )
    return replace(plain, **changes)


def a_port(alert_id: int, device_id: int, **changes: Any) -> Member:
    port: dict[str, Any] = {"weight": Weight.OTHER, "own": None, "device_id": device_id, "port_of": device_id}
    return member(alert_id, **(port | changes))


def behind(*device_ids: int) -> frozenset[str]:
    return frozenset(f"device:{device_id}" for device_id in device_ids)


class TestRelation:
    @pytest.mark.parametrize(
        ("new", "old", "expected"),
        [
            (member(2, causes=behind(1)), member(1), Relation.CONSEQUENCE),
            (member(2, causes=behind(1), started_ms=10**9), member(1), Relation.CONSEQUENCE),
            (a_port(2, 1, causes=behind(1), started_ms=10**9), member(1), Relation.CONSEQUENCE),
            # Two rules about one thing.
            (member(9, own="device:1", device_id=1, started_ms=10**9), member(1), Relation.CONSEQUENCE),
            (member(1, started_ms=EXPLAINS_MS), member(2, causes=behind(1)), Relation.CAUSE),
            # What rang long before has another cause.
            (member(1, started_ms=EXPLAINS_MS + 1), member(2, causes=behind(1)), None),
            (member(2, causes=behind(9)), member(3, causes=behind(9)), Relation.COMMON_CAUSE),
            # A port, and the device that stands behind the port's device.
            (member(2, parents=frozenset({1})), a_port(5, 1), Relation.LINK),
            (a_port(5, 1), member(2, parents=frozenset({1})), Relation.LINK),
            (a_port(5, 1, started_ms=TOGETHER_MS + 1), member(2, parents=frozenset({1})), None),
            (a_port(5, 1), a_port(6, 1, started_ms=TOGETHER_MS), Relation.SAME_DEVICE),
            (a_port(5, 1), a_port(6, 1, started_ms=TOGETHER_MS + 1), None),
            # Time alone is no relation.
            (member(2), member(1), None),
            (a_port(5, 1), a_port(6, 2), None),
            (a_port(5, 1), member(2, parents=frozenset({3})), None),
        ],
    )
    def test_alerts_belong_together_by_a_way_between_them(
        self, new: Member, old: Member, expected: Relation | None
    ) -> None:
        assert relation(new, old) is expected

    @pytest.mark.parametrize(
        ("new", "expected"),
        [
            (member(2, started_ms=TOGETHER_MS), Relation.SAME_SITE),
            (member(2, started_ms=TOGETHER_MS + 1), None),
            (member(2, site_id=2), None),
            (member(2, site_id=None), None),
            # Its cause is known, and is another.
            (member(2, causes=behind(9)), None),
            (member(2, causes=behind(1)), Relation.COMMON_CAUSE),
            (a_port(2, 2), None),
            (member(2, weight=Weight.AGENT, own="agent:1", device_id=None), Relation.SAME_SITE),
        ],
    )
    def test_devices_of_one_site_that_fall_at_once_belong_together(
        self, new: Member, expected: Relation | None
    ) -> None:
        assert relation_to(opened(member(1), 7), new) is expected

    def test_what_has_no_cause_of_its_own_takes_in_nothing_by_the_site(self) -> None:
        assert relation_to(opened(a_port(1, 1), 7), member(2)) is None


class TestRootCause:
    def take(self, root: Member | None, new: Member, why: Relation) -> Incident:
        return joined(opened(root or member(1), 7), root, new, why, site="north")

    def test_a_better_cause_takes_its_place(self) -> None:
        incident = self.take(member(2, causes=behind(1)), member(1), Relation.CAUSE)
        assert (incident.root_alert_id, incident.title, incident.cause) == (1, "core1 is offline", "device:1")
        assert incident.alerts == 2

    def test_a_consequence_does_not(self) -> None:
        incident = self.take(member(1), member(2, causes=behind(1)), Relation.CONSEQUENCE)
        assert (incident.root_alert_id, incident.title, incident.alerts) == (1, "core1 is offline", 2)

    def test_several_of_one_site_are_called_by_it_and_shown_by_the_highest(self) -> None:
        for root, new in ((member(1), member(2)), (member(2), member(1))):
            incident = self.take(root, new, Relation.SAME_SITE)
            assert (incident.root_alert_id, incident.title) == (1, "Several devices at north are offline")
            assert incident.cause == "site:1"

    def test_the_agent_of_a_site_explains_more_than_its_devices(self) -> None:
        agent = member(3, weight=Weight.AGENT, own="agent:4", title="Agent pop4 is silent", device_id=None, rank=0)
        for root, new in ((member(1), agent), (agent, member(1))):
            incident = self.take(root, new, Relation.SAME_SITE)
            assert (incident.root_alert_id, incident.title, incident.cause) == (3, "Agent pop4 is silent", "agent:4")

    def test_a_device_explains_more_than_a_port(self) -> None:
        for root, new in ((a_port(1, 1), member(2)), (member(2), a_port(1, 1))):
            assert self.take(root, new, Relation.LINK).root_alert_id == 2

    def test_a_root_that_is_over_stays_what_it_was(self) -> None:
        assert self.take(None, member(2), Relation.SAME_DEVICE).root_alert_id == 1
        assert self.take(None, member(2), Relation.CAUSE).root_alert_id == 2

    def test_a_merger_keeps_the_counts(self) -> None:
        one = replace(opened(member(1), 7), unreachable=frozenset({4}), alerts=2)
        other = replace(opened(member(2, started_ms=-5), 8), unreachable=frozenset({5}))
        both, over = merged(one, other, now_ms=9)
        assert (both.alerts, both.unreachable, both.started_ms) == (3, frozenset({4, 5}), -5)
        assert (over.ended_ms, over.merged_into) == (9, 7)


def incidents(net: Network) -> dict[int, Incident]:
    return dict(net.world.incidents.items())


def parts(net: Network) -> dict[str, int]:
    """Return the open incident of each alert that fires, by title."""
    return {
        alert.title: 0 if alert.incident is None else alert.incident.id
        for _, alert in net.world.alerts.items()
        if alert.state is AlertState.FIRING
    }


TREE: dict[int, tuple[int, ...]] = {1: (), 2: (1,), **dict.fromkeys(range(3, 103), (2,))}


class TestInTheWorld:
    def test_the_root_tells_how_many_devices_are_unreachable_behind_it(self) -> None:
        net = Network(TREE)
        net.report(*((number, UP) for number in TREE))
        net.report((1, DOWN))
        net.tick(3_000)
        net.report(*((number, DOWN) for number in TREE if number < 50))
        net.tick(2_000)
        net.report(*((number, DOWN) for number in TREE if number >= 50))
        told = net.tick(20_000)
        assert told == [("alert:update", "core1 is offline")]
        assert net.events[-1].data["incident"] == {
            "id": 1,
            "title": "core1 is offline",
            "rootAlertId": 1,
            "alerts": 1,
            "unreachable": 101,
        }

    def test_a_cause_that_is_told_last_takes_over_the_incidents_of_its_consequences(self) -> None:
        sites = {2: 1, 3: 2}
        net = Network({1: (), 2: (1,), 3: (1,)}, sites=sites)
        net.report((1, UP), (2, DOWN), (3, DOWN))
        net.tick(16_000)
        assert parts(net) == {"core2 is offline": 1, "core3 is offline": 2}
        net.report((1, DOWN))
        assert set(parts(net).values()) == {1}
        assert (incidents(net)[1].title, incidents(net)[1].alerts) == ("core1 is offline", 3)
        assert list(incidents(net)) == [1]
        net.tick(1_000)
        named = [event.data["incident"]["title"] for event in net.events if event.name is EventName.ALERT_UPDATE]
        assert named[-3:] == ["core1 is offline"] * 3

    def test_an_incident_ends_with_the_last_of_its_alerts(self) -> None:
        net = Network({1: (), 2: ()})
        net.report((1, DOWN), (2, DOWN))
        assert incidents(net)[1].title == "Several devices at north are offline"
        net.report((1, UP))
        assert list(incidents(net)) == [1]
        net.report((2, UP))
        assert incidents(net) == {}

    def test_what_ended_is_committed_with_its_end(self) -> None:
        net = Network({1: ()})
        net.report((1, DOWN))
        assert net.draft().commit().incidents == []
        net.after_ms += 5_000
        draft = net.draft()
        net.take(draft, (1, UP))
        (ended,) = draft.commit().incidents
        assert (ended.id, ended.ended_ms, ended.title) == (1, NOW_MS + 5_000, "core1 is offline")

    def test_devices_of_different_sites_are_never_joined_by_time(self) -> None:
        net = Network({1: (), 2: ()}, sites={2: 2})
        net.report((1, DOWN), (2, DOWN))
        assert sorted(parts(net).values()) == [1, 2]

    def test_a_device_its_ports_and_what_rings_later_are_one(self) -> None:
        net = Network({1: (), 2: (1,)})
        net.report((1, UP), (2, UP))
        port_falls(net, 1)
        net.tick(11_000)
        net.report((1, DOWN))
        assert set(parts(net).values()) == {1}
        assert incidents(net)[1].title == "core1 is offline"

    def test_a_port_towards_a_device_that_falls_is_part_of_it(self) -> None:
        net = Network({1: (), 2: (1,)})
        net.report((1, UP), (2, UP))
        port_falls(net, 1)
        net.report((2, DOWN))
        net.tick(16_000)
        assert parts(net) == {"core1 ge-0/0/1 is down": 1, "core2 is offline": 1}
        assert incidents(net)[1].title == "core2 is offline"

    def test_a_silent_agent_takes_in_what_fell_just_before_it(self) -> None:
        net = Network({1: (), 2: ()}, second=[2], sites={2: 2})
        net.report((2, DOWN))
        net.silence(2)
        assert set(parts(net).values()) == {1}
        assert incidents(net)[1].title == "Agent pop2 is silent"

    def test_a_restart_changes_nothing_of_it(self) -> None:
        net = Network({1: (), 2: (1,), 3: (2,)})
        net.report((1, DOWN), (2, DOWN))
        net.tick(20_000)
        before = incidents(net)
        net.restart()
        net.after_ms += 1_000
        assert incidents(net) == before
        net.tick(5_000)
        assert incidents(net) == before

    @settings(max_examples=60)
    @given(
        order=st.lists(
            st.tuples(st.sampled_from([1, 2, 3, 4, 5]), st.sampled_from([UP, DOWN]), st.integers(0, 40)), max_size=25
        )
    )
    def test_every_firing_alert_is_in_one_open_incident_and_no_incident_is_empty(
        self, order: list[tuple[int, str, int]]
    ) -> None:
        unreachable = next(rule for rule in SEEDED if rule.name == "device-unreachable")
        net = Network(
            {1: (), 2: (1,), 3: (1, 2), 4: (3,), 5: ()},
            sites={3: 2, 5: 2},
            rules=[*(rule for rule in SEEDED if rule is not unreachable), replace(unreachable, enabled=True)],
        )
        for device_id, level, seconds in order:
            net.report((device_id, level))
            net.tick(seconds * 1_000)
        found = set(parts(net).values())
        assert found == set(incidents(net))
        for incident in incidents(net).values():
            assert incident.ended_ms is None
            assert incident.alerts >= len(net.world.alerts.of_incident(incident.id)) >= 1
