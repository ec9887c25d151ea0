"""Many devices at once in hub.db: each row for itself, kept together or not at all."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from noctule_shared.errors import Refused, invalid

from noctule_hub.core.audit import Authorship
from noctule_hub.core.records import Device
from noctule_hub.store.device_import import DeviceRow
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.devices import change_device, insert_device, read_device
from noctule_hub.store.sqlite.revisions import check_revision


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
                found.append(_load(connection, row, found, by))
            if dry_run or any(isinstance(one, Refused) for one in found):
                connection.execute("ROLLBACK TO import")
            connection.execute("RELEASE import")
            return found

        return await self._writer.submit(load)


def _load(
    connection: sqlite3.Connection, row: DeviceRow, before: Sequence[Device | Refused], by: Authorship
) -> Device | Refused:
    connection.execute("SAVEPOINT import_row")
    try:
        return _write(connection, row, before, by)
    except Refused as refusal:
        connection.execute("ROLLBACK TO import_row")
        return refusal
    finally:
        connection.execute("RELEASE import_row")


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
