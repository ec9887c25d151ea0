"""Rollups: what the rows of a series come to in each step of time, and how such rows come together.

A raw row is lifted to a rollup of itself, and all rollups are joined by one rule, so that any split and any order of
the same rows come to the same: sums are of whole numbers (nanoseconds, microseconds, octets) and exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from noctule_shared.axes import Quality
from noctule_shared.frames import TableName

from noctule_hub.core.series import Floats, Ints

# Rows whose values are no measure of their own step: the counter wrapped who knows how often, the rate cannot be, or
# the interval spans polls that brought nothing.
DOUBTFUL: Final = Quality.AMBIGUOUS | Quality.IMPLAUSIBLE | Quality.GAP


class How(StrEnum):
    """How two values of a column become one; unknown and known is what is known."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    BITS = "bits"


@dataclass(frozen=True, slots=True)
class RollupColumn:
    """A column of a rollup and how its values come together; NaN: unknown."""

    name: str
    how: How


def _columns(**names: How) -> tuple[RollupColumn, ...]:
    return tuple(RollupColumn(name, how) for name, how in names.items())


_DIRECTIONS: Final = ("in", "out")

# `n` rows, of which `bad` have no value that counts: no reply (latency), no rate or a doubtful one (interface).
# Delays are those of round medians but for min and max, which are of all replies. `last_ms` is the time of the newest
# row that has a value (both rates), and `..._last_...` that value.
ROLLUP_COLUMNS: Final[Mapping[TableName, Sequence[RollupColumn]]] = {
    TableName.LATENCY: _columns(
        n=How.SUM,
        bad=How.SUM,
        sent=How.SUM,
        received=How.SUM,
        rtt_sum_ns=How.SUM,
        rtt_min_ns=How.MIN,
        rtt_max_ns=How.MAX,
        mdev_sum_ns=How.SUM,
        last_ms=How.MAX,
        rtt_last_ns=How.LAST,
    ),
    TableName.INTERFACE: _columns(
        n=How.SUM,
        bad=How.SUM,
        quality=How.BITS,
        last_ms=How.MAX,
        **{
            f"{direction}_{name}": how
            for direction in _DIRECTIONS
            for name, how in {
                "us": How.SUM,
                "octets": How.SUM,
                "min_bps": How.MIN,
                "max_bps": How.MAX,
                "last_bps": How.LAST,
                "packets": How.SUM,
                "errors": How.SUM,
                "discards": How.SUM,
            }.items()
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Rollup:
    """Rows of one table by series and by the start of their step; `columns` are those of `ROLLUP_COLUMNS`."""

    table: TableName
    series_ids: Ints
    bucket_ms: Ints
    columns: Mapping[str, Floats]

    def where(self, chosen: np.ndarray) -> "Rollup":
        """Return the rows that a mask or a list of places chooses."""
        columns = {name: column[chosen] for name, column in self.columns.items()}
        return Rollup(self.table, self.series_ids[chosen], self.bucket_ms[chosen], columns)


def empty(table: TableName) -> Rollup:
    """Return a rollup without rows."""
    none = np.empty(0, np.int64)
    return Rollup(table, none, none, {column.name: np.empty(0) for column in ROLLUP_COLUMNS[table]})


def of_rows(table: TableName, series_ids: Ints, ts_ms: Ints, stored: Mapping[str, Floats], step_ms: int) -> Rollup:
    """Return the rollup of raw rows, whose columns are whole numbers as in day files: `rtt_median_ns`, `interval_us`.

    A row belongs to the step in which it was stamped, `[start, start + step_ms)`.
    """
    lifted = _of_rounds(ts_ms, stored) if table is TableName.LATENCY else _of_polls(ts_ms, stored)
    return _reduced(table, series_ids, ts_ms // step_ms * step_ms, lifted)


def combined(table: TableName, parts: Sequence[Rollup], step_ms: int) -> Rollup:
    """Return the rollup of all parts in steps of `step_ms`, a multiple of theirs; of one series and step one row."""
    if not parts:
        return empty(table)
    columns = {
        column.name: np.concatenate([part.columns[column.name] for part in parts]) for column in ROLLUP_COLUMNS[table]
    }
    bucket_ms = np.concatenate([part.bucket_ms for part in parts]) // step_ms * step_ms
    return _reduced(table, np.concatenate([part.series_ids for part in parts]), bucket_ms, columns)


def _of_rounds(ts_ms: Ints, stored: Mapping[str, Floats]) -> dict[str, Floats]:
    rtt_ns = stored["rtt_median_ns"]
    known = ~np.isnan(rtt_ns)
    return {
        "n": np.ones(len(ts_ms)),
        "bad": np.where(known, 0.0, 1.0),
        "sent": stored["sent"],
        "received": stored["received"],
        "rtt_sum_ns": rtt_ns,
        "rtt_min_ns": stored["rtt_min_ns"],
        "rtt_max_ns": stored["rtt_max_ns"],
        "mdev_sum_ns": stored["rtt_mdev_ns"],
        "last_ms": np.where(known, ts_ms, np.nan),
        "rtt_last_ns": rtt_ns,
    }


def _of_polls(ts_ms: Ints, stored: Mapping[str, Floats]) -> dict[str, Floats]:
    interval_us = np.where(stored["interval_us"] > 0, stored["interval_us"], np.nan)
    columns: dict[str, Floats] = {}
    for direction in _DIRECTIONS:
        octets = np.where(np.isnan(interval_us), np.nan, stored[f"{direction}_octets"])
        bps = np.rint(octets * 8e6 / interval_us)
        columns[f"{direction}_us"] = np.where(np.isnan(octets), np.nan, interval_us)
        columns[f"{direction}_octets"] = octets
        columns |= {f"{direction}_{name}_bps": bps for name in ("min", "max")}
        columns |= {f"{direction}_{name}": stored[f"{direction}_{name}"] for name in ("packets", "errors", "discards")}
    known = ~np.isnan(columns["in_us"]) & ~np.isnan(columns["out_us"])
    for direction in _DIRECTIONS:
        columns[f"{direction}_last_bps"] = np.where(known, columns[f"{direction}_max_bps"], np.nan)
    doubtful = (stored["quality"].astype(np.int64) & int(DOUBTFUL)) != 0
    return columns | {
        "n": np.ones(len(ts_ms)),
        "bad": np.where(known & ~doubtful, 0.0, 1.0),
        "quality": stored["quality"],
        "last_ms": np.where(known, ts_ms, np.nan),
    }


def _reduced(table: TableName, series_ids: Ints, bucket_ms: Ints, columns: Mapping[str, Floats]) -> Rollup:
    if not len(series_ids):
        return empty(table)
    last_ms = np.where(np.isnan(columns["last_ms"]), -1, columns["last_ms"])
    if not _in_order(series_ids, bucket_ms, last_ms):
        order = np.lexsort((last_ms, bucket_ms, series_ids))
        series_ids, bucket_ms = series_ids[order], bucket_ms[order]
        columns = {name: values[order] for name, values in columns.items()}
    starts = np.flatnonzero(np.r_[True, (np.diff(series_ids) != 0) | (np.diff(bucket_ms) != 0)])
    if len(starts) == len(series_ids):
        return Rollup(table, series_ids, bucket_ms, dict(columns))
    ends = np.r_[starts[1:], len(series_ids)] - 1
    reduced: dict[str, Floats] = {}
    for column in ROLLUP_COLUMNS[table]:
        values = columns[column.name]
        match column.how:
            case How.SUM:
                reduced[column.name] = _sums(values, starts)
            case How.MIN:
                reduced[column.name] = np.fmin.reduceat(values, starts)
            case How.MAX:
                reduced[column.name] = np.fmax.reduceat(values, starts)
            case How.LAST:
                reduced[column.name] = values[ends]
            case How.BITS:
                reduced[column.name] = np.bitwise_or.reduceat(values.astype(np.int64), starts).astype(np.float64)
    return Rollup(table, series_ids[starts], bucket_ms[starts], reduced)


def _sums(values: Floats, starts: Ints) -> Floats:
    unknown = np.isnan(values)
    if not unknown.any():
        found: Floats = np.add.reduceat(values, starts)
        return found
    sums = np.add.reduceat(np.where(unknown, 0.0, values), starts)
    return np.where(np.logical_and.reduceat(unknown, starts), np.nan, sums)


def _in_order(series_ids: Ints, bucket_ms: Ints, last_ms: Floats) -> bool:
    """Return whether rows are by series, step and time already, as those of one series mostly are."""
    if (np.diff(series_ids) < 0).any():
        return False
    same = np.diff(series_ids) == 0
    later = np.diff(bucket_ms)
    return not (same & ((later < 0) | ((later == 0) & (np.diff(last_ms) < 0)))).any()
