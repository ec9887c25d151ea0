"""The canary axis: when the agent's own way out counts as lost."""

from noctule_agent.core.canary import CanaryState, step_canary
from noctule_agent.core.reachability import Transition
from noctule_shared.axes import CanaryLevel


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
