"""History as charts draw it: raw rows in buckets of a width, steps without rows as holes."""

from typing import Final

import numpy as np
from noctule_shared.frames import TableName

from noctule_hub.core.rates import FRESH_MS
from noctule_hub.core.rollups import ROLLUP_COLUMNS, Rollup, combined, of_rows
from noctule_hub.core.series import BandwidthSeries, Floats, Ints, LatencySeries

# Rows further apart than this many times their usual distance have a hole between them.
HOLE_STEPS: Final = 3


def bucketed_latency(rows: LatencySeries, step_ms: int) -> Rollup:
    """Return raw rounds in buckets of `step_ms`."""
    delays = {"median": rows.rtt_median_s, "min": rows.rtt_min_s, "max": rows.rtt_max_s, "mdev": rows.rtt_mdev_s}
    stored: dict[str, Floats] = {f"rtt_{name}_ns": np.rint(values * 1e9) for name, values in delays.items()}
    stored |= {"sent": rows.sent.astype(np.float64), "received": rows.received.astype(np.float64)}
    return of_rows(TableName.LATENCY, _one_series(rows.ts_ms), rows.ts_ms, stored, step_ms)


def bucketed_bandwidth(rows: BandwidthSeries, step_ms: int) -> Rollup:
    """Return raw rows of an interface in buckets of `step_ms`; 1: each row is a bucket of its own."""
    stored: dict[str, Floats] = {
        f"{direction}_{name}": getattr(rows, f"{direction}_{name}")
        for direction in ("in", "out")
        for name in ("octets", "packets", "errors", "discards")
    }
    stored |= {"interval_us": np.rint(rows.interval_s * 1e6), "quality": rows.quality.astype(np.float64)}
    return of_rows(TableName.INTERFACE, _one_series(rows.ts_ms), rows.ts_ms, stored, step_ms)


def on_grid(rows: Rollup, *, from_ms: int, to_ms: int, step_ms: int) -> Rollup:
    """Return one series' rows of all steps that touch a range; those without a row are there with n 0, unknown."""
    start_ms = from_ms // step_ms * step_ms
    times = np.arange(start_ms, to_ms, step_ms, dtype=np.int64)
    places = (rows.bucket_ms - start_ms) // step_ms
    inside = (places >= 0) & (places < len(times))
    return _placed(rows.where(inside), places[inside], times)


def with_holes(rows: Rollup, step_ms: int) -> Rollup:
    """Return one series' buckets with a row that says n 0, unknown, wherever rows are missing between two of them.

    The rows tell how far apart they usually are: half of the distances are no longer than that.
    """
    distances = np.diff(rows.bucket_ms)
    if not len(distances):
        return rows
    limit_ms = max(HOLE_STEPS * max(step_ms, float(np.median(distances))), FRESH_MS)
    before = np.flatnonzero(distances > limit_ms)
    times = np.insert(rows.bucket_ms, before + 1, rows.bucket_ms[before] + step_ms)
    places = np.arange(len(rows.bucket_ms)) + np.searchsorted(before, np.arange(len(rows.bucket_ms)))
    return _placed(rows, places, times)


def widened(rows: Rollup, step_ms: int) -> Rollup:
    """Return a rollup in wider steps."""
    return combined(rows.table, [rows], step_ms)


def _placed(rows: Rollup, places: Ints, times: Ints) -> Rollup:
    columns = {column.name: np.full(len(times), np.nan) for column in ROLLUP_COLUMNS[rows.table]}
    for name in ("n", "bad", "quality"):
        if name in columns:
            columns[name][:] = 0.0
    for name, values in columns.items():
        values[places] = rows.columns[name]
    return Rollup(rows.table, _one_series(times), times, columns)


def _one_series(times: Ints) -> Ints:
    return np.zeros(len(times), dtype=np.int64)
