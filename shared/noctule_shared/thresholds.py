"""When rounds and polls change a device's levels: defaults, and what a device may have of its own.

Set on the hub, used by the agent's `core.reachability`; the bounds are part of the agreement between them.
"""

from typing import Annotated, Final

import msgspec

Retries = Annotated[int, msgspec.Meta(ge=1, le=10)]
GoodRounds = Annotated[int, msgspec.Meta(ge=1, le=10)]
FailedPolls = Annotated[int, msgspec.Meta(ge=2, le=10)]
# Without a floor a single lost packet of a whole window would make a device degraded.
DegradedLossRatio = Annotated[float, msgspec.Meta(ge=0.01, le=1)]
ClearLossRatio = Annotated[float, msgspec.Meta(gt=0, lt=1)]
# The agent keeps each round of the longer window: at most 600 of a device that is pinged each second.
WindowS = Annotated[float, msgspec.Meta(ge=5, le=600)]

FAILED_POLLS: Final = 3


class IcmpThresholds(msgspec.Struct, frozen=True, rename="camel"):
    """When rounds of echoes change a device's icmp level.

    Down: a round lost whole, then `retries` fast retries lost. Up again: `good_rounds` rounds in a row with a reply.
    Degraded: a loss of `degraded_loss_ratio` or more over `degraded_window_s`, until it is below `clear_loss_ratio`
    over `clear_window_s`. `clear_loss_ratio` is below `degraded_loss_ratio`; the hub sees to it.
    """

    retries: Retries = 3
    good_rounds: GoodRounds = 2
    degraded_loss_ratio: DegradedLossRatio = 0.20
    degraded_window_s: WindowS = 60.0
    clear_loss_ratio: ClearLossRatio = 0.05
    clear_window_s: WindowS = 120.0


# One instance, so that a struct that omits its defaults sends nothing of a device without thresholds of its own.
ICMP_THRESHOLDS: Final = IcmpThresholds()
