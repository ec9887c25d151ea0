"""What goes wrong in the simulated network, and when: a table of happenings that repeat.

Times are seconds on the simulator's clock. What a happening does to counters is left to `network`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# How often everything happens again in a long run, and within what time it happens the first time.
LOOP_S: Final = 240.0
LEISURELY_RUN_S: Final = 60.0
# Faster than this the two losses of a flapping link would run into each other.
PACE_MIN: Final = 0.45


class Kind(StrEnum):
    """What can happen to a device or to one of its ports."""

    FLAP = "flap"  # a customer's port loses its link
    SURGE = "surge"  # a customer sends and fetches more than the uplink was bought for
    SILENCE = "silence"  # the device does not answer SNMP
    REBOOT = "reboot"  # the device starts anew: links down, then every counter and sysUpTime from 0


@dataclass(frozen=True, slots=True)
class Pulse:
    """Times when something is the case: from `first_s` on for `lasts_s`, again every `every_s`."""

    first_s: float
    lasts_s: float
    every_s: float

    def _started(self, time_s: float) -> int:
        return 0 if time_s < self.first_s else 1 + int((time_s - self.first_s) // self.every_s)

    def active(self, time_s: float) -> bool:
        """Return whether it is the case."""
        return time_s >= self.first_s and (time_s - self.first_s) % self.every_s < self.lasts_s

    def total_s(self, time_s: float) -> float:
        """Return for how long it has been the case up to `time_s`, all times together."""
        started = self._started(time_s)
        if not started:
            return 0.0
        since_start_s = time_s - self.first_s - (started - 1) * self.every_s
        return (started - 1) * self.lasts_s + min(since_start_s, self.lasts_s)

    def last_end_s(self, time_s: float) -> float | None:
        """Return when it last ceased to be the case, or None if it never has."""
        started = self._started(time_s)
        ended = started - 1 if self.active(time_s) else started
        return None if ended < 1 else self.first_s + (ended - 1) * self.every_s + self.lasts_s

    def last_change_s(self, time_s: float) -> float | None:
        """Return when it last began or ceased to be the case, or None if it never has."""
        started = self._started(time_s)
        if self.active(time_s):
            return self.first_s + (started - 1) * self.every_s
        return self.last_end_s(time_s)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the script. `customer` is the number of the customer's port, None for the whole device."""

    kind: Kind
    device: str
    customer: int | None
    offset_s: float
    lasts_s: float


# A flap is two losses of the link: a short one that no one should be woken for, and one that stays.
STORY: Final = (
    Happening(Kind.SILENCE, "radio1.north", None, offset_s=10, lasts_s=24),
    Happening(Kind.FLAP, "acc1.north", 3, offset_s=14, lasts_s=3),
    Happening(Kind.FLAP, "acc1.north", 3, offset_s=22, lasts_s=16),
    Happening(Kind.SURGE, "acc2.south", 1, offset_s=18, lasts_s=60),
    Happening(Kind.REBOOT, "acc1.south", None, offset_s=36, lasts_s=6),
)


@dataclass(frozen=True, slots=True)
class Script:
    """The story with times on the clock. An empty script is a network where all is well."""

    pulses: tuple[tuple[Happening, Pulse], ...] = ()

    def of(self, kind: Kind, device: str, customer: int | None = None) -> tuple[Pulse, ...]:
        """Return when something of a kind happens to a device, or to its port for a customer."""
        return tuple(
            pulse
            for happening, pulse in self.pulses
            if (happening.kind, happening.device, happening.customer) == (kind, device, customer)
        )


def begin(now_s: float, run_s: float | None, story: Iterable[Happening] = STORY) -> Script:
    """Return the script of a run that begins now and is to last `run_s` (None: until someone stops it).

    In a run shorter than a minute everything starts sooner in proportion; how long each thing lasts stays, because
    what watches the network needs its time to notice.
    """
    pace = 1.0 if run_s is None else min(1.0, max(PACE_MIN, run_s / LEISURELY_RUN_S))
    return Script(
        tuple((happening, Pulse(now_s + happening.offset_s * pace, happening.lasts_s, LOOP_S)) for happening in story)
    )


def silent(now_s: float, devices: Iterable[str]) -> Script:
    """Return the script of a network where all is well, but for devices that do not answer from now on."""
    for_good = Pulse(now_s, math.inf, math.inf)
    return Script(tuple((Happening(Kind.SILENCE, name, None, 0.0, math.inf), for_good) for name in devices))
