"""Whether the agent's own way out works: the canary axis. Pure; pinging its targets is left to `monitor`."""

from dataclasses import dataclass
from typing import Final

from noctule_shared.axes import CanaryLevel

from noctule_agent.core.reachability import Transition

LOST_CANARY_ROUNDS: Final = 2
# Devices that were found down without a way out are up again after two good rounds, of 10 s by default: until then what
# the agent says of them is not so any more.
RETURN_S: Final = 25.0


@dataclass(frozen=True, slots=True)
class CanaryState:
    """Whether the agent's own way out works.

    `lost_rounds` counts rounds in which every target was silent. `answering_since_s` is when, in seconds, the first of
    the rounds since then was answered; None: the last one was not, or the way out works.
    """

    level: CanaryLevel = CanaryLevel.OK
    lost_rounds: int = 0
    answering_since_s: float | None = None


def step_canary(
    state: CanaryState, *, answered: int, targets: int, now_s: float
) -> tuple[CanaryState, Transition | None]:
    """Return the state after a round to all canary targets, at `now_s`, of which `answered` replied.

    Lost after 2 rounds without any reply, ok after `RETURN_S` of rounds with one. Without targets it stays ok.
    """
    if answered > 0 or targets == 0:
        if state.level is CanaryLevel.OK:
            return CanaryState(), None
        since_s = now_s if state.answering_since_s is None else state.answering_since_s
        if now_s - since_s < RETURN_S:
            return CanaryState(CanaryLevel.LOST, answering_since_s=since_s), None
        reason = f"{answered} of {targets} canaries answer, for {now_s - since_s:.0f} s"
        return CanaryState(), Transition(CanaryLevel.LOST, CanaryLevel.OK, reason)
    lost_rounds = state.lost_rounds + 1
    if state.level is CanaryLevel.OK and lost_rounds >= LOST_CANARY_ROUNDS:
        reason = f"no canary of {targets} answered {LOST_CANARY_ROUNDS} rounds"
        return CanaryState(CanaryLevel.LOST, lost_rounds), Transition(CanaryLevel.OK, CanaryLevel.LOST, reason)
    return CanaryState(state.level, lost_rounds), None
