"""Rates and sizes in words, as reasons and the log tell them."""

from typing import Final

_PREFIXES: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def bit_rate(bps: float) -> str:
    """Return bits per second with a decimal prefix, such as `2.5 Gbit/s`."""
    return _prefixed(bps, "bit/s")


def size(octets: float) -> str:
    """Return a size in octets with a decimal prefix, such as `2.1 GB`."""
    return _prefixed(octets, "B")


def _prefixed(value: float, unit: str) -> str:
    factor, prefix = next((row for row in _PREFIXES if value >= row[0]), (1.0, ""))
    number = f"{value / factor:.2f}".rstrip("0").rstrip(".")
    return f"{number} {prefix}{unit}"
