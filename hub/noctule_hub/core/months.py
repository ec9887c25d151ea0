"""Months as bills know them: where they begin in a time zone, and an interface's 95th percentile and volume in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

import numpy as np
from noctule_shared.axes import Quality

from noctule_hub.core.resolution import FIVE_MINUTES_MS
from noctule_hub.core.rollups import Rollup
from noctule_hub.core.series import Floats

# A bin of which less is measured says nothing of its rate.
MIN_COVERAGE: Final = 0.8
_BIN_US: Final = FIVE_MINUTES_MS * 1000.0
_UNTRUE: Final = int(Quality.IMPLAUSIBLE | Quality.AMBIGUOUS)
_GAP: Final = int(Quality.GAP)
_PERCENTILE: Final = 0.95
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class BandwidthMonth:
    """An interface in one month, by bins of 5 minutes; rates in bit/s, None when no bin was used.

    `max_p95_bps` is the percentile of each bin's larger direction, `sum_p95_bps` of both directions added. Volumes
    are of all rows but those with an untrue rate. `bins_gap`: nothing or too little is known of them; `bins_doubtful`:
    a rate in them cannot be true or is ambiguous; both are left out of the percentiles.
    """

    bins_expected: int
    bins_used: int
    bins_gap: int
    bins_doubtful: int
    covered_s: float
    in_octets: float
    out_octets: float
    in_p95_bps: float | None
    out_p95_bps: float | None
    max_p95_bps: float | None
    sum_p95_bps: float | None


def month_range_ms(year: int, month: int, zone: tzinfo) -> tuple[int, int]:
    """Return `[from_ms, to_ms)` of a calendar month in a zone, whatever its clocks do within."""
    following = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    first, last = (datetime(*day, 1, tzinfo=zone).astimezone(UTC) for day in ((year, month), following))
    return int(first.timestamp()) * 1000, int(last.timestamp()) * 1000


def percentile_95(values: Floats) -> float | None:
    """Return the value that 5 % of the values exceed, by nearest rank (no interpolation); None: there are none."""
    if not len(values):
        return None
    rank = int(np.ceil(_PERCENTILE * len(values)))
    return float(np.sort(values)[rank - 1])


def bandwidth_month(rows: Rollup, *, from_ms: int, to_ms: int) -> BandwidthMonth:
    """Return what the 5-minute rows of one interface come to in `[from_ms, to_ms)`."""
    expected = max(0, -(-(to_ms - from_ms) // FIVE_MINUTES_MS))
    places = (rows.bucket_ms - from_ms // FIVE_MINUTES_MS * FIVE_MINUTES_MS) // FIVE_MINUTES_MS
    inside = (places >= 0) & (places < expected)
    rows, places = rows.where(inside), places[inside]
    grid = {name: np.zeros(expected) for name in ("in_octets", "out_octets", "in_us", "out_us", "quality")}
    for name, values in grid.items():
        values[places] = np.nan_to_num(rows.columns[name])
    quality = grid["quality"].astype(np.int64)
    untrue, gap = (quality & _UNTRUE) != 0, (quality & _GAP) != 0
    volumes = [float(grid[name][~untrue].sum()) for name in ("in_octets", "out_octets")]
    sound = ~untrue & ~gap
    rates = [_spread(grid[f"{way}_octets"], grid[f"{way}_us"], sound) for way in ("in", "out")]
    covered_us = np.minimum(rates[0][1], rates[1][1])
    used = sound & (covered_us >= MIN_COVERAGE * _BIN_US)
    in_bps, out_bps = (octets[used] * 8e6 / us[used] for octets, us in rates)
    return BandwidthMonth(
        bins_expected=expected,
        bins_used=int(np.count_nonzero(used)),
        bins_gap=int(np.count_nonzero(~used & ~untrue)),
        bins_doubtful=int(np.count_nonzero(untrue)),
        covered_s=float(np.minimum(covered_us, _BIN_US).sum()) / 1e6,
        in_octets=volumes[0],
        out_octets=volumes[1],
        in_p95_bps=percentile_95(in_bps),
        out_p95_bps=percentile_95(out_bps),
        max_p95_bps=percentile_95(np.maximum(in_bps, out_bps)),
        sum_p95_bps=percentile_95(in_bps + out_bps),
    )


def _spread(octets: Floats, us: Floats, sound: Sequence[bool] | np.ndarray) -> tuple[Floats, Floats]:
    """Return octets and microseconds with what a bin holds over its length moved to the bins before it.

    A row is booked where its interval ends: one of a resting port covers the bin before as well, and of any port
    the first seconds of a bin may belong there. Bins that are not `sound` keep theirs and take none.
    """
    octets_in, us_in, whole = octets.tolist(), us.tolist(), np.asarray(sound).tolist()
    over_octets = over_us = 0.0
    for place in range(len(us_in) - 1, -1, -1):
        if not whole[place]:
            over_octets = over_us = 0.0
            continue
        held_us = us_in[place] + over_us
        held_octets = octets_in[place] + over_octets
        over_us = max(0.0, held_us - _BIN_US)
        over_octets = held_octets * over_us / held_us if over_us else 0.0
        us_in[place] = held_us - over_us
        octets_in[place] = held_octets - over_octets
    return np.array(octets_in), np.array(us_in)
