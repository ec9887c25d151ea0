"""The axes' state machines: when a device is up, degraded and down, and what is asked for next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.reachability import (
    Action,
    CanaryState,
    IcmpDecision,
    IcmpState,
    Phase,
    SnmpState,
    Transition,
    step_canary,
    step_icmp,
    step_snmp,
)
from noctule_shared.axes import CanaryLevel, IcmpLevel, SnmpLevel


class Device:
    """Feeds rounds to the machine as the ping watch does, one each 10 s."""

    def __init__(self) -> None:
        self.state = IcmpState()
        self.now_s = 0.0
        self.transitions: list[Transition] = []

    def round(self, received: int, *, sent: int = 5, kernel_drops: int = 0, retry: bool = False) -> IcmpDecision:
        self.now_s += 1 if retry else 10
        decision = step_icmp(
            self.state, sent=sent, received=received, kernel_drops=kernel_drops, retry=retry, now_s=self.now_s
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


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60))
def test_levels_change_only_by_transitions_and_memory_stays_bounded(rounds: list[tuple[int, bool]]) -> None:
    device = Device()
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
        assert len(decision.state.window) <= 12 * 4 + 1


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


def test_canary_is_lost_after_two_silent_rounds_and_ok_after_one_reply() -> None:
    state, transition = step_canary(CanaryState(), answered=0, targets=3)
    assert transition is None
    state, transition = step_canary(state, answered=0, targets=3)
    assert transition == Transition("ok", "lost", "no canary of 3 answered 2 rounds")
    state, transition = step_canary(state, answered=1, targets=3)
    assert transition == Transition("lost", "ok", "1 of 3 canaries answer")
    assert state.level is CanaryLevel.OK


def test_without_canaries_the_way_out_counts_as_ok() -> None:
    state, transition = step_canary(CanaryState(), answered=0, targets=0)
    assert (state.level, transition) == (CanaryLevel.OK, None)
