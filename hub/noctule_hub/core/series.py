"""Measurement history as columns: what a series read returns and what the projection writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from noctule_shared.frames import TableName

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LatencySeries:
    """A device's latency rows by time; NaN: no reply. All arrays have one length; delays in seconds.

    What each column is: `noctule_shared.frames.LATENCY_COLUMNS`.
    """

    ts_ms: Ints
    source: npt.NDArray[np.uint8]
    sent: Ints
    received: Ints
    rtt_min_s: Floats
    rtt_p25_s: Floats
    rtt_median_s: Floats
    rtt_p75_s: Floats
    rtt_max_s: Floats
    rtt_mean_s: Floats
    rtt_mdev_s: Floats
    ipdv_s: Floats


@dataclass(frozen=True, slots=True)
class BandwidthSeries:
    """An interface's rows by time: deltas over `interval_s` ending at `ts_ms`; NaN: unknown."""

    ts_ms: Ints
    interval_s: Floats
    in_octets: Floats
    out_octets: Floats
    in_packets: Floats
    out_packets: Floats
    in_errors: Floats
    out_errors: Floats
    in_discards: Floats
    out_discards: Floats
    quality: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MeasuredRows:
    """Rows of one table whose objects are resolved: `object_ids` are device ids (latency) or interface ids.

    `columns` are those of `noctule_shared.frames.COLUMNS[table]` except the ones that named the object.
    """

    table: TableName
    object_ids: Ints
    columns: Mapping[str, npt.NDArray[Any]]
