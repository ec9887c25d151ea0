"""What measured rates are worth."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.headroom import Headroom, echoes_per_s, interfaces_per_pdu
from noctule_agent.core.sizing import MAX_VARBINDS
from noctule_shared.axes import Reachability
from noctule_shared.link import DeviceConfig, IcmpConfig


def measured(echoes: float | None, pdus: float | None) -> Headroom:
    return Headroom(echoes, 0, pdus, varbinds=46, names_per_interface=15)


def test_half_of_the_measured_rate_is_promised() -> None:
    found = measured(10_000.0, 1_000.0)
    assert found.devices == 10_000  # 5 echoes every 10 s each
    assert found.interfaces == 45_000  # 3 interfaces a PDU, every 30 s


def test_what_was_not_measured_promises_nothing_rather_than_zero() -> None:
    found = measured(None, None)
    assert (found.devices, found.interfaces) == (None, None)


@given(st.integers(min_value=1, max_value=200))
def test_interfaces_of_a_pdu_fit_it(names: int) -> None:
    fitting = interfaces_per_pdu(names)
    assert fitting >= 1
    assert fitting == 1 or 1 + fitting * names <= MAX_VARBINDS
    assert 1 + (fitting + 1) * names > MAX_VARBINDS


@dataclass(frozen=True)
class Case:
    icmp: list[IcmpConfig | None]
    expected: float


@pytest.mark.parametrize(
    "case",
    [Case([], 0.0), Case([IcmpConfig()] * 4, 2.0), Case([None, IcmpConfig(interval_s=5.0, count=3)], 0.6)],
)
def test_devices_ask_for_their_packets_in_their_interval(case: Case) -> None:
    devices = [
        DeviceConfig(number, "r", "192.0.2.1", Reachability.ICMP, icmp, None) for number, icmp in enumerate(case.icmp)
    ]
    assert echoes_per_s(devices) == pytest.approx(case.expected)
