"""The canary axis: when the agent's own way out counts as lost."""

from noctule_agent.core.canary import CanaryState, step_canary
from noctule_agent.core.reachability import Transition
from noctule_shared.axes import CanaryLevel


def test_canary_is_lost_after_two_silent_rounds() -> None:
    state, transition = step_canary(CanaryState(), answered=0, targets=3, now_s=0.0)
    assert transition is None
    state, transition = step_canary(state, answered=0, targets=3, now_s=5.0)
    assert transition == Transition("ok", "lost", "no canary of 3 answered 2 rounds")
    assert state.level is CanaryLevel.LOST


def test_a_way_out_that_is_back_counts_once_devices_had_time_for_two_good_rounds() -> None:
    state = CanaryState(CanaryLevel.LOST, 2)
    for now_s in (10.0, 15.0, 34.9):
        state, transition = step_canary(state, answered=1, targets=3, now_s=now_s)
        assert (state.level, transition) == (CanaryLevel.LOST, None)
    state, transition = step_canary(state, answered=1, targets=3, now_s=35.0)
    assert transition == Transition("lost", "ok", "1 of 3 canaries answer, for 25 s")
    assert state == CanaryState()


def test_a_way_out_that_is_lost_again_while_it_comes_back_begins_anew() -> None:
    state = CanaryState(CanaryLevel.LOST, 2)
    for now_s, answered in ((0.0, 1), (20.0, 0), (26.0, 1), (50.9, 1)):
        state, transition = step_canary(state, answered=answered, targets=1, now_s=now_s)
        assert (state.level, transition) == (CanaryLevel.LOST, None)
    state, transition = step_canary(state, answered=1, targets=1, now_s=51.0)
    assert state.level is CanaryLevel.OK


def test_without_canaries_the_way_out_counts_as_ok() -> None:
    state, transition = step_canary(CanaryState(), answered=0, targets=0, now_s=0.0)
    assert (state.level, transition) == (CanaryLevel.OK, None)
