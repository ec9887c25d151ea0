"""Whether measured values meet the thresholds of a condition: whole columns in, a verdict for each row out.

Pure arithmetic without a state: windows are `loss_windows`, the usual delay is `usual`. What follows for alerts is
left to `measured`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from noctule_shared.axes import Quality

from noctule_hub.core.alerting.conditions import HighDiscards, HighErrors, HighLatency, HighLoss, HighUtilisation
from noctule_hub.core.series import Floats

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
PollCondition = HighUtilisation | HighErrors | HighDiscards

# Rows whose figures are no measure of what the interface did.
UNJUDGED: Final = Quality.FIRST | Quality.RESET | Quality.AMBIGUOUS | Quality.IMPLAUSIBLE


class Verdict(IntEnum):
    """What one row says of a condition. `BETWEEN`: neither met nor over, nothing changes; `UNKNOWN`: nothing at all."""

    UNKNOWN = 0
    BETWEEN = 1
    OVER = 2
    MET = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict for each row, what was judged, and the figures it was judged by; NaN: unknown, or there is none.

    `outward`: of the two directions of an interface it is the way out whose value was judged.
    """

    verdicts: npt.NDArray[np.int8]
    values: Floats
    thresholds: Floats
    clears: Floats
    usuals: Floats
    outward: Flags


def judge_delays(condition: HighLatency, rtt_s: Array, usual_s: Array) -> Judged:
    """Judge round medians in seconds, each by the device's own usual delay; NaN: no reply, or no usual is known.

    While no usual is known, a delay can be known to be above the limit, but not to be as usual again.
    """
    values, usuals = rtt_s.astype(np.float64), usual_s.astype(np.float64)
    thresholds = np.maximum(usuals * condition.times_usual, usuals + condition.above_usual_s)
    clears = np.maximum(usuals * condition.clear_times_usual, usuals + condition.clear_above_usual_s)
    if condition.limit_s is not None and condition.clear_limit_s is not None:
        thresholds = np.fmin(thresholds, condition.limit_s)
        clears = np.minimum(clears, condition.clear_limit_s)
    known = ~np.isnan(values) & ~np.isnan(clears)
    verdicts = _verdicts(known, values > thresholds, values <= clears)
    return Judged(verdicts, values, thresholds, clears, usuals, np.zeros(len(values), np.bool_))


def judge_losses(condition: HighLoss, sent: Array, received: Array) -> Judged:
    """Judge sums of packets over a window of rounds; where none was sent it is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # Not 1 - received / sent: six of thirty are to be a fifth, not a little less.
        values = np.where(sent > 0, (sent - received.astype(np.float64)) / sent, np.nan)
    verdicts = _verdicts(~np.isnan(values), values >= condition.loss_ratio, values < condition.clear_ratio)
    figures = condition.loss_ratio, condition.clear_ratio
    return _fixed(values, verdicts, figures, np.zeros(len(values), np.bool_))


def judge_polls(condition: PollCondition, columns: Mapping[str, Array], speed_bps: Array) -> Judged:
    """Judge rows of interfaces, `frames.INTERFACE_COLUMNS`; NaN as speed: unknown.

    Met by either direction, over when no direction that is known is above `clear`. A direction that is unknown says
    nothing; neither does a row that `quality` calls no measure.
    """
    usable = (columns["quality"] & int(UNJUDGED)) == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        match condition:
            case HighUtilisation():
                limit = condition.util_ratio
                per_octet = np.where(usable, 8.0 / columns["interval_s"] / speed_bps, np.nan)
                into, out = columns["in_octets"] * per_octet, columns["out_octets"] * per_octet
                into_met, out_met = into >= limit, out >= limit
            case HighErrors():
                limit = condition.error_ratio
                (into, into_met), (out, out_met) = _shares(columns, "errors", limit, condition.least, usable)
            case HighDiscards():
                limit = condition.discard_ratio
                (into, into_met), (out, out_met) = _shares(columns, "discards", limit, condition.least, usable)
        highest = np.fmax(into, out)
        # Of two that are met, or none, the higher; else the one that is met: a few errors of an idle way are not.
        outward = np.where(into_met == out_met, ~(into >= out) & ~np.isnan(out), out_met)
        verdicts = _verdicts(~np.isnan(highest), into_met | out_met, highest < condition.clear_ratio)
    return _fixed(np.where(outward, out, into), verdicts, (limit, condition.clear_ratio), outward)


def _shares(
    columns: Mapping[str, Array], what: str, limit: float, least: int, usable: Flags
) -> list[tuple[Floats, Flags]]:
    """Return of in and of out which share of the packets it happened to, and whether that is too much.

    Packets that were dropped on their way in are not among those counted as received, while those dropped on their
    way out are among those counted as to be sent (RFC 2863, ifInUcastPkts and ifOutUcastPkts).
    """
    found: list[tuple[Floats, Flags]] = []
    for way in ("in", "out"):
        events, packets = columns[f"{way}_{what}"], columns[f"{way}_packets"]
        whole = packets + events if way == "in" else np.maximum(packets, events)
        share = np.where(usable, events / np.where(whole == 0, 1.0, whole), np.nan)
        found.append((share, (share >= limit) & (events >= least)))
    return found


def _fixed(values: Floats, verdicts: npt.NDArray[np.int8], figures: tuple[float, float], outward: Flags) -> Judged:
    """Return verdicts by figures that are the same for every row."""
    threshold, clear, unknown = (np.broadcast_to(figure, len(values)) for figure in (*figures, np.nan))
    return Judged(verdicts, values, threshold, clear, unknown, outward)


def _verdicts(known: Flags, met: Flags, over: Flags) -> npt.NDArray[np.int8]:
    verdicts = known.astype(np.int8)
    verdicts[over] = Verdict.OVER
    verdicts[met] = Verdict.MET
    return verdicts
