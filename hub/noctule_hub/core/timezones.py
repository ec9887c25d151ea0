"""Time zones by the names of the IANA database, which the machine or the package tzdata brings."""

import re
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_CHARS: Final = 64
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)


@lru_cache(maxsize=64)
def find_zone(name: str) -> tzinfo | None:
    """Return the time zone of that name, None when there is none here. UTC is always there."""
    if name == "UTC":
        return UTC
    if len(name) > MAX_CHARS or not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
