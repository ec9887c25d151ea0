"""How much to ask of a device at once, and how long to wait for it.

Pure; asking is left to `probes.snmp`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from noctule_agent.core.bounded import Bounded

# 50 varbinds of 25-29 B keep an answer inside one 1,472-byte datagram.
MAX_VARBINDS: Final = 50
FIRST_REPETITIONS: Final = 10
MAX_REPETITIONS: Final = 50
TIMEOUTS_S: Final = (1.5, 3.0, 5.0)
TIMEOUT_FLOOR_S: Final = 0.3
INTERVAL_SHARE: Final = 0.4
# A discovery makes some 30 walks each 10 min: after a failure more is tried half an hour later at the earliest.
FIRST_PATIENCE: Final = 50
MAX_PATIENCE: Final = 10_000
MAX_MODELS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of one kind may be asked at once: `value` now, at most `ceiling`, which a failure lowers.

    Grows by half while all goes well. After a failure neither grows until `patience` requests in a row went
    well, and each failure doubles that patience: a device is not tried beyond its means again and again.
    """

    value: int
    floor: int
    most: int
    ceiling: int
    good: int = 0
    patience: int = FIRST_PATIENCE

    def after_success(self) -> "Limit":
        """Return the limit after a full request that was answered completely."""
        if self.value < self.ceiling:
            return replace(self, value=min(self.ceiling, self.value + self.value // 2 + 1))
        if self.ceiling >= self.most:
            return self
        if self.good + 1 < self.patience:
            return replace(self, good=self.good + 1)
        ceiling = min(self.most, max(1, 2 * self.ceiling))
        return replace(self, good=0, ceiling=ceiling, value=min(ceiling, self.value + self.value // 2 + 1))

    def after_failure(self, asked: int | None = None) -> "Limit":
        """Return the limit after a request of `asked` (None: as much as may be) failed for its size: half of it."""
        half = max(self.floor, (self.value if asked is None else asked) // 2)
        patience = min(MAX_PATIENCE, 2 * self.patience)
        return replace(self, value=min(self.value, half), ceiling=min(self.ceiling, half), good=0, patience=patience)


@dataclass(frozen=True, slots=True)
class RequestSize:
    """How many varbinds fit one GET and how many repetitions one GETBULK, as learnt from this device."""

    gets: Limit = Limit(MAX_VARBINDS, floor=2, most=MAX_VARBINDS, ceiling=MAX_VARBINDS)
    walks: Limit = Limit(FIRST_REPETITIONS, floor=0, most=MAX_REPETITIONS, ceiling=MAX_REPETITIONS)

    @property
    def varbinds(self) -> int:
        """Return how many names one GET may hold, sysUpTime.0 included; at least 2."""
        return self.gets.value

    @property
    def repetitions(self) -> int:
        """Return how many rows one GETBULK may ask for; 0: one at a time, by GETNEXT."""
        return self.walks.value

    def after_get_complete(self) -> "RequestSize":
        """Return the size after a GET that was answered completely."""
        gets = self.gets.after_success()
        return self if gets is self.gets else RequestSize(gets, self.walks)

    def after_get_failed(self, varbinds: int | None = None) -> "RequestSize":
        """Return the size after a GET of `varbinds` (None: the most) failed: a timeout, tooBig, a partial answer."""
        return RequestSize(self.gets.after_failure(varbinds), self.walks)

    def after_walk_complete(self) -> "RequestSize":
        """Return the size after a walk that brought all rows: half as many repetitions again, up to 50."""
        walks = self.walks.after_success()
        return self if walks is self.walks else RequestSize(self.gets, walks)

    def after_walk_failed(self, repetitions: int | None = None) -> "RequestSize":
        """Return the size after `repetitions` (None: the most) failed: a timeout, rows missing, names going back."""
        return RequestSize(self.gets, self.walks.after_failure(repetitions))


class LearntSizes:
    """What devices of each model (sysObjectID) coped with; at most 1,000, the least recently used goes first."""

    def __init__(self) -> None:
        self._sizes: Bounded[str, RequestSize] = Bounded(MAX_MODELS)

    def of(self, model: str) -> RequestSize | None:
        """Return what the model's devices learnt, None when there was none yet."""
        return self._sizes.get(model)

    def learn(self, model: str, size: RequestSize) -> None:
        """Remember what one device of a model learnt last."""
        self._sizes.put(model, size)


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


def chunks(groups: Sequence[Sequence[str]], max_varbinds: int, *, reserved: int = 1) -> list[list[list[str]]]:
    """Return the groups in requests of at most `max_varbinds - reserved` names; empty groups are left out.

    A group (the columns of one interface) stays in one request when it fits one, so that its values and its
    sysUpTime belong to one moment; `reserved` leaves room for sysUpTime.0.
    """
    room = max(1, max_varbinds - reserved)
    requests: list[list[list[str]]] = []
    used = room
    for group in groups:
        for start in range(0, len(group), room):
            part = list(group[start : start + room])
            if used + len(part) > room:
                requests.append([])
                used = 0
            requests[-1].append(part)
            used += len(part)
    return requests


def halves(request: Sequence[Sequence[str]]) -> list[list[list[str]]]:
    """Return a request in two parts, between its groups if it has several; none when it is a single name."""
    if len(request) > 1:
        middle = len(request) // 2
        return [[list(group) for group in request[:middle]], [list(group) for group in request[middle:]]]
    names = list(request[0]) if request else []
    middle = len(names) // 2
    return [[names[:middle]], [names[middle:]]] if middle else []
