"""Rules about measurements over steps of 5 minutes: the thresholds of live on what rollups keep."""

import numpy as np
import pytest
from noctule_hub.core.alerting.conditions import (
    Condition,
    DeviceOffline,
    HighDiscards,
    HighErrors,
    HighLatency,
    HighLoss,
    HighUtilisation,
)
from noctule_hub.core.alerting.trial import HOLDS, OVER, UNKNOWN
from noctule_hub.core.alerting.trial_levels import USUAL_MS, of_steps, usual_at
from noctule_hub.core.alerting.usual import BIN_MS
from noctule_hub.core.availability import StatusSpan
from noctule_hub.core.resolution import FIVE_MINUTES_MS
from noctule_hub.core.rollups import ROLLUP_COLUMNS, Rollup
from noctule_shared.events import DeviceStatus
from noctule_shared.frames import TableName

START_MS = 1_795_000_000_000 // BIN_MS * BIN_MS
ROUNDS = 30


def steps(table: TableName, count: int, **columns: object) -> Rollup:
    """Return so many steps of 5 minutes; columns that are not given are 0."""
    times = START_MS + np.arange(count, dtype=np.int64) * FIVE_MINUTES_MS
    filled = {
        column.name: np.broadcast_to(np.asarray(columns.get(column.name, 0.0), np.float64), count).copy()
        for column in ROLLUP_COLUMNS[table]
    }
    return Rollup(table, np.zeros(count, np.int64), times, filled)


def delays(*rtt_s: float) -> Rollup:
    """Return steps of rounds with these medians, NaN: none had a reply."""
    known = ~np.isnan(np.array(rtt_s))
    return steps(
        TableName.LATENCY,
        len(rtt_s),
        n=ROUNDS,
        bad=np.where(known, 0, ROUNDS),
        rtt_sum_ns=np.where(known, np.array(rtt_s) * ROUNDS * 1e9, 0.0),
    )


def test_a_delay_is_held_against_what_was_usual_on_the_day_before() -> None:
    day = [0.010] * (USUAL_MS // FIVE_MINUTES_MS)
    measured = delays(*day, 0.080, 0.026, 0.024, float("nan"), 0.400)
    track = of_steps(HighLatency(), measured, from_ms=START_MS + USUAL_MS, speed_bps=None)
    assert track.signs.tolist() == [HOLDS, UNKNOWN, OVER, UNKNOWN, HOLDS]
    assert track.at_ms[0] == START_MS + USUAL_MS


def test_in_the_first_quarter_of_an_hour_nothing_is_usual_and_the_limit_counts_alone() -> None:
    track = of_steps(HighLatency(), delays(0.010, 0.300, 0.010, 0.010, 0.080), from_ms=START_MS, speed_bps=None)
    assert track.signs.tolist() == [UNKNOWN, HOLDS, UNKNOWN, OVER, OVER]


def test_what_is_usual_is_the_median_of_the_bins_before() -> None:
    measured = delays(*[0.010] * 3, *[0.020] * 3, *[0.090] * 3)
    at_ms = START_MS + np.array([0, BIN_MS, 2 * BIN_MS, 3 * BIN_MS])
    found = usual_at(measured, at_ms)
    assert np.isnan(found[0])
    assert found[1:].tolist() == pytest.approx([0.010, 0.010, 0.020])
    assert np.isnan(usual_at(measured.where(np.zeros(9, np.bool_)), at_ms)).all()


def test_steps_in_which_the_device_was_down_say_nothing_of_its_loss() -> None:
    measured = steps(TableName.LATENCY, 5, n=ROUNDS, sent=150, received=100)
    second_ms, fourth_ms = START_MS + FIVE_MINUTES_MS, START_MS + 3 * FIVE_MINUTES_MS
    statuses = [
        StatusSpan(START_MS, second_ms + 1_000, DeviceStatus.ONLINE, ""),
        StatusSpan(second_ms + 1_000, fourth_ms, DeviceStatus.OFFLINE, ""),
        StatusSpan(fourth_ms, fourth_ms + FIVE_MINUTES_MS, DeviceStatus.MAINTENANCE, ""),
    ]
    track = of_steps(HighLoss(), measured, from_ms=START_MS, speed_bps=None, statuses=statuses)
    assert track.signs.tolist() == [HOLDS, UNKNOWN, UNKNOWN, HOLDS, HOLDS]


@pytest.mark.parametrize(
    ("condition", "columns", "sign"),
    [
        (HighLoss(), {"sent": 150, "received": 120}, HOLDS),
        (HighLoss(), {"sent": 150, "received": 135}, UNKNOWN),
        (HighLoss(), {"sent": 150, "received": 149}, OVER),
        (HighLoss(), {"sent": 0, "received": 0}, UNKNOWN),
        (HighLoss(), {"sent": 150, "received": 0}, UNKNOWN),
    ],
)
def test_loss_is_that_of_a_step(condition: Condition, columns: dict[str, float], sign: int) -> None:
    measured = steps(TableName.LATENCY, 1, n=ROUNDS, **columns)
    assert of_steps(condition, measured, from_ms=START_MS, speed_bps=None).signs.tolist() == [sign]


@pytest.mark.parametrize(
    ("condition", "columns", "sign"),
    [
        (HighUtilisation(), {"in_octets": 34_000_000, "in_us": 3e8, "out_octets": 1, "out_us": 3e8}, HOLDS),
        (HighUtilisation(), {"in_octets": 17_000_000, "in_us": 1.5e8, "out_octets": 1, "out_us": 3e8}, HOLDS),
        (HighUtilisation(), {"in_octets": 17_000_000, "in_us": 3e8, "out_octets": 1, "out_us": 3e8}, OVER),
        (HighErrors(), {"in_packets": 10_000, "in_errors": 400, "out_packets": 1}, HOLDS),
        (HighErrors(), {"in_packets": 10_000, "in_errors": 200, "out_packets": 1}, UNKNOWN),
        (HighErrors(), {"in_packets": 10_000_000, "in_errors": 400, "out_packets": 1}, OVER),
        (HighDiscards(), {"out_packets": 100_000, "out_discards": 4_000, "in_packets": 1}, HOLDS),
    ],
)
def test_an_interface_is_judged_by_what_its_polls_had_on_the_average(
    condition: Condition, columns: dict[str, float], sign: int
) -> None:
    measured = steps(TableName.INTERFACE, 1, n=30, **columns)
    assert of_steps(condition, measured, from_ms=START_MS, speed_bps=1_000_000).signs.tolist() == [sign]


def test_without_a_speed_or_a_poll_that_counts_nothing_is_known() -> None:
    full = {"in_octets": 34_000_000, "in_us": 3e8, "out_octets": 1, "out_us": 3e8}
    good, bad = steps(TableName.INTERFACE, 1, n=30, **full), steps(TableName.INTERFACE, 1, n=30, bad=30, **full)
    assert of_steps(HighUtilisation(), good, from_ms=START_MS, speed_bps=None).signs.tolist() == [UNKNOWN]
    assert of_steps(HighUtilisation(), bad, from_ms=START_MS, speed_bps=1_000_000).signs.tolist() == [UNKNOWN]


def test_a_condition_about_anything_else_is_an_error() -> None:
    with pytest.raises(TypeError):
        of_steps(DeviceOffline(), delays(0.01), from_ms=START_MS, speed_bps=None)
