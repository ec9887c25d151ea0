"""Time stamps of one series: strictly increasing, whatever the wall clock does. Pure; the clock is the caller's."""

from noctule_agent.core.rates import next_ts_ms


class Stamps:
    """The stamps of a series that several watches feed, at once or one after the other."""

    __slots__ = ("_last_ts_ms",)

    def __init__(self) -> None:
        self._last_ts_ms: int | None = None

    def next_ms(self, wall_ms: int) -> int:
        """Return the next row's time stamp in epoch milliseconds."""
        self._last_ts_ms = next_ts_ms(self._last_ts_ms, wall_ms)
        return self._last_ts_ms
