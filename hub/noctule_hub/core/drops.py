"""What the hub refused or threw away, in all and in the last hour, from counters that its parts keep anyway."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.exposition import Family

HOUR_MS: Final = 3_600_000
EVERY_MS: Final = 60_000
# Which counters tell of it, and by what name people are told; a counter without a label has one reason, its kind.
KINDS: Final[Mapping[str, str]] = {
    "noctule_hub_clients_refused_total": "clients",
    "noctule_hub_clients_cut_total": "cut",
    "noctule_hub_limited_total": "limits",
    "noctule_hub_logins_refused_total": "sign-ins",
    "noctule_hub_ingest_rejected_frames_total": "frames",
    "noctule_hub_ingest_failed_inputs_total": "failed-inputs",
    "noctule_hub_failed_judgements_total": "judgements",
    "noctule_hub_failed_surveys_total": "surveys",
    "noctule_hub_ticker_dropped_total": "live-values",
    "noctule_hub_tail_dropped_rows_total": "recent-rows",
    "noctule_hub_projector_dropped_rows_total": "orphan-rows",
    "noctule_hub_client_failures_total": "failures",
    "noctule_hub_fanout_failures_total": "deliveries",
}

Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Drop:
    """Of one kind and reason: how many since the start of the hub, and how many of them in the last hour."""

    kind: str
    reason: str
    total: int
    last_hour: int


def counted(families: Iterable[Family]) -> dict[tuple[str, str], int]:
    """Return the counts of `KINDS` among metrics, by kind and reason; those of which there are none are left out."""
    found: dict[tuple[str, str], int] = {}
    for family in families:
        kind = KINDS.get(family.name)
        if kind is None:
            continue
        for labels, value in family.samples:
            if value:
                found[kind, next(iter(labels.values()), kind)] = int(value)
    return found


class Drops:
    """Remembers the counts of the last hour, one in `EVERY_MS`: 61 at most."""

    def __init__(self) -> None:
        self._past: deque[tuple[int, Counts]] = deque(maxlen=HOUR_MS // EVERY_MS + 1)

    def note(self, counts: Counts, now_ms: int) -> None:
        """Take the counts of this moment; after a clock that was set back the hour begins anew."""
        if self._past and self._past[-1][0] >= now_ms:
            self._past.clear()
        self._past.append((now_ms, counts))

    def told(self, counts: Counts, now_ms: int) -> list[Drop]:
        """Return what the present counts come to, most of the last hour first. Before the first note all are new."""
        before: Counts = {}
        for at_ms, noted in self._past:
            if now_ms - at_ms < HOUR_MS:
                break
            before = noted
        found = [Drop(*key, total, total - before.get(key, 0)) for key, total in counts.items()]
        return sorted(found, key=lambda drop: (-drop.last_hour, -drop.total, drop.kind, drop.reason))
