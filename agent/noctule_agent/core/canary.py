"""Whether the agent's own way out works: the canary axis. Pure; pinging its targets is left to `monitor`."""

from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.axes import CanaryLevel

from noctule_agent.core.reachability import Transition

LOST_CANARY_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class CanaryState:
    """Whether the agent's own way out works; `lost_rounds` counts rounds in which every target was silent."""

    level: CanaryLevel = CanaryLevel.OK
    lost_rounds: int = 0


def step_canary(state: CanaryState, *, answered: int, targets: int) -> tuple[CanaryState, Transition | None]:
    """Return the state after a round to all canary targets of which `answered` replied.

    Lost after 2 rounds without any reply, ok after the first reply. Without targets it stays ok.
    """
    if answered > 0 or targets == 0:
        transition = None
        if state.level is CanaryLevel.LOST:
            transition = Transition(CanaryLevel.LOST, CanaryLevel.OK, f"{answered} of {targets} canaries answer")
        return CanaryState(), transition
    lost_rounds = state.lost_rounds + 1
    if state.level is CanaryLevel.OK and lost_rounds >= LOST_CANARY_ROUNDS:
        reason = f"no canary of {targets} answered {LOST_CANARY_ROUNDS} rounds"
        return CanaryState(CanaryLevel.LOST, lost_rounds), Transition(CanaryLevel.OK, CanaryLevel.LOST, reason)
    return replace(state, lost_rounds=lost_rounds), None
