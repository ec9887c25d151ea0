"""`[events]` and `[logs]`: how much of the event log and of the network logs is kept. The store's keeper obeys them."""

from dataclasses import dataclass
from typing import Final

from noctule_hub.config.table import Table

MAX_DAYS: Final = 3_650


@dataclass(frozen=True, slots=True)
class EventSettings:
    """For how many days events are kept, and at most how many rows; network logs are not counted."""

    days: int = 30
    max_rows: int = 5_000_000


@dataclass(frozen=True, slots=True)
class NetworkLogSettings:
    """For how many days network logs are kept, and in how many bytes on the disk."""

    days: int = 7
    max_bytes: int = 2_000_000_000


def read_events(table: Table) -> EventSettings:
    """Return the settings of `[events]`. Raises `ConfigError`."""
    defaults = EventSettings()
    return EventSettings(
        days=table.whole("days", defaults.days, least=1, most=MAX_DAYS),
        max_rows=table.whole("max_rows", defaults.max_rows, least=10_000, most=1_000_000_000),
    )


def read_network_logs(table: Table) -> NetworkLogSettings:
    """Return the settings of `[logs]`. Raises `ConfigError`."""
    defaults = NetworkLogSettings()
    return NetworkLogSettings(
        days=table.whole("days", defaults.days, least=1, most=MAX_DAYS),
        max_bytes=table.whole("max_bytes", defaults.max_bytes, least=100_000_000, most=10_000_000_000_000),
    )
