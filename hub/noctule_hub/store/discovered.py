"""The part of the store's interface that knows what devices say of themselves and hear of others."""

from typing import Protocol

from noctule_hub.core.records import Neighbour, SystemGroup


class Discovered(Protocol):
    """What devices say of themselves and hear of others; written by commits."""

    async def system_group(self, device_id: int) -> SystemGroup | None:
        """Return what a device says of itself, None when it has not said anything yet."""
        ...

    async def neighbours(self, device_id: int) -> list[Neighbour]:
        """Return the neighbours of a device in the order of its ports."""
        ...

    async def discovered(self) -> tuple[dict[int, SystemGroup], dict[int, list[Neighbour]]]:
        """Return what all devices say of themselves, and all their neighbours, both by device id."""
        ...
