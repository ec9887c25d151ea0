"""The room on the hub's disk, as it was measured, and what rules about it find."""

from dataclasses import dataclass

from noctule_hub.core.alerting.conditions import StorageLow
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.findings import find_by
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.subjects import hub_subject
from noctule_hub.core.quantities import size
from noctule_hub.core.world import Draft


@dataclass(frozen=True, slots=True)
class StorageSpace:
    """The file system of the folder with the hub's data; `free_bytes`: what the hub may still write there.

    `dropped_days`: so many days of raw measurements went since the hub's start, because `retention.max_bytes` said so.
    """

    folder: str
    total_bytes: int
    free_bytes: int
    dropped_days: int = 0

    @property
    def free_ratio(self) -> float:
        """Which part is free, 0..1; 1 where the file system has no size."""
        return self.free_bytes / self.total_bytes if self.total_bytes else 1.0


def observe_storage(draft: Draft, space: StorageSpace) -> None:
    """Take how much room there is now."""
    ratio = space.free_ratio
    free = f"{_percent(ratio)} free ({size(space.free_bytes)})"
    subject = hub_subject(f"The hub's disk has {free} at {space.folder}")
    for rule in draft.world.rules.of(StorageLow):
        if not isinstance(rule.condition, StorageLow):
            continue
        condition = rule.condition
        reason = f"{free} of {size(space.total_bytes)} at {space.folder}; low at {_percent(condition.free_ratio)}"
        if space.dropped_days:
            reason += f"; retention.max_bytes has dropped {space.dropped_days} days of raw measurements since the start"
        evidence = Evidence(
            quantity="freeRatio",
            threshold=condition.free_ratio,
            clear=condition.clear_ratio,
            samples=(Sample(draft.now_ms, ratio),),
        )
        find_by(draft, rule, Finding(StorageLow, subject, _holds(condition, ratio), reason, draft.now_ms, evidence))


def _holds(condition: StorageLow, ratio: float) -> bool | None:
    if ratio <= condition.free_ratio:
        return True
    return False if ratio > condition.clear_ratio else None


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.3g} %"
