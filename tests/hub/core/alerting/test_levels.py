"""Measured values against thresholds: met, over, between, or unknown, for each row of a table."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.conditions import HighDiscards, HighErrors, HighLatency, HighLoss, HighUtilisation
from noctule_hub.core.alerting.levels import Judged, Verdict, judge_delays, judge_losses, judge_polls
from noctule_shared.axes import Quality
from noctule_shared.frames import INTERFACE_COLUMNS

NAN = math.nan
UNKNOWN, BETWEEN, OVER, MET = Verdict


def verdicts(judged: Judged) -> list[Verdict]:
    return [Verdict(one) for one in judged.verdicts]


def polls(**columns: list[float]) -> dict[str, np.ndarray]:
    rows = len(next(iter(columns.values())))
    defaults = {"interval_s": [10.0] * rows, "quality": [0] * rows}
    given_ = defaults | columns
    return {
        name: np.array(given_.get(name, [0.0] * rows), np.uint8 if name == "quality" else np.float64)
        for name in INTERFACE_COLUMNS
        if name not in {"device_id", "if_index", "inventory_rev"}
    }


@pytest.mark.parametrize(
    ("rtt_ms", "usual_ms", "verdict"),
    [
        (84, 12, MET),
        (36, 12, BETWEEN),  # three times the usual is not more than that
        (36.1, 12, MET),
        (27.1, 12, BETWEEN),
        (27, 12, OVER),  # twice would be 24, but 15 ms above the usual are allowed
        (5, 1, OVER),  # five times a usual of 1 ms is 4 ms more
        (21.1, 1, MET),
        (251, 200, MET),  # the limit counts also where the usual is close to it
        (220, 200, BETWEEN),
        (200, 200, OVER),
        (NAN, 12, UNKNOWN),
        (251, NAN, MET),
        (249, NAN, UNKNOWN),
        (1, NAN, UNKNOWN),  # not known to be as usual
    ],
)
def test_a_delay_is_high_by_the_devices_own_usual_or_by_the_limit(
    rtt_ms: float, usual_ms: float, verdict: Verdict
) -> None:
    judged = judge_delays(HighLatency(), np.array([rtt_ms / 1000]), np.array([usual_ms / 1000]))
    assert verdicts(judged) == [verdict]


def test_without_a_limit_a_usual_that_is_high_alerts_nobody() -> None:
    unlimited = HighLatency(limit_s=None, clear_limit_s=None)
    judged = judge_delays(unlimited, np.array([0.650, 2.0, 0.3]), np.array([0.6, 0.6, NAN]))
    assert verdicts(judged) == [OVER, MET, UNKNOWN]
    assert judged.thresholds.tolist()[:2] == pytest.approx([1.8, 1.8])


delays = st.floats(0.000_01, 3.0) | st.just(NAN)


@given(st.lists(st.tuples(delays, delays), max_size=9))
def test_columns_judge_as_the_words_of_the_condition_do(rows: list[tuple[float, float]]) -> None:
    condition = HighLatency()
    assert condition.limit_s is not None
    assert condition.clear_limit_s is not None
    found = []
    for rtt_s, usual_s in rows:
        above = rtt_s > condition.times_usual * usual_s and rtt_s > usual_s + condition.above_usual_s
        still = rtt_s > condition.clear_times_usual * usual_s and rtt_s > usual_s + condition.clear_above_usual_s
        if above or rtt_s > condition.limit_s:
            found.append(MET)
        elif math.isnan(rtt_s) or math.isnan(usual_s):
            found.append(UNKNOWN)
        else:
            found.append(BETWEEN if still or rtt_s > condition.clear_limit_s else OVER)
    judged = judge_delays(condition, np.array([one for one, _ in rows]), np.array([one for _, one in rows]))
    assert verdicts(judged) == found


def test_loss_is_of_the_packets_of_the_window() -> None:
    judged = judge_losses(HighLoss(), np.array([30, 30, 30, 30, 0]), np.array([24, 25, 28, 29, 0]))
    assert verdicts(judged) == [MET, BETWEEN, BETWEEN, OVER, UNKNOWN]
    assert judged.values.tolist()[0] == pytest.approx(0.2)


MBIT_10_S = 1_250_000.0


@pytest.mark.parametrize(
    ("in_mbps", "out_mbps", "speed_bps", "verdict", "outward"),
    [
        (90, 1, 1e8, MET, False),
        (1, 90, 1e8, MET, True),
        (89, 1, 1e8, BETWEEN, False),
        (79, 1, 1e8, OVER, False),
        (79, 85, 1e8, BETWEEN, True),
        (90, 90, NAN, UNKNOWN, False),
        (NAN, 90, 1e8, MET, True),
        (NAN, 10, 1e8, OVER, True),
        (10, NAN, 1e8, OVER, False),
        (NAN, NAN, 1e8, UNKNOWN, False),
    ],
)
def test_utilisation_is_that_of_the_busier_way(
    in_mbps: float, out_mbps: float, speed_bps: float, verdict: Verdict, *, outward: bool
) -> None:
    columns = polls(in_octets=[in_mbps * MBIT_10_S], out_octets=[out_mbps * MBIT_10_S])
    judged = judge_polls(HighUtilisation(), columns, np.array([speed_bps]))
    assert verdicts(judged) == [verdict]
    assert bool(judged.outward[0]) is outward


@pytest.mark.parametrize(
    ("quality", "verdict"),
    [
        (Quality.OK, MET),
        (Quality.WRAP, MET),
        (Quality.FIRST, UNKNOWN),
        (Quality.RESET, UNKNOWN),
        (Quality.AMBIGUOUS, UNKNOWN),
        (Quality.IMPLAUSIBLE | Quality.WRAP, UNKNOWN),
    ],
)
@pytest.mark.parametrize("condition", [HighUtilisation(), HighErrors(), HighDiscards()])
def test_a_row_that_is_no_measure_is_not_judged(
    condition: HighUtilisation | HighErrors | HighDiscards, quality: Quality, verdict: Verdict
) -> None:
    columns = polls(in_octets=[1e9], in_packets=[1e3], in_errors=[1e3], in_discards=[1e3], quality=[int(quality)])
    assert verdicts(judge_polls(condition, columns, np.array([1e8]))) == [verdict]


@pytest.mark.parametrize(
    ("way", "packets", "errors", "verdict", "ratio"),
    [
        ("in", 990, 10, MET, 0.01),  # received and dropped: 1,000 came
        ("in", 90, 9, BETWEEN, 1 / 11),  # too few of them
        ("in", 1_000_000, 1_000, OVER, 0.000_999),
        ("in", 0, 0, OVER, 0.0),
        ("in", 0, 10, MET, 1.0),
        ("out", 1_000, 10, MET, 0.01),  # those that were dropped are among them
        ("out", 5, 10, MET, 1.0),
        ("out", NAN, 10, OVER, 0.0),  # of the way out nothing is known, and on the way in nothing happens
    ],
)
def test_errors_are_held_against_the_packets_of_their_way(
    way: str, packets: float, errors: float, verdict: Verdict, ratio: float
) -> None:
    columns = polls(**{f"{way}_packets": [packets], f"{way}_errors": [errors]})
    judged = judge_polls(HighErrors(), columns, np.array([NAN]))
    assert verdicts(judged) == [verdict]
    assert judged.values[0] == pytest.approx(ratio, rel=1e-3)


def test_of_two_ways_the_one_that_is_met_is_told() -> None:
    columns = polls(in_packets=[20], in_errors=[5], out_packets=[10_000], out_errors=[150])
    judged = judge_polls(HighErrors(), columns, np.array([NAN]))
    assert verdicts(judged) == [MET]
    assert (bool(judged.outward[0]), judged.values[0]) == (True, pytest.approx(0.015))


def test_discards_have_their_own_figures() -> None:
    columns = polls(in_packets=[9_900, 990], in_discards=[100, 99])
    assert verdicts(judge_polls(HighDiscards(), columns, np.array([NAN, NAN]))) == [MET, BETWEEN]
