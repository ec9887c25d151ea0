"""Which events of the log somebody wants to read; who may see them is left to `rooms` and `projection`."""

from collections.abc import Collection
from dataclasses import dataclass

from noctule_shared.events import EventName

from noctule_hub.core.log_classes import BOTH, LogClass
from noctule_hub.core.records import EventRow


@dataclass(frozen=True, slots=True)
class EventFilter:
    """None: any. Times are those of observation, in epoch milliseconds, `[from_ms, to_ms)`."""

    names: frozenset[EventName] | None = None
    device_id: int | None = None
    site_id: int | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    # A caller who sees none of a class is spared reading it.
    visible: Collection[LogClass] = BOTH

    @property
    def classes(self) -> frozenset[LogClass]:
        """The classes in which something can meet the filter."""
        wanted = BOTH
        if self.names is not None and EventName.NETWORK_LOG not in self.names:
            wanted = frozenset({LogClass.EVENTS})
        return wanted & frozenset(self.visible)

    @property
    def unfiltered(self) -> "EventFilter":
        """The filter that everything of the same classes meets."""
        return EventFilter(visible=self.visible)

    def meets(self, row: EventRow) -> bool:
        """Return whether a row meets the filter."""
        return (
            (self.names is None or row.name in self.names)
            and self.device_id in {None, row.device_id}
            and self.site_id in {None, row.site_id}
            and (self.from_ms is None or row.observed_ms >= self.from_ms)
            and (self.to_ms is None or row.observed_ms < self.to_ms)
        )
