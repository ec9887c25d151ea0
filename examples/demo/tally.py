"""What has arrived at the demo's own Socket.IO client, counted. Pure; receiving is left to `witness`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# A status that says how a device is. The step from `unknown` when a device is first seen is no news.
KNOWN: Final = frozenset({"online", "degraded", "offline", "unreachable", "maintenance"})


@dataclass(slots=True)
class Tally:
    """Counts of what arrived. `samples` are measurements, `events` are logged events, each counted once."""

    latency_samples: int = 0
    bandwidth_samples: int = 0
    status_changes: int = 0
    alerts: int = 0
    devices: set[int] = field(default_factory=set)
    sequence_numbers: set[int] = field(default_factory=set)

    @property
    def samples(self) -> int:
        """Return how many measurements have arrived."""
        return self.latency_samples + self.bandwidth_samples

    @property
    def events(self) -> int:
        """Return how many logged events have arrived."""
        return len(self.sequence_numbers)

    def note(self, name: str, payload: object) -> None:
        """Count one message. A payload that is not an object counts as nothing."""
        if not isinstance(payload, Mapping):
            return
        match name, payload:
            case "latency:update", {"items": [*items]}:
                self.latency_samples += self._measured(items, "rttS")
            case "bandwidth:update", {"items": [*items]}:
                self.bandwidth_samples += self._measured(items, "inBps")
            case _, {"seq": int(number)} if number not in self.sequence_numbers:
                self.sequence_numbers.add(number)
                self._logged(name, payload)

    def _measured(self, items: list[object], column: str) -> int:
        """Return how many items hold a number, not only the news that there is none."""
        rows = [item for item in items if isinstance(item, Mapping) and item.get(column) is not None]
        self.devices.update(row["deviceId"] for row in rows if isinstance(row.get("deviceId"), int))
        return len(rows)

    def _logged(self, name: str, payload: Mapping[str, object]) -> None:
        if name == "alert:new":
            self.alerts += 1
        if name == "device:status" and {payload.get("previous"), payload.get("status")} <= KNOWN:
            self.status_changes += 1

    def missing(self) -> list[str]:
        """Return the names of the events that a healthy demo must have shown and that did not come."""
        return [
            name
            for name, count in (
                ("latency:update", self.latency_samples),
                ("bandwidth:update", self.bandwidth_samples),
                ("device:status", self.status_changes),
                ("alert:new", self.alerts),
            )
            if not count
        ]
