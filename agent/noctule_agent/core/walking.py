"""A walk through a table, answer by answer: what to ask next, and when to stop.

Pure. As far as can be foreseen no answer is larger than a datagram. No answer, however wrong, makes a walk go round
in circles: names must increase, and their number is limited. Asking, retries and smaller requests are left to
`probes.snmp.client`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Generic, TypeVar

from noctule_agent.core.sizing import FIRST_REPETITIONS

MAX_WALK_ROWS: Final = 100_000
# 1,472 bytes of UDP in one Ethernet frame, less the message around the names.
MAX_ANSWER_BYTES: Final = 1_400
# The next ifAlias may be longer than all before it: so much is reckoned for a text at least.
TEXT_BYTES: Final = 64
# Tag and length of a name, a value and of both together.
_FRAMING_BYTES: Final = 8
_INTEGER_BYTES: Final = 9

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
        self._largest_bytes = 0

    def ask_for(self, repetitions: int, expected: int | None = None) -> int:
        """Return how many names to ask for next: at most `repetitions`, and no more than an answer has room for.

        Behind the last row an answer runs on into other tables, with texts of any length. So at most one name more
        than the `expected` rows is asked for; None: nobody knows, and at most twice as many as were found.
        """
        found = len(self.rows)
        ahead = found if expected is None else abs(expected - found)
        room = MAX_ANSWER_BYTES // self._largest_bytes if found else FIRST_REPETITIONS
        return min(repetitions, ahead + 1, max(1, room))

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
                self._largest_bytes = max(self._largest_bytes, _bytes_of(name, value))
                if len(self.rows) > MAX_WALK_ROWS:
                    return Verdict.TOO_LONG
        return Verdict.MORE if answer else Verdict.COMPLETE


def _bytes_of(name: str, value: object) -> int:
    """Return an upper bound of a varbind's length in BER, for a text one of its like."""
    # A sub-identifier of n digits takes n / 2 octets at most, rounded up.
    size = _FRAMING_BYTES + (len(name) + 1) // 2
    if isinstance(value, bytes):
        return size + max(TEXT_BYTES, len(value))
    return size + (len(value) if isinstance(value, str) else _INTEGER_BYTES)


def oid_key(oid: str) -> tuple[int, ...]:
    """Return a dotted OID as numbers, for comparison in the order of RFC 3416."""
    return tuple(int(part) for part in oid.strip(".").split("."))
