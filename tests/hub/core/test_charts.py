"""Charts: buckets keep what stands out, and holes stay holes."""

import numpy as np
from noctule_hub.core.charts import bucketed_bandwidth, on_grid, with_holes
from noctule_hub.core.series import BandwidthSeries

START_MS = 1_795_000_000_000 // 86_400_000 * 86_400_000


def rates(times_s: list[int], octets: list[float]) -> BandwidthSeries:
    values = np.array(octets)
    return BandwidthSeries(
        ts_ms=START_MS + np.array(times_s, np.int64) * 1000,
        interval_s=np.full(len(octets), 10.0),
        quality=np.zeros(len(octets), np.uint8),
        **{f"{way}_{name}": values for way in ("in", "out") for name in ("octets", "packets", "errors", "discards")},
    )


def test_spike_of_one_row_survives_in_its_bucket() -> None:
    octets = [100.0] * 60
    octets[31] = 1e6
    found = bucketed_bandwidth(rates(list(range(0, 600, 10)), octets), 300_000)
    assert found.columns["in_max_bps"].tolist() == [80, 800_000]
    assert found.columns["in_min_bps"].tolist() == [80, 80]
    assert found.columns["n"].tolist() == [30, 30]


def test_buckets_far_apart_have_a_row_of_nothing_between_them() -> None:
    rows = bucketed_bandwidth(rates([0, 10, 20, 400, 410], [100.0] * 5), 10_000)
    found = with_holes(rows, 10_000)
    assert ((found.bucket_ms - START_MS) // 1000).tolist() == [0, 10, 20, 30, 400, 410]
    assert found.columns["n"].tolist() == [1, 1, 1, 0, 1, 1]
    assert np.isnan(found.columns["in_octets"]).tolist() == [False, False, False, True, False, False]


def test_rows_a_few_steps_apart_have_no_hole_between_them() -> None:
    rows = bucketed_bandwidth(rates([0, 30, 60, 90, 150], [100.0] * 5), 10_000)
    assert len(with_holes(rows, 10_000).bucket_ms) == 5
    assert len(with_holes(rows.where(np.array([0])), 10_000).bucket_ms) == 1


def test_steps_without_rows_are_there_and_unknown() -> None:
    rows = bucketed_bandwidth(rates([10, 610], [100.0, 200.0]), 300_000)
    found = on_grid(rows, from_ms=START_MS + 1, to_ms=START_MS + 900_001, step_ms=300_000)
    assert ((found.bucket_ms - START_MS) // 1000).tolist() == [0, 300, 600, 900]
    assert found.columns["n"].tolist() == [1, 0, 1, 0]
    assert np.isnan(found.columns["in_max_bps"]).tolist() == [False, True, False, True]
