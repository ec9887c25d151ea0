"""Clients that were cut for not reading, remembered for a while so that they can be told when they are back."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from noctule_shared.times import iso_from_ms

from noctule_hub.realtime.connections import Connection

# Clients come back within seconds; later nobody wants to know any more.
REMEMBER_MS: Final = 600_000
MAX_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Cut:
    """When a client was cut (epoch ms), and the bytes that waited for it."""

    at_ms: int
    waiting_bytes: int


class SlowReaders:
    """Those that were cut, by who they are and their tab; a client that names no tab is not known again.

    Full (`MAX_REMEMBERED`): the one cut longest ago is forgotten. `cut` counts them all.
    """

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self.cut = 0
        self._clock_ms = clock_ms
        self._cuts: OrderedDict[tuple[str, str], Cut] = OrderedDict()

    def note(self, connection: Connection, waiting_bytes: int) -> None:
        """Count a client that is being cut, and remember it."""
        self.cut += 1
        if connection.tab is not None:
            key = (connection.principal.subject, connection.tab)
            self._cuts[key] = Cut(self._clock_ms(), waiting_bytes)
            self._cuts.move_to_end(key)
            while len(self._cuts) > MAX_REMEMBERED:
                self._cuts.popitem(last=False)

    def greeting(self, subject: str, tab: str | None) -> dict[str, Any]:
        """Return what a client that is back is told in `replay:done`, once; empty for one that was not cut."""
        cut = None if tab is None else self._cuts.pop((subject, tab), None)
        if cut is None or self._clock_ms() - cut.at_ms > REMEMBER_MS:
            return {}
        return {"cut": {"reason": "slow-reader", "at": iso_from_ms(cut.at_ms), "waitingBytes": cut.waiting_bytes}}
