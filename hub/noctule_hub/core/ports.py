"""Which interface an ifIndex of a device means: the mapping that each inventory makes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from noctule_hub.core.records import Interface


@dataclass(frozen=True, slots=True)
class Ports:
    """A device's interface ids by ifIndex, valid for inventory `revision`.

    `before` is the mapping of the revision before: rows that were measured by it may still be on their way.
    """

    revision: int
    interface_ids: Mapping[int, int]
    before: "Ports | None" = None

    def of_revision(self, revision: int) -> Mapping[int, int] | None:
        """Return the mapping of that revision, or None when it is not known (any more)."""
        if revision == self.revision:
            return self.interface_ids
        if self.before is not None and revision == self.before.revision:
            return self.before.interface_ids
        return None


def ports_by_device(interfaces: Iterable[Interface]) -> dict[int, Ports]:
    """Return the ports of devices by interfaces as they are now; those that are removed are none."""
    by_device: dict[int, list[Interface]] = {}
    for interface in interfaces:
        if interface.removed_ms is None:
            by_device.setdefault(interface.device_id, []).append(interface)
    return {
        device_id: Ports(
            revision=max(row.inventory_rev for row in rows),
            interface_ids={row.if_index: row.id for row in rows},
        )
        for device_id, rows in by_device.items()
    }
