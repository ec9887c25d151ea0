"""How long measurements are kept: which files have outlived their time, and which must go for the disk's sake."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from noctule_shared.events import SEVERITY_NAMES, EventName, NetworkLogEvent
from noctule_shared.times import iso_from_ms

from noctule_hub.core.records import NewEvent
from noctule_hub.core.rooms import rooms_of_event

# The source of log entries that are about the hub itself.
HUB: Final = "hub"
_WARNING: Final = 4
_GIB: Final = 1024**3


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that rows of each resolution are kept (days of 1 d for ever); `max_bytes` 0: however much they take.

    Alerts that are over are kept for `alert_days` and while there are no more than `max_alerts`.
    """

    raw_days: int = 14
    rollup_5min_days: int = 366
    rollup_1h_days: int = 1_827
    max_bytes: int = 0
    alert_days: int = 731
    max_alerts: int = 1_000_000


DEFAULT_RETENTION: Final = Retention()


def outlived(names: Iterable[str], first_day: str) -> list[str]:
    """Return the files, named by day, month or year, all of whose days are before `first_day` (YYYYMMDD)."""
    return [name for name in names if name < first_day[: len(name)]]


def over_budget(raw_bytes: Mapping[str, int], rollup_bytes: int, max_bytes: int, today: str) -> list[str]:
    """Return the raw days to drop, oldest first, until all fits into `max_bytes` (0: no limit); today's never goes."""
    excess = sum(raw_bytes.values()) + rollup_bytes - max_bytes
    dropped: list[str] = []
    for day, size in sorted(raw_bytes.items()):
        if not max_bytes or excess <= 0 or day >= today:
            break
        dropped.append(day)
        excess -= size
    return dropped


def told_dropped(day: str, max_bytes: int) -> str:
    """Return the words about a raw day that was dropped for the disk's sake."""
    return (
        f"measurements took more than retention.max_bytes ({max_bytes / _GIB:.1f} GiB): the rows of "
        f"{day[:4]}-{day[4:6]}-{day[6:]} were dropped, their 5-minute rollups stay"
    )


def log_entry(message: str, now_ms: int) -> NewEvent:
    """Return `network:log` of the hub itself, a warning."""
    payload = NetworkLogEvent(
        timestamp=iso_from_ms(now_ms),
        severity=_WARNING,
        severity_name=SEVERITY_NAMES[_WARNING],
        source=HUB,
        message=message,
    )
    data = msgspec.to_builtins(payload)
    return NewEvent(EventName.NETWORK_LOG, data, rooms_of_event(EventName.NETWORK_LOG, data), now_ms)
