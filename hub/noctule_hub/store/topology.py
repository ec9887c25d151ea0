"""The part of the store's interface that keeps where devices stand on the map."""

from collections.abc import Mapping
from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.topology import Layout, Position


class Layouts(Protocol):
    """The one layout of the topology map: a position for each device that was given one."""

    async def layout(self) -> Layout:
        """Return the positions of devices that are there."""
        ...

    async def replace_layout(self, positions: Mapping[int, Position], *, revision: int, by: Authorship) -> Layout:
        """Put these positions in place of all, if the layout still has `revision`.

        Raises `Refused` (invalid): field revision; or positions.ID for a device that is not there.
        """
        ...

    async def move_devices(self, positions: Mapping[int, Position | None], *, by: Authorship) -> Layout:
        """Give these devices these positions, with None no position; others stay where they are.

        Raises `Refused` (invalid, field positions.ID) for a device that is not there.
        """
        ...
