"""Rollups: what rows come to, whatever way they are split and in whatever order they come."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, HOUR_MS
from noctule_hub.core.rollups import ROLLUP_COLUMNS, Rollup, combined, empty, of_rows
from noctule_hub.core.series import Floats
from noctule_shared.axes import Quality
from noctule_shared.frames import TableName

START_MS = 1_795_000_000_000 // DAY_MS * DAY_MS
NAN = math.nan
COUNTERS = ("octets", "packets", "errors", "discards")


def rounds(*rows: tuple[int, int, float]) -> Rollup:
    """Rollup of rounds: series, milliseconds since the start, median in ns; NaN: lost."""
    series, times, medians = (np.array(values) for values in zip(*rows, strict=True))
    rtt_ns = medians.astype(np.float64)
    stored: dict[str, Floats] = {
        "sent": np.full(len(rows), 5.0),
        "received": np.where(np.isnan(rtt_ns), 0.0, 5.0),
        "rtt_median_ns": rtt_ns,
        "rtt_min_ns": rtt_ns - 10,
        "rtt_max_ns": rtt_ns + 10,
        "rtt_mdev_ns": np.where(np.isnan(rtt_ns), NAN, 1.0),
    }
    return of_rows(TableName.LATENCY, series, START_MS + times, stored, FIVE_MINUTES_MS)


def polls(*rows: tuple[int, float, float, float, int]) -> Rollup:
    """Rollup of one interface: ms since the start, seconds, octets in and out, quality."""
    columns = np.array(rows, dtype=np.float64).T
    stored: dict[str, Floats] = {"interval_us": columns[1] * 1e6, "quality": columns[4]}
    for place, direction in enumerate(("in", "out")):
        stored |= {f"{direction}_{name}": columns[2 + place] for name in COUNTERS}
    times = START_MS + columns[0].astype(np.int64)
    return of_rows(TableName.INTERFACE, np.ones(len(rows), np.int64), times, stored, FIVE_MINUTES_MS)


def row(rollup: Rollup, place: int = 0) -> dict[str, float]:
    return {name: float(column[place]) for name, column in rollup.columns.items()}


def same(left: Rollup, right: Rollup) -> bool:
    return (
        np.array_equal(left.series_ids, right.series_ids)
        and np.array_equal(left.bucket_ms, right.bucket_ms)
        and all(
            np.array_equal(left.columns[column.name], right.columns[column.name], equal_nan=True)
            for column in ROLLUP_COLUMNS[left.table]
        )
    )


def test_rounds_of_a_step_come_to_one_row_in_which_lost_ones_are_no_delay() -> None:
    found = rounds((7, 0, 100), (7, 10_000, NAN), (7, 299_999, 300), (7, 300_000, 900), (8, 5, NAN))
    assert found.series_ids.tolist() == [7, 7, 8]
    assert (found.bucket_ms - START_MS).tolist() == [0, 300_000, 0]
    assert row(found) == {
        "n": 3,
        "bad": 1,
        "sent": 15,
        "received": 10,
        "rtt_sum_ns": 400,
        "rtt_min_ns": 90,
        "rtt_max_ns": 310,
        "mdev_sum_ns": 2,
        "last_ms": START_MS + 299_999,
        "rtt_last_ns": 300,
    }
    lost = row(found, 2)
    assert (lost["n"], lost["bad"], lost["sent"], lost["received"]) == (1, 1, 5, 0)
    assert all(math.isnan(lost[name]) for name in ("rtt_sum_ns", "rtt_min_ns", "rtt_max_ns", "rtt_last_ns", "last_ms"))


def test_rates_keep_their_least_largest_and_last_and_volumes_stay_exact() -> None:
    found = row(polls((10_000, 10, 1000, 10, 0), (20_000, 10, 9000, 20, 0), (30_000, 20, 4000, 30, 0)))
    assert (found["n"], found["bad"], found["in_octets"], found["in_us"]) == (3, 0, 14_000, 40e6)
    assert (found["in_min_bps"], found["in_max_bps"], found["in_last_bps"]) == (800, 7200, 1600)
    assert (found["out_octets"], found["out_errors"], found["out_last_bps"]) == (60, 60, 12)


def test_row_without_an_interval_counts_as_bad_and_adds_no_octets() -> None:
    found = row(polls((10_000, NAN, NAN, NAN, Quality.RESET), (20_000, 10, 1000, NAN, 0)))
    assert (found["n"], found["bad"], found["quality"]) == (2, 2, Quality.RESET)
    assert (found["in_octets"], found["in_us"]) == (1000, 10e6)
    assert math.isnan(found["out_octets"])


@pytest.mark.parametrize("flag", [Quality.GAP, Quality.AMBIGUOUS, Quality.IMPLAUSIBLE])
def test_doubtful_row_is_bad_and_its_flag_stays(flag: Quality) -> None:
    found = row(polls((10_000, 10, 1000, 10, flag), (20_000, 10, 1000, 10, Quality.WRAP)))
    assert (found["bad"], found["quality"]) == (1, flag | Quality.WRAP)


def test_no_rows_come_to_none() -> None:
    for table in TableName:
        assert combined(table, [], HOUR_MS).series_ids.tolist() == []
        assert same(combined(table, [empty(table)], HOUR_MS), empty(table))


_VALUES = st.one_of(st.just(NAN), st.integers(0, 10**9).map(float))
_ROUNDS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 2 * HOUR_MS), _VALUES),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:2],
)
_POLLS = st.lists(
    st.tuples(
        st.integers(0, 2 * HOUR_MS), st.sampled_from([NAN, 0.0, 10.0, 30.0]), _VALUES, _VALUES, st.integers(0, 127)
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[0],
)


@given(_ROUNDS, st.data())
def test_any_split_and_order_of_rounds_comes_to_the_same(
    rows: list[tuple[int, int, float]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    parts = [
        rounds(*part)
        for first, last in zip([0, *cuts], [*cuts, len(rows)], strict=True)
        if (part := shuffled[first:last])
    ]
    whole = rounds(*rows)
    assert same(combined(TableName.LATENCY, parts, FIVE_MINUTES_MS), whole)
    hours = combined(TableName.LATENCY, parts, HOUR_MS)
    assert same(hours, combined(TableName.LATENCY, [whole], HOUR_MS))
    assert same(combined(TableName.LATENCY, [hours], DAY_MS), combined(TableName.LATENCY, parts, DAY_MS))


@given(_POLLS, st.data())
def test_any_split_and_order_of_polls_comes_to_the_same(
    rows: list[tuple[int, float, float, float, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    parts = [polls(*part) for part in (shuffled[:cut], shuffled[cut:]) if part]
    whole = polls(*rows)
    assert same(combined(TableName.INTERFACE, parts, FIVE_MINUTES_MS), whole)
    assert same(combined(TableName.INTERFACE, parts, HOUR_MS), combined(TableName.INTERFACE, [whole], HOUR_MS))
    assert int(whole.columns["n"].sum()) == len(rows)
