"""How finely history is shown: the steps of rollups, and which of them a range and a width ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIVE_MINUTES_MS: Final = 300_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000


class Resolution(StrEnum):
    """`raw`: rows as they were measured; the others are rollups, one row each 5 minutes, hour or UTC day."""

    RAW = "raw"
    FIVE_MINUTES = "5m"
    HOUR = "1h"
    DAY = "1d"


# Finest first.
STEP_MS: Final[Mapping[Resolution, int]] = {
    Resolution.FIVE_MINUTES: FIVE_MINUTES_MS,
    Resolution.HOUR: HOUR_MS,
    Resolution.DAY: DAY_MS,
}
# Raw rows are taken, and bucketed, while they are at most this many times the width: 30 minutes at one a second look
# better so than as six rollups. Past `MAX_BUCKETED_ROWS` reading them takes too long.
OVERSAMPLING: Final = 4
MAX_BUCKETED_ROWS: Final = 8_000
# Widths for buckets of raw rows that the eye finds again on an axis.
_NICE_MS: Final = tuple(
    seconds * 1000 for seconds in (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 600, 900, 1800, 3600, 7200, 21_600)
)


@dataclass(frozen=True, slots=True)
class Reach:
    """From when on rows of each resolution are kept, epoch milliseconds; one that is absent has none yet."""

    from_ms: Mapping[Resolution, int]

    def covers(self, resolution: Resolution, from_ms: int) -> bool:
        """Return whether `resolution` still has all that any resolution has from `from_ms` on."""
        if not self.from_ms:
            return True
        first_ms = self.from_ms.get(resolution)
        return first_ms is not None and first_ms <= max(from_ms, min(self.from_ms.values()))


def rollup_for(span_ms: int, points: int, reach: Reach, from_ms: int) -> Resolution:
    """Return the finest rollup that covers the range and has at most `points` rows in it, else the coarsest."""
    for resolution, step_ms in STEP_MS.items():
        if span_ms <= points * step_ms and reach.covers(resolution, from_ms):
            return resolution
    return Resolution.DAY


def most_raw(points: int) -> int:
    """Return how many raw rows at most are shown, as they are or bucketed to the width."""
    return max(points, min(points * OVERSAMPLING, MAX_BUCKETED_ROWS))


def may_be_raw(span_ms: int) -> bool:
    """Return whether raw rows may be few enough in a range; else looking at them is not worth it."""
    return span_ms <= MAX_BUCKETED_ROWS * FIVE_MINUTES_MS


def bucket_ms(span_ms: int, points: int) -> int:
    """Return the width of buckets, a round one, of which `points` or fewer cover a range wherever it begins."""
    least_ms = -(-span_ms // max(1, points - 1))
    return next((nice_ms for nice_ms in _NICE_MS if nice_ms >= least_ms), -(-least_ms // DAY_MS) * DAY_MS)
