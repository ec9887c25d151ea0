"""A walk through a table, answer by answer: what to ask next, and when to stop.

Pure. No answer, however wrong, makes a walk go round in circles: names must increase, and their number is
limited. Asking, retries and smaller requests are left to `probes.snmp.client`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Generic, TypeVar

MAX_WALK_ROWS: Final = 100_000

V = TypeVar("V")


class Verdict(StrEnum):
    """What an answer means for the walk: `broken` is a name that does not increase (RFC 3416 section 4.2.2)."""

    MORE = "more"
    COMPLETE = "complete"
    BROKEN = "broken"
    TOO_LONG = "too-long"


class Walk(Generic[V]):
    """The instances under `root` found so far. `at` is the name to ask the next ones after."""

    def __init__(self, root: str) -> None:
        self.at = root
        self.rows: list[tuple[str, V]] = []
        self._root = oid_key(root)
        self._last = self._root

    def take(self, answer: Sequence[tuple[str, V | None]]) -> Verdict:
        """Keep what an answer brought up to its first wrong name; None values count as names only.

        An empty answer is the end of the device's objects.
        """
        for name, value in answer:
            key = oid_key(name)
            if key <= self._last:
                return Verdict.BROKEN
            if key[: len(self._root)] != self._root:
                return Verdict.COMPLETE
            self.at, self._last = name, key
            if value is not None:
                self.rows.append((name, value))
                if len(self.rows) > MAX_WALK_ROWS:
                    return Verdict.TOO_LONG
        return Verdict.MORE if answer else Verdict.COMPLETE


def oid_key(oid: str) -> tuple[int, ...]:
    """Return a dotted OID as numbers, for comparison in the order of RFC 3416."""
    return tuple(int(part) for part in oid.strip(".").split("."))
