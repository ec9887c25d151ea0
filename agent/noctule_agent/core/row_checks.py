"""When single rows of a device's ifTable are read because a trap named them: at once, and again after 2 min.

Pure; the clock is the caller's, reading is left to the device's SNMP watch.
"""

from dataclasses import dataclass, field
from typing import Final

# A link may settle after its trap, and the trap of its return may be lost.
AGAIN_AFTER_S: Final = 120.0
# A flapping port is read at most so often, whatever it sends.
MIN_SPACING_S: Final = 1.0
# Rows of one device that may wait; a device that names more is seen by its ordinary polls.
MAX_ROWS: Final = 512


@dataclass(slots=True)
class _Row:
    checked_s: float | None = None
    soon_s: float | None = None
    again_s: float | None = None

    def due_s(self) -> float | None:
        """Return when the row is to be read next, None for never."""
        times = [time_s for time_s in (self.soon_s, self.again_s) if time_s is not None]
        return min(times, default=None)


@dataclass(slots=True)
class RowChecks:
    """The rows of one device that a trap named, by ifIndex. `dropped` counts hints beyond the limit."""

    dropped: int = 0
    _rows: dict[int, _Row] = field(default_factory=dict)

    def hint(self, if_index: int, now_s: float) -> None:
        """Note that a trap named a row at `now_s` of a monotonic clock."""
        row = self._rows.get(if_index)
        if row is None:
            if len(self._rows) >= MAX_ROWS:
                self.dropped += 1
                return
            row = self._rows[if_index] = _Row()
        soonest_s = now_s if row.checked_s is None else max(now_s, row.checked_s + MIN_SPACING_S)
        row.soon_s = soonest_s if row.soon_s is None else min(row.soon_s, soonest_s)
        row.again_s = now_s + AGAIN_AFTER_S

    def take_due(self, now_s: float) -> list[int]:
        """Return the rows to read now, and forget those for which that was the last time."""
        due = [index for index, row in self._rows.items() if (at_s := row.due_s()) is not None and at_s <= now_s]
        for index in due:
            row = self._rows[index]
            row.checked_s = now_s
            row.soon_s = None
            if row.again_s is not None and row.again_s <= now_s:
                del self._rows[index]
        return due

    def next_due_s(self) -> float | None:
        """Return when the next row is to be read, None when none waits."""
        return min((at_s for row in self._rows.values() if (at_s := row.due_s()) is not None), default=None)
