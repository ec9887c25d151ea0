"""A row counts for the agent that polled its device at the row's time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.assignments import Assignments
from noctule_hub.core.commit import Assignment

# Device 1 went from agent 1 to agent 2 and back; device 2 is agent 1's and was nobody's for a while.
SPANS = [
    Assignment(1, 1, 100, 200),
    Assignment(1, 2, 200, 300),
    Assignment(1, 1, 300, None),
    Assignment(2, 1, 100, 150),
    Assignment(2, 1, 250, None),
]


def test_spans_have_their_start_and_not_their_end() -> None:
    assignments = Assignments(SPANS)
    assert [assignments.was(1, 1, ts_ms) for ts_ms in (199, 200, 299, 300)] == [True, False, False, True]
    assert [assignments.was(2, 1, ts_ms) for ts_ms in (199, 200, 299, 300)] == [False, True, True, False]
    assert [assignments.was(1, 2, ts_ms) for ts_ms in (149, 150, 249, 250)] == [True, False, False, True]


def test_before_its_first_span_a_device_is_its_first_agents() -> None:
    assignments = Assignments(SPANS)
    assert (assignments.was(1, 1, 5), assignments.was(2, 1, 5)) == (True, False)


@given(
    rows=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 400)), max_size=40),
    agent_id=st.integers(1, 3),
)
def test_columns_are_judged_as_single_rows_are(rows: list[tuple[int, int]], agent_id: int) -> None:
    assignments = Assignments(SPANS)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 2)
    found = assignments.were(agent_id, columns[:, 0], columns[:, 1])
    assert found.tolist() == [assignments.was(agent_id, device_id, ts_ms) for device_id, ts_ms in rows]
