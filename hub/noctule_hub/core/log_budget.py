"""How many network logs a room hears live: a storm of them must not keep states from anybody.

What goes past the budget stays in the log and is searched there; the room is told how many it did not hear.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

LIVE_LOGS_PER_S: Final = 200.0
LIVE_LOGS_BURST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """`count` network logs between two seqs, both included, that a room was not sent."""

    count: int
    first: int
    last: int


class LogBudget:
    """A bucket for each room; `now_s` is any clock that does not go back."""

    def __init__(self, *, per_s: float = LIVE_LOGS_PER_S, burst: int = LIVE_LOGS_BURST) -> None:
        self.skipped_total = 0
        self._per_s = per_s
        self._burst = burst
        self._left: dict[str, tuple[float, float]] = {}
        self._skipped: dict[str, Skipped] = {}

    def admits(self, room: str, seq: int, now_s: float) -> bool:
        """Decide whether a room hears the network log `seq`; if not, it is counted."""
        left, since_s = self._left.get(room, (float(self._burst), now_s))
        left = min(self._burst, left + (now_s - since_s) * self._per_s)
        if left >= 1:
            self._left[room] = (left - 1, now_s)
            return True
        self._left[room] = (left, now_s)
        before = self._skipped.get(room)
        self._skipped[room] = Skipped(before.count + 1, before.first, seq) if before else Skipped(1, seq, seq)
        self.skipped_total += 1
        return False

    def take_skipped(self, present: Container[str]) -> dict[str, Skipped]:
        """Return what rooms were not sent since the last call; rooms that are not `present` are forgotten."""
        taken = {room: skipped for room, skipped in self._skipped.items() if room in present}
        self._skipped.clear()
        self._left = {room: state for room, state in self._left.items() if room in present}
        return taken
