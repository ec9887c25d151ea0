"""How scenario files write times, shares, rates and patterns, and what all of their tables have in common."""

import re
from typing import Annotated

import msgspec

_FACTORS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
_TIME = r"\s*((\d+(\.\d+)?)\s*(ms|s|m|h)\s*)+"
_PREFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
Time = Annotated[str, msgspec.Meta(pattern=f"^{_TIME}$")]
Percent = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?\s*%$")]
Rate = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?\s*[kMG]?bps$")]
# Names, with `*` for anything.
Pattern = Annotated[str, msgspec.Meta(min_length=1)]
Name = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"inward": "in"}):
    pass


def time_ms(text: str) -> int:
    """Return `1m 30s` as milliseconds."""
    return sum(round(float(number) * _FACTORS_MS[unit]) for number, unit in re.findall(r"([\d.]+)\s*(ms|s|m|h)", text))


def ratio(text: str) -> float:
    """Return `5%` as 0.05."""
    return float(text.rstrip("% ")) / 100


def bps(text: str) -> float:
    """Return `10Mbps` as bits a second."""
    number, prefix = re.findall(r"^([\d.]+)\s*([kMG]?)bps$", text)[0]
    return float(number) * _PREFIXES[prefix]


def like(pattern: str, text: str) -> bool:
    """Return whether a text is as a pattern, in which `*` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
