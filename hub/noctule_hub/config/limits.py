"""`[limits]`: what one client, and all of them together, may ask of the hub. `api.limits` obeys them."""

from dataclasses import dataclass

from noctule_hub.config.table import Table


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Requests per principal (a signed-in user, a token) or, of anonymous ones, per address; 0: no limit.

    `connections` are open TCP connections, `costly_reads` the series, months and searches that are worked on at once.
    """

    requests_per_minute: int = 6_000
    request_burst: int = 1_000
    connections: int = 12_000
    costly_reads: int = 8


def read_limits(table: Table) -> LimitSettings:
    """Return the settings of `[limits]`. Raises `ConfigError`."""
    defaults = LimitSettings()
    return LimitSettings(
        requests_per_minute=table.whole("requests_per_minute", defaults.requests_per_minute, least=0, most=1_000_000),
        request_burst=table.whole("request_burst", defaults.request_burst, least=1, most=100_000),
        connections=table.whole("connections", defaults.connections, least=10, most=1_000_000),
        costly_reads=table.whole("costly_reads", defaults.costly_reads, least=1, most=64),
    )
