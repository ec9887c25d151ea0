"""The statistics of a round."""

import pytest
from noctule_agent.probes.echo_round import echo_round


def test_lost_probe_is_none_not_zero() -> None:
    found = echo_round("192.0.2.1", (None, None))
    assert (found.sent, found.received, found.loss_ratio) == (2, 0, 1.0)
    assert [found.min_s, found.median_s, found.mean_s, found.max_s, found.mdev_s] == [None] * 5


def test_statistics_are_those_of_ping() -> None:
    found = echo_round("192.0.2.1", (0.004, None, 0.001, 0.003))
    assert found.rtt_s == (0.001, 0.003, 0.004)
    assert (found.min_s, found.median_s, found.max_s, found.loss_ratio) == (0.001, 0.003, 0.004, 0.25)
    assert found.mean_s == pytest.approx(0.008 / 3)
    assert found.mdev_s == pytest.approx(((1 + 9 + 16) / 3 - (8 / 3) ** 2) ** 0.5 / 1000)


def test_delay_variation_is_between_successive_packets_that_came_back() -> None:
    found = echo_round("192.0.2.1", (0.001, 0.003, None, 0.002, 0.001))
    assert found.ipdv_s == pytest.approx((0.002, -0.001))


def test_round_without_packets_has_no_loss_ratio() -> None:
    assert echo_round("192.0.2.1", ()).loss_ratio is None
