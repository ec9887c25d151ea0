"""The part of the store's interface that keeps maintenance windows."""

from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.maintenance import MaintenanceWindow, NewWindow


class Maintenance(Protocol):
    """Maintenance windows, at most `MAX_WINDOWS`."""

    async def windows(self) -> list[MaintenanceWindow]:
        """Return all windows by id."""
        ...

    async def window(self, window_id: int) -> MaintenanceWindow:
        """Return a window. Raises `Refused` (not-found)."""
        ...

    async def add_window(self, new: NewWindow, *, by: Authorship) -> MaintenanceWindow:
        """Add a window.

        Raises `Refused`: invalid, field deviceIds or siteIds, for one that is not there; too-many.
        """
        ...

    async def update_window(
        self, window_id: int, new: NewWindow, *, revision: int, by: Authorship
    ) -> MaintenanceWindow:
        """Make a window that still has `revision` as `new`; with another schedule it was never ended early.

        Devices and sites that are gone may stay in it. Raises `Refused`: not-found; invalid, field revision; else as
        `add_window` does.
        """
        ...

    async def end_window(self, window_id: int, *, by: Authorship) -> MaintenanceWindow:
        """End the occurrence that runs at `by.at_ms`; later ones stay.

        Raises `Refused`: not-found; invalid, field id, when none runs.
        """
        ...

    async def remove_window(self, window_id: int, *, by: Authorship) -> None:
        """Remove a window; its id is never reused. Raises `Refused` (not-found)."""
        ...
