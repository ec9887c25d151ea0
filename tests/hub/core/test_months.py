"""Months: where they begin, and what an interface's bins come to in one."""

import math
from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.months import BandwidthMonth, bandwidth_month, month_range_ms, percentile_95
from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, HOUR_MS
from noctule_hub.core.rollups import of_rows
from noctule_shared.axes import Quality
from noctule_shared.frames import TableName
from noctule_shared.times import iso_from_ms

START_MS = 1_795_000_000_000 // DAY_MS * DAY_MS
Row = tuple[float, float, float, float, int]


def month(*rows: Row, hours: float = 1.0) -> BandwidthMonth:
    """Month of rows: seconds since the start, seconds of interval, octets in and out, quality."""
    columns = np.array(rows, dtype=np.float64).T
    stored = {"interval_us": columns[1] * 1e6, "quality": columns[4]}
    for place, direction in enumerate(("in", "out")):
        stored |= {f"{direction}_{name}": columns[2 + place] for name in ("octets", "packets", "errors", "discards")}
    times = START_MS + (columns[0] * 1000).astype(np.int64)
    rollup = of_rows(TableName.INTERFACE, np.ones(len(rows), np.int64), times, stored, FIVE_MINUTES_MS)
    return bandwidth_month(rollup, from_ms=START_MS, to_ms=START_MS + int(hours * HOUR_MS))


def steady(first_s: int, last_s: int, octets: float, *, interval_s: int = 10) -> list[Row]:
    return [(at, interval_s, octets, octets / 2, 0) for at in range(first_s + interval_s, last_s + 1, interval_s)]


@pytest.mark.parametrize(
    ("zone", "name", "first", "last", "hours"),
    [
        ("UTC", "2026-02", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", 28 * 24),
        ("Europe/Berlin", "2026-03", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z", 31 * 24 - 1),
        ("Europe/Berlin", "2026-10", "2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z", 31 * 24 + 1),
        ("America/New_York", "2026-12", "2026-12-01T05:00:00.000Z", "2027-01-01T05:00:00.000Z", 31 * 24),
        ("Asia/Kathmandu", "2026-11", "2026-10-31T18:15:00.000Z", "2026-11-30T18:15:00.000Z", 30 * 24),
        ("Africa/Cairo", "2026-04", "2026-03-31T22:00:00.000Z", "2026-04-30T21:00:00.000Z", 30 * 24 - 1),
    ],
)
def test_month_begins_and_ends_at_midnight_of_its_zone_whatever_clocks_do(
    zone: str, name: str, first: str, last: str, hours: int
) -> None:
    year, number = map(int, name.split("-"))
    from_ms, to_ms = month_range_ms(year, number, UTC if zone == "UTC" else ZoneInfo(zone))
    assert (iso_from_ms(from_ms), iso_from_ms(to_ms)) == (first, last)
    assert to_ms - from_ms == hours * HOUR_MS
    assert from_ms % FIVE_MINUTES_MS == 0


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (19, 19), (20, 19), (21, 20), (100, 95), (8928, 8482)])
def test_percentile_is_a_value_that_was_measured_by_nearest_rank(count: int, expected: int) -> None:
    assert percentile_95(np.arange(count, 0, -1, dtype=np.float64)) == expected


def test_percentile_of_nothing_is_none() -> None:
    assert percentile_95(np.empty(0)) is None


def test_full_hour_uses_all_its_bins_and_its_volume_is_exact() -> None:
    found = month(*steady(0, 3590, 1250.0), (3599, 9, 1125.0, 562.5, 0))
    assert (found.bins_expected, found.bins_used, found.bins_gap, found.bins_doubtful) == (12, 12, 0, 0)
    assert [found.in_p95_bps, found.out_p95_bps] == pytest.approx([1000, 500])
    assert [found.max_p95_bps, found.sum_p95_bps] == pytest.approx([1000, 1500])
    assert (found.in_octets, found.out_octets) == (359 * 1250 + 1125, (359 * 1250 + 1125) / 2)
    assert found.covered_s == pytest.approx(3599)


def test_percentile_of_max_is_of_each_bins_larger_direction() -> None:
    rows = [(at + 10, 10, *((1250, 0) if at < 1800 else (0, 1250)), 0) for at in range(0, 3600, 10)]
    found = month(*[row for row in rows if row[0] < 3600], (3599.9, 9.9, 0, 1237.5, 0))
    assert found.max_p95_bps == pytest.approx(1000)
    assert found.sum_p95_bps == pytest.approx(1000)


def test_bin_with_a_hole_is_left_out_and_counted() -> None:
    found = month(*steady(0, 1500, 1250.0), *steady(1650, 3590, 1250.0))
    assert (found.bins_used, found.bins_gap) == (11, 1)
    assert found.in_p95_bps == pytest.approx(1000)


def test_volume_over_a_gap_counts_but_its_bins_do_not() -> None:
    rows = [*steady(0, 900, 1250.0), (2700, 1800, 225_000.0, 0.0, Quality.GAP), *steady(2700, 3590, 1250.0)]
    found = month(*rows)
    assert found.in_octets == 90 * 1250 + 225_000 + 89 * 1250
    # From 900 to 2,700 s six bins hold nothing of their own, and the one in which the row ends is the tenth.
    assert (found.bins_used, found.bins_gap, found.bins_doubtful) == (5, 7, 0)


@pytest.mark.parametrize("flag", [Quality.IMPLAUSIBLE, Quality.AMBIGUOUS])
def test_rate_that_cannot_be_true_is_in_neither_percentile_nor_volume(flag: Quality) -> None:
    rows = steady(0, 3590, 1250.0)
    rows[100] = (*rows[100][:2], 1e15, 1e15, flag)
    found = month(*rows)
    assert (found.bins_used, found.bins_doubtful, found.bins_gap) == (11, 1, 0)
    assert found.in_octets < 1e6
    assert found.in_p95_bps == pytest.approx(1000)


def test_port_that_is_read_each_five_minutes_or_seldom_leaves_no_bin_out() -> None:
    rested = [(float(at), 315.0, 0.0, 0.0, 0) for at in range(315, 3600, 315)]
    assert month(*rested).bins_gap <= 1
    slow = month((3599.0, 3599.0, 3599 * 125.0, 0.0, 0))
    assert slow.bins_used == 12
    assert slow.in_p95_bps == pytest.approx(1000)


def test_month_without_rows_is_all_gap() -> None:
    empty = month((10_000.0, 10.0, 1.0, 1.0, 0))
    assert (empty.bins_expected, empty.bins_used, empty.bins_gap) == (12, 0, 12)
    assert (empty.in_p95_bps, empty.in_octets, empty.covered_s) == (None, 0.0, 0.0)


@given(
    st.lists(
        st.tuples(st.integers(1, 700), st.integers(0, 10**9), st.sampled_from([0, 8, 16, 32])), min_size=1, max_size=60
    )
)
def test_bins_always_add_up_and_no_rate_is_above_what_was_measured(rows: list[tuple[int, int, int]]) -> None:
    at, made = 0, []
    for interval_s, octets, quality in rows:
        at += interval_s
        made.append((float(at), float(interval_s), float(octets), float(octets), quality))
    found = month(*made, hours=12)
    assert found.bins_used + found.bins_gap + found.bins_doubtful == found.bins_expected
    assert 0 <= found.covered_s <= 12 * 3600
    largest = max(row[2] * 8 / row[1] for row in made)
    for value in (found.in_p95_bps, found.max_p95_bps):
        assert value is None or value <= largest * (1 + 1e-9)
    assert not math.isnan(found.in_octets)
