"""How long to wait before the next attempt: exponential with full jitter. Sleeping is left to the caller."""

from collections.abc import Callable
from typing import Final

BASE_S: Final = 1.0
CAP_S: Final = 60.0
# 2**32 seconds are far above any cap; the exponent stops there so that it cannot overflow.
_MAX_EXPONENT: Final = 32


def full_jitter_s(attempt: int, rng: Callable[[], float], *, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Return the pause in seconds before attempt `attempt` (0 for the first retry), in [0, cap_s].

    Uniform over [0, min(cap, base * 2**attempt)], so that agents cut off together do not come back together
    ("Exponential Backoff And Jitter", M. Brooker, 2015). `rng` returns uniform numbers in [0, 1).
    """
    ceiling_s = min(cap_s, base_s * 2.0 ** min(max(attempt, 0), _MAX_EXPONENT))
    return ceiling_s * rng()
