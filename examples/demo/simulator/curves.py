"""Traffic as a function of time that can be integrated exactly, so that a counter needs no memory.

A curve is a mean rate with waves on it. What flows where is left to `topology`.
"""

import random
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

# A day passes in four minutes: whoever watches for one minute sees the traffic rise or fall.
DAY_S: Final = 240.0
# Periods that share no common multiple worth waiting for look like noise and still have an exact integral.
RIPPLE_PERIODS_S: Final = (41.3, 17.9, 7.7, 3.1)
OCTET_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Wave:
    """A sine wave on a curve; `depth_ratio` is its amplitude as a share of the curve's mean."""

    depth_ratio: float
    period_s: float
    phase_rad: float

    def at(self, time_s: float) -> float:
        """Return the wave's height, in shares of the mean."""
        return self.depth_ratio * sin(2 * pi * time_s / self.period_s + self.phase_rad)

    def integral_s(self, time_s: float) -> float:
        """Return the integral of `at` from 0 to `time_s`."""
        angle_rad = 2 * pi * time_s / self.period_s + self.phase_rad
        return self.depth_ratio * self.period_s / (2 * pi) * (cos(self.phase_rad) - cos(angle_rad))


@dataclass(frozen=True, slots=True)
class Curve:
    """A rate over time that never falls below zero.

    Raises ValueError when the waves together are deeper than the mean.
    """

    mean_bps: float
    waves: tuple[Wave, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a curve that would run backwards: a counter must not."""
        if sum(abs(wave.depth_ratio) for wave in self.waves) > 1:
            raise ValueError("the waves' depths add up to more than 1; the rate would become negative")

    def rate_bps(self, time_s: float) -> float:
        """Return the rate at a time."""
        return self.mean_bps * (1 + sum(wave.at(time_s) for wave in self.waves))

    def octets(self, time_s: float) -> float:
        """Return what has flowed from 0 to `time_s`."""
        carried_s = time_s + sum(wave.integral_s(time_s) for wave in self.waves)
        return self.mean_bps / OCTET_BITS * carried_s


def day_curve(mean_bps: float, rng: random.Random, *, swing_ratio: float = 0.5, noise_ratio: float = 0.25) -> Curve:
    """Return a curve like a day's: one rise and fall, a smaller evening peak, and ripples all along.

    `swing_ratio` is how far day and night are from the mean, `noise_ratio` how deep all ripples are together.
    Every curve has its morning at about the same time, as the people behind it have.
    """
    morning_rad = rng.uniform(-0.6, 0.6)
    waves = [
        Wave(swing_ratio * 0.75, DAY_S, morning_rad),
        Wave(swing_ratio * 0.25, DAY_S / 2, 2 * morning_rad + rng.uniform(-0.3, 0.3)),
    ]
    for period_s in RIPPLE_PERIODS_S:
        period_s_here = period_s * rng.uniform(0.9, 1.1)
        waves.append(Wave(noise_ratio / len(RIPPLE_PERIODS_S), period_s_here, rng.uniform(0, 2 * pi)))
    return Curve(mean_bps, tuple(waves))
