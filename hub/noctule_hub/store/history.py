"""The part of the store's interface that reads history in steps: rollups, what is missing, and statuses."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from noctule_shared.frames import TableName

from noctule_hub.core.alerting.usual import DelayHistory
from noctule_hub.core.availability import StatusChange
from noctule_hub.core.commit import GapRow
from noctule_hub.core.resolution import Reach, Resolution
from noctule_hub.core.rollups import Rollup


class History(Protocol):
    """Measurements in steps and what is known to be missing of them; rows are in a step as soon as committed."""

    async def rollup(
        self, table: TableName, object_id: int, resolution: Resolution, *, from_ms: int, to_ms: int
    ) -> Rollup:
        """Return the steps of one device (latency) or interface that touch `[from_ms, to_ms)`, by time.

        `resolution` is not raw. Each row that is committed counts once, also while it is projected; steps without
        any row are absent.
        """
        ...

    async def delays(self, *, from_ms: int, to_ms: int) -> DelayHistory:
        """Return what rounds of all devices came to in the bins that begin in `[from_ms, to_ms)`, as projected."""
        ...

    async def reach(self) -> Reach:
        """Return from when on there are rows of each resolution."""
        ...

    async def device_gaps(self, device_id: int, *, from_ms: int, to_ms: int, limit: int) -> list[GapRow]:
        """Return at most `limit` holes in the data of a device's agents while it was theirs, newest first.

        They touch `[from_ms, to_ms)` and end where the device's time with the agent did.
        """
        ...

    async def device_of_interface(self, interface_id: int) -> int | None:
        """Return the device of an interface that is or was, None when there never was such an interface."""
        ...


class Statuses(Protocol):
    """The history of devices' statuses, which outlives the event log."""

    async def status_changes(self, device_id: int, *, from_ms: int, to_ms: int, limit: int) -> Sequence[StatusChange]:
        """Return the changes in `[from_ms, to_ms)` and the last one before, in the order of observation.

        At most `limit` of them, the oldest ones; changes that became known late stand at their own time.
        """
        ...

    async def status_changes_of(
        self, device_ids: Sequence[int], *, from_ms: int, to_ms: int, limit: int
    ) -> Mapping[int, Sequence[StatusChange]]:
        """Return for each device what `status_changes` does, by one query.

        Devices that did not fit into `limit` changes of all have no entry, those without any change an empty one.
        """
        ...
