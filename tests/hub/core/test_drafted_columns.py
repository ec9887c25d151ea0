"""Columns with a draft over them: what a commit that failed wrote is as if it had never been."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.drafted_columns import MAX_ROWS, DraftedColumns


def columns() -> DraftedColumns:
    return DraftedColumns({"flat": (np.int64, 7, ()), "ring": (np.float32, np.nan, (3,))})


def test_rows_that_were_never_written_hold_what_they_are_filled_with() -> None:
    rows = columns()
    rows.reach(4)
    assert rows["flat"].tolist()[:5] == [7] * 5
    assert np.isnan(rows["ring"]).all()
    assert rows["ring"].shape[1:] == (3,)


def test_an_id_that_no_row_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match=str(MAX_ROWS)):
        columns().reach(MAX_ROWS)


def test_of_an_id_that_is_named_twice_the_higher_value_is_lifted() -> None:
    rows = columns()
    rows.reach(1)
    rows.lift("flat", np.array([1, 1, 0]), np.array([9, 8, 3]))
    assert rows["flat"].tolist()[:2] == [7, 9]
    rows.drop()
    assert rows["flat"].tolist()[:2] == [7, 7]


writes = st.lists(st.tuples(st.sampled_from(["flat", "ring", "lift"]), st.integers(0, 20), st.integers(0, 99)))


@given(kept=writes, dropped=writes)
def test_a_draft_that_is_dropped_leaves_no_trace(
    kept: list[tuple[str, int, int]], dropped: list[tuple[str, int, int]]
) -> None:
    rows, never = columns(), columns()

    def write(target: DraftedColumns, what: str, row: int, value: int) -> None:
        target.reach(row)
        if what == "flat":
            target.write("flat", np.array([row]), value)
        elif what == "ring":
            target.write("ring", (np.array([row]), np.array([value % 3])), value)
        else:
            target.lift("flat", np.array([row, row]), np.array([value, value + 1]))

    for one in kept:
        write(rows, *one)
        write(never, *one)
    rows.settle()
    for one in dropped:
        write(rows, *one)
    rows.drop()
    shared = min(len(rows), len(never))
    for name in ("flat", "ring"):
        assert np.array_equal(rows[name][:shared], never[name][:shared], equal_nan=True)
        assert len(np.unique(rows["flat"][shared:])) <= 1
