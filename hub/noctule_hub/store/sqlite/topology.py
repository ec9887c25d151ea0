"""The layout of the topology map in hub.db."""

import sqlite3
from collections.abc import Mapping

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.topology import Layout, Position
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.present import check_devices
from noctule_hub.store.sqlite.revisions import check_revision


def _read(connection: sqlite3.Connection) -> Layout:
    revision: int = connection.execute("SELECT revision FROM layout").fetchone()[0]
    rows = connection.execute(
        """SELECT device_id, x, y FROM layout_position JOIN device ON device.id = device_id
           WHERE device.removed_ms IS NULL ORDER BY device_id"""
    )
    return Layout(revision, {device_id: Position(x, y) for device_id, x, y in rows})


def _put(
    connection: sqlite3.Connection, old: Layout, positions: Mapping[int, Position | None], by: Authorship
) -> Layout:
    before = {device_id: old.positions[device_id] for device_id in positions if device_id in old.positions}
    for device_id, position in positions.items():
        check_devices(connection, (device_id,), f"positions.{device_id}")
        if position is None:
            connection.execute("DELETE FROM layout_position WHERE device_id = ?", (device_id,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO layout_position VALUES (?, ?, ?)", (device_id, position.x, position.y)
            )
    connection.execute("UPDATE layout SET revision = revision + 1")
    new = _read(connection)
    # What did not move is not told again each time.
    after = {device_id: new.positions[device_id] for device_id in positions if device_id in new.positions}
    record(
        connection,
        by,
        AuditAction.CHANGED,
        "layout",
        object_id=None,
        name=f"{len(positions)} devices",
        before=Layout(old.revision, before),
        after=Layout(new.revision, after),
    )
    return new


class SqliteLayouts(Backed):
    """`Layouts` in SQLite. The positions of removed devices stay unseen: their ids are never used again."""

    async def layout(self) -> Layout:
        """Return the positions of devices that are there."""
        return await self._readers.read(_read)

    async def replace_layout(self, positions: Mapping[int, Position], *, revision: int, by: Authorship) -> Layout:
        """Put these positions in place of all. Raises `Refused` (invalid, the field)."""

        def replace(connection: sqlite3.Connection) -> Layout:
            old = _read(connection)
            check_revision("layout", old.revision, revision)
            connection.execute("DELETE FROM layout_position")
            return _put(connection, old, positions, by)

        return await self._writer.submit(replace)

    async def move_devices(self, positions: Mapping[int, Position | None], *, by: Authorship) -> Layout:
        """Give these devices these positions. Raises `Refused` (invalid, the field)."""
        return await self._writer.submit(lambda connection: _put(connection, _read(connection), positions, by))
