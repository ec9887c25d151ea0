"""How much to ask of a device at once, and how long to wait for it.

Pure; asking is left to `probes.snmp`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# 50 varbinds of 25-29 B keep an answer inside one 1,472-byte datagram.
MAX_VARBINDS: Final = 50
FIRST_REPETITIONS: Final = 10
MAX_REPETITIONS: Final = 50
TIMEOUTS_S: Final = (1.5, 3.0, 5.0)
TIMEOUT_FLOOR_S: Final = 0.3
INTERVAL_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class RequestSize:
    """How many varbinds fit one GET and how many repetitions one GETBULK, as learnt from this device."""

    varbinds: int = MAX_VARBINDS
    repetitions: int = FIRST_REPETITIONS

    def after_get_failed(self) -> "RequestSize":
        """Return the size after a timeout or tooBig on a GET: half, at least one name besides sysUpTime."""
        return RequestSize(max(2, self.varbinds // 2), self.repetitions)

    def after_walk_complete(self) -> "RequestSize":
        """Return the size after a walk that brought all rows: half as many repetitions again, up to 50."""
        return RequestSize(self.varbinds, min(MAX_REPETITIONS, self.repetitions + self.repetitions // 2 + 1))

    def after_walk_failed(self) -> "RequestSize":
        """Return the size after a timeout, missing rows or non-increasing names in a walk: half, at least 1."""
        return RequestSize(self.varbinds, max(1, self.repetitions // 2))


def timeouts_s(interval_s: float) -> tuple[float, ...]:
    """Return the growing timeouts of one request's attempts, scaled to fit 40 % of the interval.

    Each is at least 0.3 s; with intervals so short that even these do not fit, fewer attempts are made, at
    least one.
    """
    budget_s = INTERVAL_SHARE * interval_s
    scale = min(1.0, budget_s / sum(TIMEOUTS_S))
    scaled = [max(TIMEOUT_FLOOR_S, timeout * scale) for timeout in TIMEOUTS_S]
    while len(scaled) > 1 and sum(scaled) > budget_s + 1e-9:
        scaled.pop()
    return tuple(scaled)


def chunks(groups: Sequence[Sequence[str]], max_varbinds: int, *, reserved: int = 1) -> list[list[str]]:
    """Return the names of all groups in requests of at most `max_varbinds - reserved` names.

    A group (the columns of one interface) stays in one request when it fits one, so that its values and its
    sysUpTime belong to one moment; `reserved` leaves room for sysUpTime.0.
    """
    room = max(1, max_varbinds - reserved)
    requests: list[list[str]] = []
    current: list[str] = []
    for group in groups:
        if current and len(current) + len(group) > room:
            requests.append(current)
            current = []
        rest = list(group)
        while len(rest) > room:
            requests.append(rest[:room])
            rest = rest[room:]
        current += rest
    if current:
        requests.append(current)
    return requests
