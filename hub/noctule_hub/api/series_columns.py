"""Rows of history as the columns of an answer; NaN is written as null by the encoder."""

from functools import cache
from typing import Final

import numpy as np
from noctule_shared.axes import LATENCY_SOURCE_CODES, LatencySource, Quality

from noctule_hub.answers.series import BandwidthColumns, GapView, LatencyColumns
from noctule_hub.core.charts import bucketed_bandwidth
from noctule_hub.core.resolution import Resolution
from noctule_hub.core.rollups import Rollup
from noctule_hub.core.series import BandwidthSeries, Floats, LatencySeries

_SOURCES: Final = {code: source for source, code in LATENCY_SOURCE_CODES.items()}


def rounds(rows: LatencySeries, gaps: list[GapView]) -> LatencyColumns:
    """Return single rounds."""
    return LatencyColumns(
        resolution=Resolution.RAW,
        step_s=None,
        gaps=gaps,
        ts_ms=rows.ts_ms.tolist(),
        n=[1] * len(rows.ts_ms),
        bad=np.isnan(rows.rtt_median_s).astype(np.int64).tolist(),
        rtt_s=rows.rtt_median_s.tolist(),
        loss_ratio=(1.0 - _over(rows.received, rows.sent)).tolist(),
        mdev_s=rows.rtt_mdev_s.tolist(),
        rtt_min_s=rows.rtt_min_s.tolist(),
        rtt_p25_s=rows.rtt_p25_s.tolist(),
        rtt_p75_s=rows.rtt_p75_s.tolist(),
        rtt_max_s=rows.rtt_max_s.tolist(),
        rtt_mean_s=rows.rtt_mean_s.tolist(),
        ipdv_s=rows.ipdv_s.tolist(),
        sent=rows.sent.tolist(),
        received=rows.received.tolist(),
        source=[_SOURCES.get(code, LatencySource.ICMP) for code in rows.source.tolist()],
    )


def latency_steps(rows: Rollup, step_ms: int, resolution: Resolution, gaps: list[GapView]) -> LatencyColumns:
    """Return steps of rounds; `resolution` is that of the rows they were made of."""
    columns = rows.columns
    answered = columns["n"] - columns["bad"]
    none: list[float | None] = [None] * len(rows.bucket_ms)
    return LatencyColumns(
        resolution=resolution,
        step_s=step_ms / 1000,
        gaps=gaps,
        ts_ms=rows.bucket_ms.tolist(),
        n=_whole(columns["n"]),
        bad=_whole(columns["bad"]),
        rtt_s=_over(columns["rtt_sum_ns"] / 1e9, answered).tolist(),
        loss_ratio=(1.0 - _over(columns["received"], columns["sent"])).tolist(),
        mdev_s=_over(columns["mdev_sum_ns"] / 1e9, answered).tolist(),
        rtt_min_s=(columns["rtt_min_ns"] / 1e9).tolist(),
        rtt_p25_s=none,
        rtt_p75_s=none,
        rtt_max_s=(columns["rtt_max_ns"] / 1e9).tolist(),
        rtt_mean_s=none,
        ipdv_s=none,
        sent=_whole(columns["sent"]),
        received=_whole(columns["received"]),
        source=[None] * len(rows.bucket_ms),
    )


def polls(rows: BandwidthSeries, gaps: list[GapView]) -> BandwidthColumns:
    """Return single rows of an interface."""
    each = bucketed_bandwidth(rows, 1).columns
    in_bps, out_bps = (_over(octets * 8, rows.interval_s).tolist() for octets in (rows.in_octets, rows.out_octets))
    return BandwidthColumns(
        resolution=Resolution.RAW,
        step_s=None,
        gaps=gaps,
        ts_ms=rows.ts_ms.tolist(),
        n=_whole(each["n"]),
        bad=_whole(each["bad"]),
        in_bps=in_bps,
        out_bps=out_bps,
        in_min_bps=in_bps,
        in_max_bps=in_bps,
        out_min_bps=out_bps,
        out_max_bps=out_bps,
        in_errors=rows.in_errors.tolist(),
        out_errors=rows.out_errors.tolist(),
        in_discards=rows.in_discards.tolist(),
        out_discards=rows.out_discards.tolist(),
        quality=[_words(bits) for bits in rows.quality.tolist()],
    )


def bandwidth_steps(rows: Rollup, step_ms: int, resolution: Resolution, gaps: list[GapView]) -> BandwidthColumns:
    """Return steps of an interface; `resolution` is that of the rows they were made of."""
    columns = rows.columns
    lists = {
        f"{direction}_{name}": columns[f"{direction}_{name}"].tolist()
        for direction in ("in", "out")
        for name in ("min_bps", "max_bps", "errors", "discards")
    }
    return BandwidthColumns(
        resolution=resolution,
        step_s=step_ms / 1000,
        gaps=gaps,
        ts_ms=rows.bucket_ms.tolist(),
        n=_whole(columns["n"]),
        bad=_whole(columns["bad"]),
        in_bps=_over(columns["in_octets"] * 8e6, columns["in_us"]).tolist(),
        out_bps=_over(columns["out_octets"] * 8e6, columns["out_us"]).tolist(),
        quality=[_words(bits) for bits in _whole(columns["quality"])],
        **lists,
    )


@cache
def _words(bits: int) -> list[str]:
    return Quality(bits).words()


def _over(values: np.ndarray, parts: np.ndarray) -> Floats:
    """Return values / parts, NaN where there are no parts."""
    quotient: Floats = values / np.where(parts > 0, parts, np.nan)
    return quotient


def _whole(values: Floats) -> list[int]:
    """Return counts; what is not known is none of them."""
    found: list[int] = np.nan_to_num(values).astype(np.int64).tolist()
    return found
