"""Figures as people say them."""

import pytest
from noctule_hub.core.quantities import bit_rate, size


@pytest.mark.parametrize(
    ("bps", "words"),
    [
        (0, "0 bit/s"),
        (999, "999 bit/s"),
        (64_000, "64 kbit/s"),
        (112_300_000, "112.3 Mbit/s"),
        (2_500_000_000, "2.5 Gbit/s"),
        (4e14, "400 Tbit/s"),
    ],
)
def test_a_rate_has_a_decimal_prefix(bps: float, words: str) -> None:
    assert bit_rate(bps) == words


def test_a_size_too() -> None:
    assert size(2_140_000_000) == "2.14 GB"
