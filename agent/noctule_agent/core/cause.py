"""Why a device that is down does not answer, and when another why is worth telling."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a device that is down does not answer: as the hub was `told`, and another that was `seen` in a row since.

    None: it gave no answer, and no more is known.
    """

    told: str | None = None
    other: str | None = None
    seen: int = 0


UNTOLD: Final = Cause()


def step_cause(cause: Cause, now: str | None, *, least: int) -> tuple[Cause, bool]:
    """Return a cause after one more loss, and whether it is to be told anew: another was there `least` times in a row.

    What goes to and fro is not told each time.
    """
    if now == cause.told:
        return Cause(cause.told), False
    seen = cause.seen + 1 if cause.seen and cause.other == now else 1
    return (Cause(now), True) if seen >= least else (Cause(cause.told, now, seen), False)
