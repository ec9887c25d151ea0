"""The statistics of a round."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.probes.echo_round import echo_round


def test_lost_probe_is_none_not_zero() -> None:
    found = echo_round("192.0.2.1", (None, None))
    assert (found.sent, found.received, found.loss_ratio) == (2, 0, 1.0)
    delays = (found.min_s, found.p25_s, found.median_s, found.p75_s, found.max_s, found.mean_s, found.mdev_s)
    assert {*delays, found.ipdv_s} == {None}


def test_statistics_are_those_of_ping() -> None:
    found = echo_round("192.0.2.1", (0.004, None, 0.001, 0.003))
    assert found.rtt_s == (0.001, 0.003, 0.004)
    assert (found.min_s, found.median_s, found.max_s, found.loss_ratio) == (0.001, 0.003, 0.004, 0.25)
    assert found.mean_s == pytest.approx(0.008 / 3)
    assert found.mdev_s == pytest.approx(((1 + 9 + 16) / 3 - (8 / 3) ** 2) ** 0.5 / 1000)


def test_quartiles_of_five_replies_are_replies_of_the_sorted_round() -> None:
    found = echo_round("192.0.2.1", (0.005, 0.001, 0.004, 0.002, 0.003))
    assert (found.min_s, found.p25_s, found.median_s, found.p75_s, found.max_s) == found.rtt_s


@given(st.lists(st.floats(1e-6, 5), min_size=2, max_size=20))
def test_quartiles_are_of_type_7(delays_s: list[float]) -> None:
    found = echo_round("192.0.2.1", tuple(delays_s))
    # Python's inclusive method is Hyndman and Fan's type 7.
    lower, _, upper = statistics.quantiles(delays_s, n=4, method="inclusive")
    assert [found.p25_s, found.p75_s] == pytest.approx([lower, upper])


def test_one_reply_is_its_own_quartiles() -> None:
    found = echo_round("192.0.2.1", (None, 0.002, None))
    assert (found.p25_s, found.p75_s, found.ipdv_s) == (0.002, 0.002, None)


def test_delay_variation_is_between_successive_packets_that_came_back() -> None:
    found = echo_round("192.0.2.1", (0.001, 0.003, None, 0.002, 0.001))
    assert found.ipdv_s == pytest.approx((0.002 + 0.001) / 2)


def test_delay_variation_is_unknown_when_no_neighbours_came_back() -> None:
    assert echo_round("192.0.2.1", (0.001, None, 0.002, None)).ipdv_s is None


def test_equal_delays_vary_by_zero() -> None:
    assert echo_round("192.0.2.1", (0.001, 0.001)).ipdv_s == 0


def test_round_without_packets_has_no_loss_ratio() -> None:
    assert echo_round("192.0.2.1", ()).loss_ratio is None
