"""The usual round-trip delay of every device: the median of its means of 15 minutes over the last 24 hours.

So an outage must last half a day to count as usual, and after half a day a path that changed for good does. Of a
device whose first 15 minutes are not over yet it is the mean of its first 30 rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from noctule_hub.core.drafted_columns import DraftedColumns
from noctule_hub.core.series import Floats, Ints

Array = npt.NDArray[Any]

BIN_MS: Final = 900_000
BINS: Final = 96
# Of fewer rounds nothing is known.
LEAST_ROUNDS: Final = 30
_MANY: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class DelayHistory:
    """What rounds with a reply came to, each device and bin once; `bins` are numbers of 15 minutes since 1970."""

    device_ids: Ints
    bins: Ints
    rtt_sum_s: Floats
    rounds: Ints


def joined(parts: Sequence[DelayHistory]) -> DelayHistory:
    """Return parts of a history as one; no device and bin may be in two of them."""
    columns = ([getattr(part, name) for part in parts] for name in ("device_ids", "bins", "rtt_sum_s", "rounds"))
    return DelayHistory(*(np.concatenate(column) for column in columns))


class UsualDelays:
    """Columns by device id, with a draft over them; delays in seconds, NaN: not known."""

    def __init__(self) -> None:
        # `bin` is the number of the bin that runs, 0: no round was taken yet; `means` a ring, at number % BINS.
        self._rows = DraftedColumns(
            {
                "usual_s": (np.float64, np.nan, ()),
                "bin": (np.int64, 0, ()),
                "sum_s": (np.float64, 0.0, ()),
                "count": (np.int64, 0, ()),
                "rounds": (np.int32, 0, ()),
                "means_s": (np.float32, np.nan, (BINS,)),
            }
        )

    def of(self, device_id: int) -> float | None:
        """Return a device's usual delay as drafted, None: not known."""
        usual_s = float(self._rows["usual_s"][device_id]) if 0 <= device_id < len(self._rows) else np.nan
        return None if np.isnan(usual_s) else usual_s

    def take(self, device_ids: Ints, ts_ms: Ints, rtt_s: Array) -> Floats:
        """Take one round of each device, newer than those before; NaN: no reply.

        Returns what was usual before each.
        """
        if not len(device_ids):
            return np.zeros(0)
        rows = self._rows
        rows.reach(int(device_ids.max()))
        number = ts_ms // BIN_MS
        running = rows["bin"][device_ids]
        begins = number > running
        self._close(device_ids[begins], running[begins], number[begins])
        before_s: Floats = rows["usual_s"][device_ids].copy()
        counts = np.isfinite(rtt_s) & (number >= rows["bin"][device_ids])
        taken, taken_s = device_ids[counts], rtt_s[counts].astype(np.float64)
        rows.write("sum_s", taken, rows["sum_s"][taken] + taken_s)
        rows.write("count", taken, rows["count"][taken] + 1)
        rounds = np.minimum(rows["rounds"][taken].astype(np.int64) + 1, _MANY)
        rows.write("rounds", taken, rounds)
        self._find(taken[rounds == LEAST_ROUNDS])
        return before_s

    def learn(self, history: DelayHistory) -> None:
        """Take what a store remembers: bins before the one that runs, and what that one had before the hub began."""
        if not len(history.device_ids):
            return
        rows = self._rows
        rows.reach(int(history.device_ids.max()))
        newest = np.zeros(len(rows), np.int64)
        np.maximum.at(newest, history.device_ids, history.bins)
        device_ids = np.flatnonzero(newest)
        unmeasured = device_ids[rows["bin"][device_ids] == 0]
        rows.write("bin", unmeasured, newest[unmeasured])
        age = rows["bin"][history.device_ids] - history.bins
        past, present = (age > 0) & (age < BINS) & (history.rounds > 0), (age == 0) & (history.rounds > 0)
        means_s = history.rtt_sum_s[past] / history.rounds[past]
        rows.write("means_s", (history.device_ids[past], history.bins[past] % BINS), means_s)
        running = history.device_ids[present]
        rows.write("sum_s", running, rows["sum_s"][running] + history.rtt_sum_s[present])
        rows.write("count", running, rows["count"][running] + history.rounds[present])
        counted = np.bincount(history.device_ids, np.where(past | present, history.rounds, 0)).astype(np.int64)
        rows.write("rounds", device_ids, np.minimum(rows["rounds"][device_ids] + counted[device_ids], _MANY))
        self._find(device_ids)

    def settle(self) -> None:
        """Make the draft the present."""
        self._rows.settle()

    def drop(self) -> None:
        """Undo the draft."""
        self._rows.drop()

    def _close(self, device_ids: Ints, running: Ints, number: Ints) -> None:
        """End the bins that run and begin those of `number`; bins that nothing was measured in are unknown."""
        if not len(device_ids):
            return
        rows = self._rows
        places = np.arange(BINS)
        # Of each place of the ring the number of the bin that it is to hold: the newest up to that which begins.
        held = number[:, np.newaxis] - (number[:, np.newaxis] - places) % BINS
        count = rows["count"][device_ids]
        with np.errstate(divide="ignore", invalid="ignore"):
            ended_s = rows["sum_s"][device_ids] / count
        means_s = np.where(held < running[:, np.newaxis], rows["means_s"][device_ids], np.nan)
        means_s = np.where(held == running[:, np.newaxis], ended_s[:, np.newaxis], means_s)
        rows.write("means_s", device_ids, means_s)
        rows.write("bin", device_ids, number)
        rows.write("sum_s", device_ids, 0.0)
        rows.write("count", device_ids, 0)
        # What was known a day ago alone is known no more.
        lapsed = np.isnan(means_s).all(axis=1)
        rows.write("rounds", device_ids[lapsed], 0)
        rows.write("usual_s", device_ids[lapsed], np.nan)
        self._find(device_ids[~lapsed])

    def _find(self, device_ids: Ints) -> None:
        """Find what is usual by the bins that are over, by the one that runs where none is."""
        rows = self._rows
        known = device_ids[rows["rounds"][device_ids] >= LEAST_ROUNDS]
        if not len(known):
            return
        medians_s = usual_of(rows["means_s"][known])
        with np.errstate(divide="ignore", invalid="ignore"):
            first_s = rows["sum_s"][known] / rows["count"][known]
        rows.write("usual_s", known, np.where(np.isnan(medians_s), first_s, medians_s))


def usual_of(means_s: Array) -> Floats:
    """Return the median of what is known of each row, NaN where nothing is; of an even number the lower middle one."""
    ordered = np.sort(means_s, axis=1)
    count = np.count_nonzero(~np.isnan(ordered), axis=1)
    found: Floats = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2].astype(np.float64)
    return found
