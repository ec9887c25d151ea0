"""Many devices at once: all of them or none, or each for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from noctule_shared.errors import Refused

from noctule_hub.core.audit import Authorship
from noctule_hub.core.records import Device, NewDevice


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device of an import. `device_id` None: to be added, else to be made like this from `revision`.

    `behind` are the positions of earlier rows through which it is reached, beside `new.parents`. `seal` is as in
    `Devices.add_device`.
    """

    new: NewDevice
    seal: Callable[[int], bytes] | None
    device_id: int | None = None
    revision: int = 0
    behind: tuple[int, ...] = ()


class DeviceImports(Protocol):
    """Devices by the thousand."""

    async def import_devices(
        self, rows: Sequence[DeviceRow], *, dry_run: bool, by: Authorship
    ) -> list[Device | Refused]:
        """Add and change devices in one transaction; returns for each row the device, or why it is refused.

        Nothing is kept when any is refused, or of a dry run, whose devices have ids of no meaning.
        """
        ...

    async def change_devices(
        self, device_ids: Sequence[int], change: Callable[[Device], NewDevice], *, by: Authorship
    ) -> list[bool | Refused]:
        """Change devices in one transaction, each for itself: returns whether it is another now, or why it is refused.

        `change` is pure; it is given each device as it is inside the transaction, so that nobody else's change is
        undone, and may raise `Refused`. Secrets stay. A device that stays as it was keeps its revision.
        """
        ...

    async def remove_devices(self, device_ids: Sequence[int], *, by: Authorship) -> list[bool | Refused]:
        """Remove devices in one transaction, each for itself as `Devices.remove_device` does: True, or the refusal."""
        ...
