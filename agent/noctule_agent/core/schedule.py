"""When each device is measured: a phase of its own within the interval, no drift, overlaps skipped.

Pure; the clock is the caller's and so is the waiting.
"""

import math
from dataclasses import dataclass
from typing import Final

from noctule_shared.commands import FOCUS_INTERVAL_S

# The part of its time in which a device in focus may be busy with answering us.
FOCUS_LOAD_RATIO: Final = 0.5
# Fibonacci hashing (Knuth, TAOCP 6.4): consecutive ids fall evenly over [0, 1).
GOLDEN_RATIO: Final = 0.6180339887498949


def phase_s(device_id: int, interval_s: float) -> float:
    """Return where in each interval a device is due, in seconds, evenly spread and the same at every start."""
    return (device_id * GOLDEN_RATIO) % 1.0 * interval_s


def first_due_s(device_id: int, interval_s: float, now_s: float) -> float:
    """Return the first due time at or after `now_s`, on the device's own grid of the monotonic clock."""
    phase = phase_s(device_id, interval_s)
    return phase + math.ceil((now_s - phase) / interval_s) * interval_s


def focus_pace_s(interval_s: float, took_s: float | None) -> float:
    """Return the interval of a device in focus: a second, or so long that it works on answers half of the time at most.

    `took_s` is how long its last measurement took, None: not known or no burden to it. In whole seconds above the
    first, so that it changes seldom; never longer than the ordinary interval.
    """
    burden_s = 0.0 if took_s is None else float(math.ceil(took_s / FOCUS_LOAD_RATIO))
    return min(interval_s, max(FOCUS_INTERVAL_S, burden_s))


@dataclass(frozen=True, slots=True)
class Turn:
    """The next due time, and how many were skipped because the last measurement was still running."""

    due_s: float
    skipped: int


def next_turn(due_s: float, interval_s: float, now_s: float) -> Turn:
    """Return the turn after the one that was due at `due_s` and ended at `now_s`.

    Due times stay on the grid `due_s + n * interval_s`, so that late ends do not add up. A due time that
    passed while the measurement ran is skipped and counted, never made up for.
    """
    upcoming = due_s + interval_s
    if upcoming >= now_s:
        return Turn(upcoming, 0)
    skipped = math.ceil((now_s - upcoming) / interval_s)
    return Turn(upcoming + skipped * interval_s, skipped)
