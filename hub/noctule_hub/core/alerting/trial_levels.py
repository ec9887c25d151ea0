"""The tracks of conditions about measurements, of one object, from steps of 5 minutes.

The same thresholds as live (`levels`) on what rollups keep: means and sums of a step stand for its rows, so that what
is shorter than a step is averaged away, and a step that meets a condition meets it from its start to the next.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
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
# What is usual is known by a day before: so much more is read.
USUAL_MS: Final = BINS * BIN_MS


def of_steps(condition: Condition, steps: Rollup, *, from_ms: int, speed_bps: int | None) -> Track:
    """Return the track of an object from `from_ms` on; `steps` are its own, by time, of a day before that as well.

    `speed_bps` is the interface's of now; None: unknown, so that its utilisation is.
    """
    shown = steps.where(steps.bucket_ms >= from_ms)
    match condition:
        case HighLatency():
            usual_s = usual_at(steps, shown.bucket_ms)
            judged = judge_delays(condition, _delays(shown), usual_s)
        case HighLoss():
            judged = judge_losses(condition, shown.columns["sent"], shown.columns["received"])
        case HighUtilisation() | HighErrors() | HighDiscards():
            speed = np.full(len(shown.bucket_ms), np.nan if speed_bps is None else float(speed_bps))
            judged = judge_polls(condition, _polls(shown), speed)
        case _:
            raise TypeError(f"{type(condition).__name__} is not about measurements")
    return Track(shown.bucket_ms, _signs(judged))


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


def _signs(judged: Judged) -> Signs:
    signs = np.full(len(judged.verdicts), UNKNOWN, np.int8)
    signs[judged.verdicts == Verdict.MET] = HOLDS
    signs[judged.verdicts == Verdict.OVER] = OVER
    return signs
