"""The axes' state machines: when a device is up, degraded and down, and what is asked for next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.reachability import (
    RETRY_PACKETS,
    RETRY_SPACING_S,
    Action,
    IcmpDecision,
    IcmpState,
    Phase,
    Transition,
    resumed,
    retry_timeout_s,
    step_icmp,
)
from noctule_agent.core.schedule import next_turn
from noctule_agent.core.snmp_reachability import SnmpState, step_snmp
from noctule_agent.probes.icmp import SPACING_JITTER_RATIO, TICK_S
from noctule_shared.axes import IcmpLevel, SnmpLevel
from noctule_shared.link import IcmpConfig
from noctule_shared.thresholds import ICMP_THRESHOLDS, IcmpThresholds


class Device:
    """Feeds rounds to the machine as the ping watch does, one each 10 s."""

    def __init__(self, thresholds: IcmpThresholds = ICMP_THRESHOLDS) -> None:
        self.thresholds = thresholds
        self.state = IcmpState()
        self.now_s = 0.0
        self.transitions: list[Transition] = []

    def round(
        self, received: int, *, sent: int = 5, kernel_drops: int = 0, retry: bool = False, failure: str | None = None
    ) -> IcmpDecision:
        self.now_s += 1 if retry else 10
        decision = step_icmp(
            self.state,
            sent=sent,
            received=received,
            kernel_drops=kernel_drops,
            retry=retry,
            now_s=self.now_s,
            thresholds=self.thresholds,
            failure=failure,
        )
        self.state = decision.state
        if decision.transition is not None:
            self.transitions.append(decision.transition)
        return decision

    def take_down(self) -> None:
        assert self.round(0).action is Action.RETRY
        for _ in range(3):
            self.round(0, sent=3, retry=True)
        assert self.state.level is IcmpLevel.DOWN


def test_first_reply_is_a_transition_from_none() -> None:
    device = Device()
    device.round(5)
    assert device.transitions == [Transition("none", "up", "first reply")]


def test_device_that_never_answered_goes_down_from_none_after_the_retries() -> None:
    device = Device()
    device.take_down()
    assert device.transitions == [Transition("none", "down", "3 fast retries lost")]


def test_lost_round_makes_suspect_and_not_down() -> None:
    device = Device()
    device.round(5)
    decision = device.round(0)
    assert decision.action is Action.RETRY
    assert decision.transition is None
    assert device.state.phase is Phase.SUSPECT
    assert device.state.level is IcmpLevel.UP


def test_one_reply_to_a_retry_clears_the_suspicion() -> None:
    device = Device()
    device.round(5)
    device.round(0)
    assert device.round(0, sent=3, retry=True).action is Action.RETRY
    assert device.round(1, sent=3, retry=True).action is Action.WAIT
    assert device.state.phase is Phase.UP
    assert len(device.transitions) == 1


def test_down_only_after_the_third_lost_retry() -> None:
    device = Device()
    device.round(5)
    device.round(0)
    assert device.round(0, sent=3, retry=True).action is Action.RETRY
    assert device.round(0, sent=3, retry=True).action is Action.RETRY
    decision = device.round(0, sent=3, retry=True)
    assert decision.transition == Transition("up", "down", "3 fast retries lost")
    assert decision.action is Action.WAIT


def test_up_again_only_after_two_good_rounds() -> None:
    device = Device()
    device.take_down()
    assert device.round(5).transition is None
    assert device.round(0).transition is None
    assert device.round(5).transition is None
    assert device.round(5).transition == Transition("down", "up", "2 good rounds")


def test_round_that_the_own_kernel_dropped_says_nothing() -> None:
    device = Device()
    device.round(5)
    decision = device.round(0, kernel_drops=7)
    assert decision.action is Action.WAIT
    assert device.state.phase is Phase.UP


def test_retries_that_the_own_kernel_dropped_are_bounded() -> None:
    device = Device()
    device.round(5)
    device.round(0)
    actions = [device.round(0, sent=3, kernel_drops=1, retry=True).action for _ in range(3)]
    assert actions == [Action.RETRY, Action.RETRY, Action.WAIT]
    assert device.state.level is IcmpLevel.UP


def test_loss_of_a_fifth_over_a_minute_is_degraded_and_not_before() -> None:
    device = Device()
    device.round(5)
    for _ in range(5):
        assert device.round(4).transition is None
    assert device.round(4).transition == Transition("up", "degraded", "loss 20% over 60 s")


def test_less_loss_is_not_degraded() -> None:
    device = Device()
    device.round(5)
    for number in range(60):
        device.round(4 if number % 2 else 5)
    assert device.state.level is IcmpLevel.UP


def test_degraded_clears_after_two_minutes_below_five_percent() -> None:
    device = Device()
    device.round(5)
    while device.state.level is IcmpLevel.UP:
        device.round(3)
    since_s = device.now_s
    while device.state.level is IcmpLevel.DEGRADED:
        device.round(5)
    assert device.now_s - since_s == 120
    assert device.transitions[-1] == Transition("degraded", "up", "loss below 5% for 120 s")


def test_degraded_device_that_is_lost_goes_down_from_degraded() -> None:
    device = Device()
    device.round(5)
    while device.state.level is IcmpLevel.UP:
        device.round(3)
    device.take_down()
    assert device.transitions[-1] == Transition("degraded", "down", "3 fast retries lost")


def test_retry_that_nobody_asked_for_is_illegal() -> None:
    with pytest.raises(ValueError, match="not possible"):
        step_icmp(IcmpState(), sent=3, received=0, retry=True, now_s=0)


def test_ordinary_round_of_a_suspect_is_illegal() -> None:
    device = Device()
    device.round(0)
    with pytest.raises(ValueError, match="not possible"):
        device.round(5)


@st.composite
def allowed(draw: st.DrawFn) -> IcmpThresholds:
    """Any thresholds that the hub lets through."""
    degraded = draw(st.floats(0.01, 1))
    window_s = st.floats(5, 600)
    return IcmpThresholds(
        retries=draw(st.integers(1, 10)),
        good_rounds=draw(st.integers(1, 10)),
        degraded_loss_ratio=degraded,
        degraded_window_s=draw(window_s),
        clear_loss_ratio=draw(st.floats(0, degraded, exclude_min=True, exclude_max=True)),
        clear_window_s=draw(window_s),
    )


@given(allowed(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60))
def test_lost_round_without_all_its_retries_never_declares_down(
    thresholds: IcmpThresholds, rounds: list[tuple[int, int]]
) -> None:
    device = Device(thresholds)
    for received, lost_retries in rounds:
        action = device.round(received).action
        for _ in range(min(lost_retries, thresholds.retries - 1)):
            if action is Action.RETRY:
                action = device.round(0, sent=3, retry=True).action
        if action is Action.RETRY:
            assert device.round(1, sent=3, retry=True).action is Action.WAIT
        assert device.state.level is not IcmpLevel.DOWN


@given(allowed())
def test_silent_device_is_down_after_its_own_number_of_retries(thresholds: IcmpThresholds) -> None:
    device = Device(thresholds)
    device.round(5)
    device.round(0)
    retries = 0
    while device.state.level is not IcmpLevel.DOWN:
        device.round(0, sent=3, retry=True)
        retries += 1
    assert retries == thresholds.retries
    levels = []
    for _ in range(thresholds.good_rounds):
        device.round(1)
        levels.append(device.state.level)
    assert levels == [IcmpLevel.DOWN] * (thresholds.good_rounds - 1) + [IcmpLevel.UP]


# A packet's jitter, and the tick in which the echo engine ends a round.
LATENESS_S = SPACING_JITTER_RATIO * IcmpConfig().spacing_s + TICK_S


@given(st.floats(0, 10))
def test_dead_device_is_down_within_15_s_with_the_defaults(died_s: float) -> None:
    icmp = IcmpConfig()
    state, due_s, now_s = IcmpState(IcmpLevel.UP, Phase.UP), 0.0, 0.0
    while state.level is not IcmpLevel.DOWN:
        sent_s = [due_s + position * icmp.spacing_s for position in range(icmp.count)]
        replied = sum(at_s < died_s for at_s in sent_s)
        now_s = sent_s[-1] + (0 if replied == icmp.count else icmp.timeout_s) + LATENESS_S
        decision = step_icmp(state, sent=icmp.count, received=replied, now_s=now_s, thresholds=icmp.thresholds)
        while decision.action is Action.RETRY:
            now_s += (RETRY_PACKETS - 1) * RETRY_SPACING_S + retry_timeout_s(icmp.timeout_s) + LATENESS_S
            decision = step_icmp(decision.state, sent=3, received=0, retry=True, now_s=now_s)
        state, due_s = decision.state, next_turn(due_s, icmp.interval_s, now_s).due_s
    assert now_s - died_s <= 15


def test_retries_that_were_broken_off_begin_anew_with_an_ordinary_round() -> None:
    device = Device()
    device.round(5)
    device.round(0)
    device.round(0, sent=3, retry=True)
    device.state = resumed(device.state)
    assert device.round(0).action is Action.RETRY
    assert device.state.retries_lost == 0


@given(allowed(), st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60))
def test_levels_change_only_by_transitions_and_memory_stays_bounded(
    thresholds: IcmpThresholds, rounds: list[tuple[int, bool]]
) -> None:
    device = Device(thresholds)
    retry = False
    for received, dropped in rounds:
        level = device.state.level
        decision = device.round(received, kernel_drops=int(dropped), retry=retry)
        retry = decision.action is Action.RETRY
        if decision.transition is None:
            assert decision.state.level == level
        else:
            assert decision.transition.old == level
            assert decision.transition.new == decision.state.level != level
        assert retry == (decision.state.phase is Phase.SUSPECT)
        longest_s = max(thresholds.degraded_window_s, thresholds.clear_window_s)
        assert len(decision.state.window) <= longest_s + 1


def test_a_device_that_is_down_for_another_reason_says_so_once() -> None:
    device = Device()
    device.take_down()
    device.transitions.clear()
    for failure in ("No route to host", None, "No route to host", "No route to host"):
        device.round(0, failure=failure)
    assert device.transitions == []
    for _ in range(4):
        device.round(0, failure="No route to host")
    assert device.transitions == [Transition("down", "down", "no reply: No route to host")]
    for _ in range(3):
        device.round(0)
    assert device.transitions[1:] == [Transition("down", "down", "no reply")]
    device.round(5, failure="No route to host")
    device.round(5)
    assert device.transitions[-1] == Transition("down", "up", "2 good rounds")


def test_snmp_that_is_down_for_another_reason_says_so_once() -> None:
    state = SnmpState(SnmpLevel.UP)
    found = []
    failures = ["timeout"] * 4 + ["port-closed", "timeout"] * 3 + ["wrong-credentials"] * 5
    for failure in failures:
        decision = step_snmp(state, failure=failure, interval_s=10, decides=True)
        state = decision.state
        found += [] if decision.transition is None else [decision.transition]
    assert found == [
        Transition("up", "down", "3 polls failed: timeout"),
        Transition("down", "down", "13 polls failed: wrong-credentials"),
    ]


def test_snmp_is_down_after_three_failed_polls_and_up_after_one_good() -> None:
    state = SnmpState()
    seen = []
    for failure in (None, "timeout", "timeout", "timeout", None):
        decision = step_snmp(state, failure=failure, interval_s=60, decides=False)
        state = decision.state
        seen.append((decision.transition, decision.retry_after_s))
    assert seen == [
        (Transition("none", "up", "first answer"), None),
        (None, 6.0),
        (None, 6.0),
        (Transition("up", "down", "3 polls failed: timeout"), 15.0),
        (Transition("down", "up", "answered again"), None),
    ]


@given(st.integers(2, 10))
def test_one_failed_poll_never_takes_snmp_down(failed_polls: int) -> None:
    state = SnmpState(SnmpLevel.UP)
    levels = []
    for _ in range(failed_polls):
        state = step_snmp(state, failure="timeout", interval_s=30, decides=True, failed_polls=failed_polls).state
        levels.append(state.level)
    assert levels == [SnmpLevel.UP] * (failed_polls - 1) + [SnmpLevel.DOWN]


def test_snmp_backs_off_while_down_unless_it_decides() -> None:
    waits: dict[bool, list[float | None]] = {False: [], True: []}
    for decides, found in waits.items():
        state = SnmpState(SnmpLevel.DOWN, 3)
        for _ in range(5):
            decision = step_snmp(state, failure="timeout", interval_s=10, decides=decides)
            state = decision.state
            found.append(decision.retry_after_s)
    assert waits[False] == [30.0, 60.0, 120.0, 120.0, 120.0]
    assert waits[True] == [10.0] * 5


def test_one_good_poll_forgets_failures() -> None:
    decision = step_snmp(SnmpState(SnmpLevel.UP, 2), failure=None, interval_s=60, decides=True)
    assert decision.state == SnmpState(SnmpLevel.UP, 0)
