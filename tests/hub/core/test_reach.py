"""Who is unreachable, whatever is reported in which order; and whose alert rings, and when."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noctule_hub.core.alerting.conditions import DeviceDegraded, DeviceUnreachable
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.judgement import observe_axis, observe_configuration, observe_levels
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.presence import observe_link
from noctule_hub.core.reach import HOLD_MS, causes, cut_off, fallen_parents, named
from noctule_hub.core.records import Axes, DeviceState
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.events import AlertState, DeviceStatus
from noctule_shared.link import Levels
from noctule_shared.observations import AxisChanged

from tests.hub.core.conftest import NOW_MS
from tests.hub.core.networks import DOWN, UP, Network, Parents, with_port

OFFLINE, UNREACHABLE = DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE


CHAIN: Parents = {1: (), 2: (1,), 3: (2,)}
REDUNDANT: Parents = {1: (), 2: (), 3: (1, 2)}


def state_of(status: DeviceStatus, underlying: DeviceStatus | None = None) -> DeviceState:
    return DeviceState(1, Axes(), status, "", 0, underlying)


class TestDefinition:
    @pytest.mark.parametrize(
        ("statuses", "expected"),
        [
            ({}, ()),
            ({8: state_of(DeviceStatus.OFFLINE)}, (8,)),
            ({8: state_of(DeviceStatus.ONLINE)}, ()),
            ({8: state_of(DeviceStatus.DEGRADED)}, ()),
            # Its agent is silent: it is not known to have fallen.
            ({8: state_of(DeviceStatus.UNKNOWN)}, ()),
            ({8: None}, ()),
            ({8: state_of(DeviceStatus.MAINTENANCE, DeviceStatus.OFFLINE)}, (8,)),
            ({8: state_of(DeviceStatus.MAINTENANCE, DeviceStatus.ONLINE)}, ()),
            ({8: state_of(DeviceStatus.UNREACHABLE)}, (8,)),
            ({8: state_of(DeviceStatus.OFFLINE), 9: state_of(DeviceStatus.ONLINE)}, ()),
            ({8: state_of(DeviceStatus.OFFLINE), 9: state_of(DeviceStatus.UNREACHABLE)}, (8, 9)),
        ],
    )
    def test_all_ways_must_have_fallen(self, statuses: dict[int, DeviceState | None], expected: tuple[int]) -> None:
        assert fallen_parents(tuple(statuses), statuses.get) == expected

    def test_only_what_is_offline_itself_is_to_blame(self) -> None:
        parents = {3: (2,), 4: (3, 1), 5: (4,)}
        children = {1: (4,), 2: (3,), 3: (4,), 4: (5,)}
        states = {number: state_of(UNREACHABLE if number > 2 else OFFLINE) for number in range(1, 6)}
        assert causes(5, parents, states.get) == (1, 2)
        assert causes(3, parents, states.get) == (2,)
        assert causes(1, parents, states.get) == ()
        assert cut_off(1, children, states.get) == {4, 5}
        assert cut_off(2, children, states.get) == {3, 4, 5}

    def test_many_causes_are_named_shortly(self) -> None:
        assert named(["a", "b", "c"]) == ["a", "b", "c"]
        assert named(["a", "b", "c", "d", "e"]) == ["a", "b", "c", "2 more"]


@st.composite
def graphs(draw: st.DrawFn) -> Parents:
    """Return parents without a circle, in an order that has nothing to do with who is behind whom."""
    size = draw(st.integers(1, 8))
    ids = draw(st.permutations(range(1, size + 1)))
    above = {number: ids[:place] for place, number in enumerate(ids)}
    return {
        number: tuple(sorted(draw(st.sets(st.sampled_from(above[number]), max_size=3))) if above[number] else ())
        for number in sorted(ids)
    }


def defined(parents: Parents, level: dict[int, str], device_id: int, *, blind: frozenset[int]) -> DeviceStatus:
    """What a device is by definition."""
    if device_id in blind or device_id not in level:
        return DeviceStatus.UNKNOWN
    if level[device_id] == UP:
        return DeviceStatus.ONLINE
    fallen = {OFFLINE, UNREACHABLE}
    ways = [defined(parents, level, parent, blind=blind) in fallen for parent in parents[device_id]]
    return UNREACHABLE if ways and all(ways) else OFFLINE


STEPS = st.lists(st.tuples(st.sampled_from(["up", "down", "blind", "seen", "time"]), st.integers(1, 8)), max_size=30)


class TestOrder:
    @settings(max_examples=150)
    @given(parents=graphs(), others=graphs(), steps=STEPS, changed=st.booleans())
    def test_statuses_are_as_defined_after_any_events_in_any_order(
        self, parents: Parents, others: Parents, steps: list[tuple[str, int]], *, changed: bool
    ) -> None:
        second = [number for number in parents if number % 3 == 0]
        net = Network(parents, second=second)
        level: dict[int, str] = {}
        blind: set[int] = set()
        for what, number in steps:
            net.after_ms += 700
            if what in {UP, DOWN} and number in parents:
                net.report((number, what))
                level[number] = what
            elif what in {"blind", "seen"}:
                agent_id = 1 + number % 2
                canary = CanaryLevel.LOST if what == "blind" else CanaryLevel.OK
                observe_levels(net.draft(), agent_id, Levels(NOW_MS + net.after_ms, canary, [], next_seq=1), "test")
                own = {one for one in parents if (one in second) == (agent_id == 2)}
                blind = blind | own if what == "blind" else blind - own
            elif what == "time":
                net.tick(1_000)
        if changed and others.keys() == parents.keys():
            net.parents = parents = others
            draft = net.draft()
            net.world.configure(net.configuration())
            observe_configuration(draft)
        net.world.settle()
        assert {number: net.status(number) for number in parents} == {
            number: defined(parents, level, number, blind=frozenset(blind)) for number in parents
        }

    def test_who_stands_behind_one_whose_agent_went_blind_is_not_unreachable_by_it(self) -> None:
        # Agent 2 polls 2 and 3; 3 is judged with 2, before its own turn.
        net = Network({1: (3,), 2: (), 3: (2,)}, second=(2, 3))
        net.report((2, UP), (1, DOWN), (3, DOWN))
        assert net.status(1) is UNREACHABLE
        observe_levels(net.draft(), 2, Levels(NOW_MS + 1_000, CanaryLevel.LOST, [], next_seq=1), "test")
        assert (net.status(1), net.status(2), net.status(3)) == (OFFLINE, DeviceStatus.UNKNOWN, DeviceStatus.UNKNOWN)
        net.tick(60_000)
        assert "core1 is offline" in net.rang()

    @settings(max_examples=10, deadline=None)
    @given(st.permutations(range(202)), st.lists(st.integers(1, 20), min_size=14, max_size=14))
    def test_whatever_is_reported_first_a_core_switch_rings_alone(self, order: list[int], shares: list[int]) -> None:
        net = Network({1: (), 2: (1,), **dict.fromkeys(range(3, 203), (2,))})
        net.report(*((number, UP) for number in range(1, 203)))
        net.tick(60_000)
        waiting = [number + 1 for number in order]
        for share in shares:
            taken, waiting = waiting[:share], waiting[share:]
            net.report(*((number, DOWN) for number in taken))
            net.tick(1_000)
        net.report(*((number, DOWN) for number in waiting))
        net.tick(60_000)
        assert net.rang() == ["core1 is offline"]
        assert net.status(1) is OFFLINE
        assert {net.status(number) for number in range(2, 203)} == {UNREACHABLE}
        assert net.reason(2).startswith("behind core1")
        assert all(net.reason(number).startswith("behind core2") for number in range(3, 203))

    def test_a_deep_chain_falls_and_comes_back_in_one_turn(self) -> None:
        size = 3_000
        net = Network({number: (number - 1,) if number > 1 else () for number in range(1, size + 1)})
        net.report(*((number, DOWN) for number in range(size, 0, -1)))
        assert net.status(1) is OFFLINE
        assert {net.status(number) for number in range(2, size + 1)} == {UNREACHABLE}
        assert net.reason(size) == f"behind core{size - 1}"
        assert net.world.causes(size) == (1,)
        net.tick(1_000)
        assert net.alert(size) == (AlertState.PENDING, f"behind core{size - 1} (unreachable)")
        net.report((1, UP))
        assert net.status(2) is OFFLINE
        assert net.world.causes(size) == (2,)


class TestHold:
    def test_an_outage_of_its_own_rings_after_the_hold_and_says_so(self) -> None:
        net = Network(CHAIN)
        net.report((1, UP), (2, UP))
        assert net.report((2, DOWN)) == []
        assert net.tick(HOLD_MS - 1_000) == []
        assert net.tick(1_000) == [("alert:new", "core2 is offline")]
        reason = "does not answer ICMP: seen; held 15 s for word of core1"
        assert net.events[-1].data["reason"] == reason

    def test_what_stands_behind_nothing_rings_at_once(self) -> None:
        assert Network(CHAIN).report((1, DOWN)) == [("alert:new", "core1 is offline")]

    def test_a_longer_for_is_not_made_longer(self) -> None:
        net = Network(CHAIN, rules=[replace(SEEDED[0], for_ms=20_000)])
        net.report((1, UP), (2, DOWN))
        assert net.tick(19_000) == []
        assert net.tick(1_000) == [("alert:new", "core2 is offline")]

    def test_a_restart_does_not_start_it_over(self) -> None:
        net = Network(CHAIN)
        net.report((1, UP), (2, DOWN))
        net.tick(10_000)
        net.restart()
        observe_link(net.draft(), 1, connected=True, reason="test")
        assert net.tick(4_000) == []
        assert net.tick(1_000) == [("alert:new", "core2 is offline")]

    def test_a_parent_that_falls_within_it_keeps_the_child_quiet(self) -> None:
        net = Network(CHAIN)
        net.report((1, UP), (2, UP))
        net.report((2, DOWN))
        net.tick(14_000)
        assert net.report((1, DOWN)) == [("alert:new", "core1 is offline")]
        net.tick(120_000)
        assert net.rang() == ["core1 is offline"]
        assert net.alert(2) == (AlertState.PENDING, "behind core1 (offline)")

    def test_a_parent_that_falls_after_it_inhibits_what_rang(self) -> None:
        net = Network(CHAIN)
        net.report((1, UP), (2, DOWN))
        net.tick(HOLD_MS)
        assert net.report((1, DOWN)) == [("alert:new", "core1 is offline"), ("alert:update", "core2 is offline")]
        assert net.alert(2) == (AlertState.FIRING, "behind core1 (offline)")

    @pytest.mark.parametrize("rang_before", [True, False])
    def test_a_child_that_does_not_come_back_with_its_parent_rings_after_the_hold(self, *, rang_before: bool) -> None:
        net = Network(CHAIN)
        net.report((1, UP), (2, DOWN))
        net.tick(HOLD_MS if rang_before else 5_000)
        net.report((1, DOWN))
        net.tick(120_000)
        before = len(net.rang())
        net.report((1, UP))
        assert (net.status(2), net.reason(2)) == (OFFLINE, "does not answer ICMP")
        net.tick(HOLD_MS - 1_000)
        assert len(net.rang()) == before
        net.tick(1_000)
        assert net.rang()[before:] == ["core2 is offline"]
        net.tick(60_000)
        assert len(net.rang()) == before + 1

    def test_a_child_that_comes_back_soon_after_its_parent_never_rings(self) -> None:
        net = Network(CHAIN)
        net.report((1, DOWN), (2, DOWN), (3, DOWN))
        net.tick(60_000)
        net.report((1, UP))
        net.tick(5_000)
        net.report((3, UP))
        net.tick(5_000)
        net.report((2, UP))
        net.tick(60_000)
        assert net.rang() == ["core1 is offline"]
        assert not list(net.world.alerts.items())


class TestRedundancy:
    def test_one_way_that_stands_is_enough(self) -> None:
        net = Network(REDUNDANT)
        net.report((1, DOWN), (2, UP), (3, DOWN))
        assert net.status(3) is OFFLINE
        net.report((2, DOWN))
        assert (net.status(3), net.reason(3)) == (UNREACHABLE, "behind core1, core2")
        assert net.alert(3)[1] == "behind core1 (offline), core2 (offline)"
        net.report((1, UP))
        assert net.status(3) is OFFLINE

    def test_a_parent_whose_agent_is_silent_is_not_to_blame(self) -> None:
        net = Network(CHAIN, second=[1])
        net.report((1, DOWN), (2, DOWN))
        assert net.status(2) is UNREACHABLE
        draft = net.draft()
        observe_levels(draft, 2, Levels(NOW_MS, CanaryLevel.LOST, [], next_seq=1), "test")
        assert (net.status(1), net.status(2)) == (DeviceStatus.UNKNOWN, OFFLINE)

    def test_a_parent_under_maintenance_counts_by_what_it_is(self) -> None:
        once = Once(NOW_MS - 1, NOW_MS + 600_000)
        window = MaintenanceWindow(1, "work", "", Covers(device_ids=(1,)), once, NOW_MS)
        net = Network(CHAIN, windows=[window])
        net.report((1, DOWN), (2, DOWN))
        assert (net.status(1), net.status(2)) == (DeviceStatus.MAINTENANCE, UNREACHABLE)
        net.tick(60_000)
        assert net.rang() == []

    def test_levels_tell_parents_first_whatever_their_order(self) -> None:
        net = Network(CHAIN)
        rows = [DeviceLevels(number, icmp=IcmpLevel.DOWN) for number in (3, 2, 1)]
        draft = net.draft()
        observe_levels(draft, 1, Levels(NOW_MS, CanaryLevel.OK, rows, next_seq=1), "reconciled")
        assert net.told(draft) == [("alert:new", "core1 is offline")]
        assert [event.data["status"] for event in draft.events if "status" in event.data] == [
            "offline",
            "unreachable",
            "unreachable",
        ]

    def test_a_parent_that_is_told_late_takes_no_child_back_in_time(self) -> None:
        net = Network(CHAIN)
        net.report((1, UP))
        net.after_ms += 10_000
        net.report((2, DOWN))
        draft = net.draft()
        observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, UP, DOWN, "seen", NOW_MS + 4_000))
        since = {number: state.since_ms - NOW_MS for number, state in net.world.states.items()}
        assert (net.status(2), since[1], since[2]) == (UNREACHABLE, 4_000, 10_000)


class TestConfiguration:
    def test_a_parent_that_is_set_or_removed_counts_at_once(self) -> None:
        net = Network({1: (), 2: ()})
        net.report((1, DOWN), (2, DOWN))
        assert net.rang() == ["core1 is offline", "core2 is offline"]
        changes: list[tuple[Parents, DeviceStatus]] = [({1: (), 2: (1,)}, UNREACHABLE), ({2: (1,)}, OFFLINE)]
        for parents, status in changes:
            net.parents = parents
            draft = net.draft()
            net.world.configure(net.configuration())
            observe_configuration(draft)
            assert net.status(2) is status

    @pytest.mark.parametrize(
        ("kind", "level", "title"),
        [(DeviceUnreachable, DOWN, "core2 is unreachable"), (DeviceDegraded, "degraded", "core2 is degraded")],
    )
    def test_rules_about_other_statuses_alert_as_well(self, kind: type, level: str, title: str) -> None:
        rule = next(rule for rule in SEEDED if isinstance(rule.condition, kind))
        net = Network(CHAIN, rules=[replace(rule, enabled=True, for_ms=0)])
        net.report((1, DOWN), (2, UP))
        assert net.report((2, level)) == [("alert:new", title)]
        assert net.report((2, UP)) == [("alert:update", title)]

    def test_a_new_rule_alerts_on_what_is_unreachable_already(self) -> None:
        net = Network(CHAIN, rules=[])
        net.report((1, DOWN), (2, DOWN))
        draft = net.draft()
        rule = replace(next(rule for rule in SEEDED if rule.name == "device-unreachable"), enabled=True)
        net.world.configure(net.configuration(rules=[rule]))
        observe_configuration(draft)
        assert net.told(draft) == [("alert:new", "core2 is unreachable")]


class TestInhibition:
    def quiet_by(self, net: Network) -> str | None:
        (alert,) = [alert for _, alert in net.world.alerts.items() if alert.interface_id is not None]
        return alert.inhibited_by

    def test_a_port_is_quiet_while_its_device_is_offline_or_unreachable(self) -> None:
        net = with_port(2, CHAIN)
        net.report((2, DOWN))
        assert self.quiet_by(net) == "core2 is offline"
        net.report((1, DOWN))
        assert self.quiet_by(net) == "behind core1 (offline)"
        before = len(net.rang())
        net.report((1, UP), (2, UP))
        assert self.quiet_by(net) == "core2 is seen again for less than 15 s"
        net.tick(HOLD_MS - 1_000)
        assert len(net.rang()) == before
        net.tick(1_000)
        assert self.quiet_by(net) is None
        assert net.rang()[before:] == ["core2 ge-0/0/1 is down"]

    def test_alerts_of_an_agent_that_cannot_see_are_quiet(self) -> None:
        net = with_port(2, CHAIN)
        net.report((3, DOWN))
        net.tick(HOLD_MS)
        rang = len(net.rang())
        draft = net.draft()
        observe_levels(draft, 1, Levels(draft.now_ms, CanaryLevel.LOST, [], next_seq=1), "test")
        assert self.quiet_by(net) == "agent pop1 has lost its own way out"
        assert net.alert(3) == (AlertState.FIRING, "agent pop1 has lost its own way out")
        draft = net.draft()
        observe_levels(draft, 1, Levels(draft.now_ms, CanaryLevel.OK, [], next_seq=1), "test")
        net.tick(60_000)
        assert net.rang()[rang:] == ["core2 ge-0/0/1 is down", "core3 is offline"]

    def test_a_silent_agent_and_a_restart_of_the_hub_ring_for_nothing_else(self) -> None:
        net = with_port(2, CHAIN)
        net.silence(1)
        assert net.rang()[1:] == ["Agent pop1 is silent"]
        assert self.quiet_by(net) == "agent pop1 is silent"
        net.restart()
        net.tick(50_000)
        assert len(net.rang()) == 2
        assert self.quiet_by(net) == "agent pop1 is silent"

    @pytest.mark.parametrize(("level", "rang"), [(IcmpLevel.UP, []), (IcmpLevel.DOWN, ["core1 is offline"])])
    def test_an_agent_that_comes_back_rings_only_for_what_lasts(self, level: IcmpLevel, rang: list[str]) -> None:
        net = Network({1: ()})
        net.report((1, DOWN))
        net.silence(1)
        before = len(net.rang())
        draft = net.draft()
        observe_link(draft, 1, connected=True, reason="hello")
        rows = [DeviceLevels(1, icmp=level)]
        observe_levels(draft, 1, Levels(draft.now_ms, CanaryLevel.OK, rows, next_seq=1), "resync")
        net.told(draft)
        assert len(net.rang()) == before
        net.tick(30_000)
        assert net.rang()[before:] == rang
