"""The tracks of conditions about measurements, of one object, from steps of 5 minutes.

The same thresholds as live (`levels`) on what rollups keep: means and sums of a step stand for its rows, so that what
is shorter than a step is averaged away, and a step that meets a condition meets it from its start to the next.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from noctule_shared.events import DeviceStatus
from noctule_shared.frames import TableName

from noctule_hub.core.alerting.conditions import (
    Condition,
    ConditionKind,
    HighDiscards,
    HighErrors,
    HighLatency,
    HighLoss,
    HighUtilisation,
)
from noctule_hub.core.alerting.levels import UNJUDGED, Judged, Verdict, judge_delays, judge_losses, judge_polls
from noctule_hub.core.alerting.trial import HOLDS, OVER, UNKNOWN, Signs, Track
from noctule_hub.core.alerting.usual import BIN_MS, BINS, LEAST_ROUNDS, usual_of
from noctule_hub.core.availability import StatusSpan
from noctule_hub.core.resolution import FIVE_MINUTES_MS
from noctule_hub.core.rollups import Rollup, combined
from noctule_hub.core.series import Floats, Ints

Array = npt.NDArray[Any]

TABLES: Final[Mapping[ConditionKind, TableName]] = {
    HighLatency: TableName.LATENCY,
    HighLoss: TableName.LATENCY,
    HighUtilisation: TableName.INTERFACE,
    HighErrors: TableName.INTERFACE,
    HighDiscards: TableName.INTERFACE,
}
# Maintenance is left out of trials: what is down in it counts.
_DOWN: Final = frozenset({DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE})
# What is usual is known by a day before: so much more is read.
USUAL_MS: Final = BINS * BIN_MS


def of_steps(
    condition: Condition,
    steps: Rollup,
    *,
    from_ms: int,
    speed_bps: int | None,
    statuses: Sequence[StatusSpan] = (),
) -> Track:
    """Return the track of an object from `from_ms` on; `steps` are its own, by time, of a day before that as well.

    `speed_bps` is the interface's of now; None: unknown, so that its utilisation is. Nothing is known of a step in
    which the device was down for any time by its `statuses`, as live its measurements then open and end nothing.
    """
    shown = steps.where(steps.bucket_ms >= from_ms)
    match condition:
        case HighLatency():
            usual_s = usual_at(steps, shown.bucket_ms)
            judged = judge_delays(condition, _delays(shown), usual_s)
        case HighLoss():
            received = shown.columns["received"]
            # A step without a reply is no loss but a fall, which is told as that.
            judged = judge_losses(condition, np.where(received > 0, shown.columns["sent"], 0), received)
        case HighUtilisation() | HighErrors() | HighDiscards():
            speed = np.full(len(shown.bucket_ms), np.nan if speed_bps is None else float(speed_bps))
            judged = judge_polls(condition, _polls(shown), speed)
        case _:
            raise TypeError(f"{type(condition).__name__} is not about measurements")
    signs = _signs(judged)
    signs[_touched(shown.bucket_ms, statuses)] = UNKNOWN
    return Track(shown.bucket_ms, signs)


def usual_at(steps: Rollup, at_ms: Ints) -> Floats:
    """Return what was usual at some times, by the bins before that which then ran; NaN: not known.

    Unlike live, the first bin of a device tells nothing: its single rounds are not among the steps.
    """
    if not len(steps.bucket_ms):
        return np.full(len(at_ms), np.nan)
    bins = combined(TableName.LATENCY, [steps], BIN_MS)
    first = int(bins.bucket_ms[0]) // BIN_MS - BINS
    numbers = at_ms // BIN_MS - first
    length = int(max(bins.bucket_ms[-1] // BIN_MS, at_ms.max(initial=0) // BIN_MS)) - first + 1
    means_s, rounds = np.full(length, np.nan), np.zeros(length)
    places = bins.bucket_ms // BIN_MS - first
    means_s[places] = _delays(bins)
    rounds[places] = bins.columns["n"] - bins.columns["bad"]
    wanted, back = np.unique(numbers, return_inverse=True)
    window = wanted[:, np.newaxis] - np.arange(1, BINS + 1)
    known = window >= 0
    usual_s = usual_of(np.where(known, means_s[window], np.nan))
    enough = np.where(known, rounds[window], 0).sum(axis=1) >= LEAST_ROUNDS
    found: Floats = np.where(enough, usual_s, np.nan)[back]
    return found


def _delays(steps: Rollup) -> Floats:
    """Return the mean of the round medians of each step in seconds, NaN where none had a reply."""
    replied = steps.columns["n"] - steps.columns["bad"]
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(replied > 0, steps.columns["rtt_sum_ns"] / replied / 1e9, np.nan)
    return found


def _polls(steps: Rollup) -> dict[str, Array]:
    """Return steps as rows of an interface, each as long and as full as its polls on the average."""
    columns, polls = steps.columns, np.maximum(steps.columns["n"] - steps.columns["bad"], 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rows: dict[str, Array] = {
            f"{way}_{name}": columns[f"{way}_{name}"] / polls
            for way in ("in", "out")
            for name in ("packets", "errors", "discards")
        }
        # Octets of a second each: the two ways may have been measured for different times.
        rows |= {f"{way}_octets": columns[f"{way}_octets"] / columns[f"{way}_us"] * 1e6 for way in ("in", "out")}
    rows["interval_s"] = np.ones(len(steps.bucket_ms))
    rows["quality"] = np.where(columns["n"] > columns["bad"], 0, int(UNJUDGED)).astype(np.uint8)
    return rows


def _touched(steps_ms: Ints, statuses: Sequence[StatusSpan]) -> npt.NDArray[np.bool_]:
    """Return which steps have a part of a time in which the device was down."""
    found = np.zeros(len(steps_ms), np.bool_)
    for span in statuses:
        if span.status in _DOWN:
            first = np.searchsorted(steps_ms, span.from_ms - FIVE_MINUTES_MS, side="right")
            found[first : np.searchsorted(steps_ms, span.to_ms, side="left")] = True
    return found


def _signs(judged: Judged) -> Signs:
    signs = np.full(len(judged.verdicts), UNKNOWN, np.int8)
    signs[judged.verdicts == Verdict.MET] = HOLDS
    signs[judged.verdicts == Verdict.OVER] = OVER
    return signs
