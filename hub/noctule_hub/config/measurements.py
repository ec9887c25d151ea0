"""`[retention]`: how long measurements and alerts are kept. `store.sqlite.retention` obeys it."""

from typing import Final

from noctule_hub.config.table import Table
from noctule_hub.core.retention import DEFAULT_RETENTION, Retention

MAX_RAW_DAYS: Final = 3_660
MAX_ROLLUP_DAYS: Final = 36_600
MAX_BYTES: Final = 2**60
LEAST_ALERTS: Final = 10_000
MAX_ALERTS: Final = 10_000_000


def read_retention(table: Table) -> Retention:
    """Return the settings of `[retention]`. Raises `ConfigError`."""
    defaults = DEFAULT_RETENTION
    return Retention(
        raw_days=table.whole("raw_days", defaults.raw_days, least=1, most=MAX_RAW_DAYS),
        rollup_5min_days=table.whole("rollup_5min_days", defaults.rollup_5min_days, least=1, most=MAX_ROLLUP_DAYS),
        rollup_1h_days=table.whole("rollup_1h_days", defaults.rollup_1h_days, least=1, most=MAX_ROLLUP_DAYS),
        max_bytes=table.whole(
            "max_bytes", defaults.max_bytes, least=0, most=MAX_BYTES, wanted="a number of bytes, 0 for no limit"
        ),
        alert_days=table.whole("alert_days", defaults.alert_days, least=1, most=MAX_ROLLUP_DAYS),
        max_alerts=table.whole("max_alerts", defaults.max_alerts, least=LEAST_ALERTS, most=MAX_ALERTS),
    )
