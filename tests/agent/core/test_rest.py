"""Counters rest only while a port is down and idle, and for at most five minutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.rest import REST_S, counters_due, is_down
from noctule_shared.axes import IfStatus

STATUSES = st.sampled_from(IfStatus)


@pytest.mark.parametrize(
    ("admin", "oper", "down"),
    [
        (IfStatus.UP, IfStatus.UP, False),
        (IfStatus.UP, IfStatus.DOWN, True),
        (IfStatus.DOWN, IfStatus.UP, True),
        (IfStatus.UP, IfStatus.NOT_PRESENT, True),
        (IfStatus.UP, IfStatus.LOWER_LAYER_DOWN, True),
        (IfStatus.UP, IfStatus.DORMANT, False),
        (IfStatus.UNKNOWN, IfStatus.UNKNOWN, False),
    ],
)
def test_down_is_what_the_device_calls_down(admin: IfStatus, oper: IfStatus, *, down: bool) -> None:
    assert is_down(admin, oper) is down


@given(STATUSES, STATUSES, st.floats(0, 10_000), st.floats(1, 3600))
def test_port_that_counts_is_read_at_every_poll_whatever_it_calls_itself(
    admin: IfStatus, oper: IfStatus, since_s: float, interval_s: float
) -> None:
    assert counters_due(admin, oper, idle=False, since_s=since_s, interval_s=interval_s)


@given(st.floats(1, 3600))
def test_idle_down_port_is_read_in_the_poll_nearest_to_five_minutes(interval_s: float) -> None:
    polls = 0
    while not counters_due(IfStatus.UP, IfStatus.DOWN, idle=True, since_s=polls * interval_s, interval_s=interval_s):
        polls += 1
    assert abs(polls * interval_s - REST_S) <= interval_s / 2 or polls * interval_s == 0
