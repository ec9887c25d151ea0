"""Time spans as people type them on the command line."""

import re

import click

_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration_s(text: str) -> int:
    """Return a time span such as 90s, 15m, 24h or 30d in seconds; click reports what is not one."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a time span such as 90s, 15m, 24h or 30d")
    return int(match[1]) * _UNIT_S[match[2]]


def duration_or_zero_s(text: str) -> int:
    """Return a time span as `duration_s` does, or 0 for none."""
    return 0 if text in {"0", "0s"} else duration_s(text)
