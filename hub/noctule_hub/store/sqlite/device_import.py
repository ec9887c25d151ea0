"""Many devices at once in hub.db: those of an import together or not at all, else each for itself."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Final, TypeVar

from noctule_shared.errors import Refused, invalid

from noctule_hub.core.audit import Authorship
from noctule_hub.core.records import Device, NewDevice
from noctule_hub.store.device_import import DeviceRow
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.devices import change_device, delete_device, insert_device, read_device
from noctule_hub.store.sqlite.revisions import check_revision

Found = TypeVar("Found")
_WRITTEN: Final = tuple(field.name for field in fields(NewDevice))


class SqliteDeviceImports(Backed):
    """`DeviceImports` in SQLite."""

    async def import_devices(
        self, rows: Sequence[DeviceRow], *, dry_run: bool, by: Authorship
    ) -> list[Device | Refused]:
        """Add and change devices in one transaction; returns for each row the device, or why it is refused.

        Nothing is kept when any is refused, or of a dry run, whose devices have ids of no meaning.
        """

        def load(connection: sqlite3.Connection) -> list[Device | Refused]:
            connection.execute("SAVEPOINT import")
            found: list[Device | Refused] = []
            for row in rows:
                found.append(_alone(connection, lambda: _write(connection, row, found, by)))  # noqa: B023  called at once
            if dry_run or any(isinstance(one, Refused) for one in found):
                connection.execute("ROLLBACK TO import")
            connection.execute("RELEASE import")
            return found

        return await self._writer.submit(load)

    async def change_devices(
        self, device_ids: Sequence[int], change: Callable[[Device], NewDevice], *, by: Authorship
    ) -> list[bool | Refused]:
        """Change devices in one transaction, each for itself: returns whether it is another now, or why it is refused.

        `change` is pure; it is given each device as it is inside the transaction, so that nobody else's change is
        undone, and may raise `Refused`. Secrets stay. A device that stays as it was keeps its revision.
        """

        def change_one(connection: sqlite3.Connection, device_id: int) -> bool:
            old = read_device(connection, device_id)
            new = change(old)
            if all(getattr(old, name) == getattr(new, name) for name in _WRITTEN):
                return False
            change_device(connection, old, new, None, by)
            return True

        return await self._writer.submit(
            lambda connection: [_alone(connection, lambda: change_one(connection, one)) for one in device_ids]  # noqa: B023  called at once
        )

    async def remove_devices(self, device_ids: Sequence[int], *, by: Authorship) -> list[bool | Refused]:
        """Remove devices in one transaction, each for itself as `Devices.remove_device` does: True, or the refusal."""

        def remove_one(connection: sqlite3.Connection, device_id: int) -> bool:
            delete_device(connection, device_id, by)
            return True

        return await self._writer.submit(
            lambda connection: [_alone(connection, lambda: remove_one(connection, one)) for one in device_ids]  # noqa: B023  called at once
        )


def _alone(connection: sqlite3.Connection, work: Callable[[], Found]) -> Found | Refused:
    """Return what a part of the transaction comes to; of a part that is refused nothing stays."""
    connection.execute("SAVEPOINT one_of_many")
    try:
        return work()
    except Refused as refusal:
        connection.execute("ROLLBACK TO one_of_many")
        return refusal
    finally:
        connection.execute("RELEASE one_of_many")


def _write(
    connection: sqlite3.Connection, row: DeviceRow, before: Sequence[Device | Refused], by: Authorship
) -> Device:
    parents = set(row.new.parents)
    for position in row.behind:
        parent = before[position]
        if isinstance(parent, Refused):
            raise invalid("parents", "a device that it stands behind is refused")
        parents.add(parent.id)
    new = replace(row.new, parents=tuple(sorted(parents)))
    if row.device_id is None:
        return insert_device(connection, new, row.seal, by)
    old = read_device(connection, row.device_id)
    check_revision("device", old.revision, row.revision)
    return change_device(connection, old, new, row.seal, by)
