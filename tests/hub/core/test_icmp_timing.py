"""A round's packets fit its interval, with as few settings as that needs."""

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.icmp_timing import MIN_SPACING_S, MIN_TIMEOUT_S, icmp_timing
from noctule_hub.core.records import IcmpSettings
from noctule_shared.link import IcmpConfig


def test_default_device_has_the_agents_default_timing() -> None:
    timing = icmp_timing(IcmpSettings())
    assert (timing.spacing_s, timing.timeout_s) == (IcmpConfig().spacing_s, IcmpConfig().timeout_s)


def test_pinging_each_second_shortens_what_has_no_setting() -> None:
    timing = icmp_timing(IcmpSettings(interval_s=1.0, count=5))
    assert (timing.spacing_s, timing.timeout_s) == (0.1, 0.5)


def test_own_timeout_stays_and_the_spacing_yields() -> None:
    timing = icmp_timing(IcmpSettings(interval_s=2.0, count=5, timeout_s=1.5))
    assert (timing.spacing_s, timing.timeout_s, timing.fits(2.0)) == (0.1, 1.5, True)


def test_own_spacing_stays_and_the_timeout_yields() -> None:
    timing = icmp_timing(IcmpSettings(interval_s=2.0, count=5, spacing_s=0.3))
    assert (timing.spacing_s, timing.timeout_s) == (0.3, 0.5)


def test_what_cannot_fit_is_told() -> None:
    assert not icmp_timing(IcmpSettings(interval_s=2.0, count=5, spacing_s=0.4, timeout_s=0.5)).fits(2.0)


@given(st.floats(1, 3600), st.integers(1, 20))
def test_devices_without_own_timing_always_fit(interval_s: float, count: int) -> None:
    timing = icmp_timing(IcmpSettings(interval_s, count))
    assert timing.fits(interval_s)
    assert timing.spacing_s >= MIN_SPACING_S
    assert timing.timeout_s >= MIN_TIMEOUT_S
