"""Asks the kernel whether this machine's clock is kept right; needs no program and no privilege."""

import ctypes
import time
from dataclasses import dataclass
from typing import Final

# adjtimex(2): the state that says that nobody keeps the clock, and the bit that says the same.
_TIME_ERROR: Final = 5
_STA_UNSYNC: Final = 0x40


class _Timex(ctypes.Structure):
    # The first fields of struct timex; the rest is room for the kernel to write to.
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


@dataclass(frozen=True, slots=True)
class ClockState:
    """`synchronised` None: the kernel cannot be asked. `max_error_s`: at most so far off, None: nobody knows."""

    synchronised: bool | None
    max_error_s: float | None
    resolution_s: float


def clock_state() -> ClockState:
    """Return what the kernel says of the real-time clock."""
    resolution_s = time.clock_getres(time.CLOCK_REALTIME)
    timex = _Timex()  # modes 0: read only
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (AttributeError, OSError):
        return ClockState(None, None, resolution_s)
    if state < 0:
        return ClockState(None, None, resolution_s)
    synchronised = state != _TIME_ERROR and not timex.status & _STA_UNSYNC
    return ClockState(synchronised, timex.maxerror / 1e6 if synchronised else None, resolution_s)
