"""Whether this hub's clock was set back while it ran: agents' times are then no proof that their clocks are ahead."""

import logging

from noctule_hub.core.clocks import SET_BACK_MS

log = logging.getLogger(__name__)


class ClockWatch:
    """Holds the hub's clock against one that only goes forward; logs that it was set back and is right again."""

    def __init__(self) -> None:
        self._highest_ms: int | None = None
        self._told = False

    def behind_ms(self, now_ms: int, steady_s: float) -> int:
        """Return by how much the clock, at `now_ms`, is behind what it has been, by the steady clock's `steady_s`."""
        offset_ms = now_ms - round(steady_s * 1000)
        self._highest_ms = offset_ms if self._highest_ms is None else max(self._highest_ms, offset_ms)
        behind_ms = self._highest_ms - offset_ms
        if (behind_ms >= SET_BACK_MS) is not self._told:
            self._told = not self._told
            if self._told:
                log.warning(
                    "this machine's clock was set back by %.1f s; agents' times are taken as they are: set it by NTP",
                    behind_ms / 1000,
                )
            else:
                log.warning("this machine's clock is as it was before it was set back")
        return behind_ms
