"""Chunks: every row of a day comes back as it was kept, once."""

import math
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.resolution import DAY_MS
from noctule_hub.store.sqlite import chunks
from noctule_hub.store.sqlite.chunks import DayRows
from noctule_hub.store.sqlite.columns import STORED_COLUMNS
from noctule_shared.frames import TableName

START_MS = 1_795_000_000_000 // DAY_MS * DAY_MS
WIDTH = len(STORED_COLUMNS[TableName.LATENCY])


@pytest.fixture
def day() -> Iterator[sqlite3.Connection]:
    connection = new_day()
    yield connection
    connection.close()


def new_day() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    chunks.create(connection)
    return connection


def rows(*given: tuple[int, int, float]) -> DayRows:
    """Rows of series, milliseconds of the day and a value that each column holds."""
    series, times, values = zip(*sorted(given, key=lambda row: row[:2]), strict=True)
    columns = [np.array(values, np.float64) + place for place in range(WIDTH)]
    return DayRows(np.array(series, np.int64), START_MS + np.array(times, np.int64), columns)


def kept(day: sqlite3.Connection, series_id: int, first: int = 0, last: int = DAY_MS) -> list[tuple[int, float]]:
    found = chunks.read(day, TableName.LATENCY, series_id, from_ms=START_MS + first, to_ms=START_MS + last)
    for place, column in enumerate(found.columns):
        assert np.array_equal(column, found.columns[0] + place, equal_nan=True)
    return sorted(zip((found.ts_ms - START_MS).tolist(), found.columns[0].tolist(), strict=True))


def test_rows_of_a_series_are_read_by_time(day: sqlite3.Connection) -> None:
    chunks.append(day, TableName.LATENCY, rows((1, 5, 10), (2, 5, 20), (1, 3_600_000, 30), (1, DAY_MS - 1, 40)))
    assert kept(day, 1) == [(5, 10), (3_600_000, 30), (DAY_MS - 1, 40)]
    assert kept(day, 1, 5, 3_600_000) == [(5, 10)]
    assert kept(day, 1, 6, 3_600_001) == [(3_600_000, 30)]
    assert kept(day, 2) == [(5, 20)]
    assert kept(day, 3) == []


def test_rows_that_are_kept_already_are_no_news(day: sqlite3.Connection) -> None:
    first = rows((1, 5, 10), (1, 15, 30), (2, 7, 1))
    assert len(chunks.append(day, TableName.LATENCY, first).ts_ms) == 3
    again = chunks.append(day, TableName.LATENCY, rows((1, 5, 99), (1, 10, 20), (1, 15, 99), (1, 20, 40), (2, 7, 99)))
    assert (again.series_ids.tolist(), (again.ts_ms - START_MS).tolist()) == ([1, 1], [10, 20])
    assert len(chunks.append(day, TableName.LATENCY, first).ts_ms) == 0
    assert kept(day, 1) == [(5, 10), (10, 20), (15, 30), (20, 40)]
    assert kept(day, 2) == [(7, 1)]


@pytest.mark.parametrize("value", [0.0, -1.0, 2.0**53 - 1, 0.5, 1e-300])
def test_values_come_back_bit_for_bit_whole_or_not(day: sqlite3.Connection, value: float) -> None:
    one = DayRows(np.array([1, 1]), START_MS + np.array([1, 2]), [np.array([value, math.nan])] * WIDTH)
    chunks.append(day, TableName.LATENCY, one)
    found = chunks.read(day, TableName.LATENCY, 1, from_ms=START_MS, to_ms=START_MS + DAY_MS)
    for column in found.columns:
        assert column[0] == value
        assert math.isnan(column[1])


_ROW = st.tuples(
    st.integers(1, 4), st.integers(0, DAY_MS - 1), st.one_of(st.just(math.nan), st.integers(0, 2**40).map(float))
)


@given(st.lists(st.lists(_ROW, min_size=1, max_size=20, unique_by=lambda row: row[:2]), max_size=6))
def test_whatever_is_appended_in_whatever_order_is_kept_once_and_the_first_wins(
    batches: list[list[tuple[int, int, float]]],
) -> None:
    day, expected = new_day(), dict[tuple[int, int], float]()
    try:
        for batch in batches:
            fresh = chunks.append(day, TableName.LATENCY, rows(*batch))
            new = {row[:2]: row[2] for row in batch if row[:2] not in expected}
            assert set(zip(fresh.series_ids.tolist(), (fresh.ts_ms - START_MS).tolist(), strict=True)) == set(new)
            expected |= new
        for series_id in range(1, 5):
            wanted = sorted((at, value) for (series, at), value in expected.items() if series == series_id)
            assert repr(kept(day, series_id)) == repr(wanted)
    finally:
        day.close()
