"""What people read of a measured value that was judged: the value in its unit, and what it is held against."""

from dataclasses import dataclass

import numpy as np

from noctule_hub.core.alerting.conditions import HighErrors, HighUtilisation
from noctule_hub.core.alerting.levels import Judged, PollCondition


@dataclass(frozen=True, slots=True)
class Level:
    """A judged value: `words` tell it, `limit` where alerts begin (`above 36 ms`), the rest is as in `Evidence`."""

    quantity: str
    value: float | None
    words: str
    limit: str
    threshold: float | None
    clear: float | None
    usual: float | None = None


def of_delay(judged: Judged, row: int) -> Level:
    """Return the level of a round-trip delay."""
    value, threshold, clear, usual = _figures(judged, row)
    words = f"round-trip delay {_delay(value)}"
    if usual is not None:
        words = f"{words}, usually {_delay(usual)}"
    return Level("rttS", value, words, f"above {_delay(threshold)}", threshold, clear, usual)


def of_loss(judged: Judged, row: int, *, sent: int, received: int) -> Level:
    """Return the level of packet loss over a window."""
    value, threshold, clear, _ = _figures(judged, row)
    words = f"{_share(value)} of packets lost ({sent - received} of {sent})"
    return Level("lossRatio", value, words, f"from {_share(threshold)}", threshold, clear)


def of_poll(condition: PollCondition, judged: Judged, row: int, *, speed_bps: float) -> Level:
    """Return the level of what one poll of an interface told."""
    value, threshold, clear, _ = _figures(judged, row)
    way = "out" if judged.outward[row] else "in"
    if isinstance(condition, HighUtilisation):
        quantity, words = "UtilRatio", f"{_share(value)} of {speed_bps / 1e6:g} Mbit/s used {way}"
    elif isinstance(condition, HighErrors):
        quantity, words = "ErrorRatio", f"{_share(value)} of packets {way} have errors"
    else:
        quantity, words = "DiscardRatio", f"{_share(value)} of packets {way} are discarded"
    return Level(f"{way}{quantity}", value, words, f"from {_share(threshold)}", threshold, clear)


def _figures(judged: Judged, row: int) -> tuple[float | None, float | None, float | None, float | None]:
    columns = (judged.values, judged.thresholds, judged.clears, judged.usuals)
    value, threshold, clear, usual = (_known(column[row]) for column in columns)
    return value, threshold, clear, usual


def _known(value: float) -> float | None:
    number = float(value)
    # The measuring clocks tell no more than seven digits.
    return float(f"{number:.7g}") if np.isfinite(number) else None


def _delay(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _share(ratio: float | None) -> str:
    if ratio is None:
        return "unknown"
    percent = ratio * 100
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"  # noqa: PLR2004  two digits
